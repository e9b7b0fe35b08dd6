import MailCore

extension Key {
    /// In the order of the file.
    static let all: [Key] = [
        .text(
            "hostname", \.hostname, "a full host name",
            "The server's own name, as its MX records, its reverse DNS and its certificate have it. Required.",
            where: { EmailAddress.isDomain($0) && $0.contains(".") }),
        .path("state", \.state, "Where everything is kept: mail, accounts, queue. Its file system must honour fsync."),
        .text(
            "user", \.user, "a user name or empty",
            "The system user that a server started by root becomes. Empty: it stays who it is.",
            where: { $0.utf8.count <= 32 && !$0.contains(":") && !$0.contains("/") }),
        .choice(
            "log_level", \.logLevel,
            "From this level on, lines go to standard error: debug, info, notice, warning, error."),

        .text(
            "listen.host", \.listenHost, "an address of this machine",
            "The address to listen on; \"::\" is every address of both kinds, \"0.0.0.0\" every IPv4 address.",
            where: { IPAddress($0) != nil }),
        .port("listen.smtp", \.smtpPort, "From other servers (RFC 5321). 0 in this section switches a listener off."),
        .port("listen.submission", \.submissionPort, "From mail programs, STARTTLS (RFC 6409)."),
        .port("listen.submissions", \.submissionsPort, "From mail programs, TLS from the first octet (RFC 8314)."),
        .port("listen.imap", \.imapPort, "IMAP with STARTTLS; no login before it."),
        .port("listen.imaps", \.imapsPort, "IMAP, TLS from the first octet."),
        .port("listen.pop3", \.pop3Port, "POP3 with STLS; no login before it."),
        .port("listen.pop3s", \.pop3sPort, "POP3, TLS from the first octet."),
        .text(
            "listen.http_host", \.httpHost, "an address of this machine",
            "Where /health and /metrics are served; they tell about the server, so keep it local.",
            where: { IPAddress($0) != nil }),
        .port("listen.http", \.httpPort, "The port of /health and /metrics."),

        .path(
            "tls.certificate", \.certificateFile, isOptional: true,
            "PEM: the certificate of the host name, then its issuers. Read again at SIGHUP. Empty: no TLS, no logins."),
        .path(
            "tls.key", \.keyFile, isOptional: true,
            "PEM: the certificate's key. The user above must be able to read it, also after a renewal."),

        .number(
            "limits.message_octets_max", \.messageOctetsMax, 65_536...1_073_741_824,
            "Largest message taken, in octets; announced as SIZE (RFC 1870). RFC 5321 §4.5.3.1.7 wants 65536 or more."),
        .number(
            "limits.recipients_max", \.recipientsMax, 100...10_000, "Recipients of one message (RFC 5321 §4.5.3.1.8)."),
        .number("limits.connections_max", \.connectionsMax, 10...1_000_000, "Connections at once, all ports together."),
        .number(
            "limits.connections_per_address_max", \.connectionsPerAddressMax, 1...1_000_000,
            "Connections at once from one address, all ports together."),

        .number(
            "imap.idle_keep_alive_seconds", \.idleKeepAliveSeconds, 0...1_740,
            "A client that waits in IDLE hears from us this often, give or take, so that routers keep the line. 0: never."
        ),
        .flag(
            "imap.compress", \.isCompressionOn,
            "Offers COMPRESS=DEFLATE (RFC 4978): saves octets on slow lines, for about 150 KB a connection and time."),
        .number(
            "pop3.login_delay_seconds", \.pop3LoginDelaySeconds, 0...3_600,
            "Seconds that must lie between two POP3 logins to one mailbox (RFC 2449 §6.5). 0: none."),

        .number(
            "store.keep_deleted_days", \.keepDeletedDays, 0...3_650,
            "Days that deleted mail can be brought back with postino undelete; a domain may have its own (postino quota set)."
        ),
        .number(
            "store.trace_days", \.traceDays, 1...3_650,
            "Days that the lives of messages can be asked for with postino trace."),
        .number(
            "store.reserve_mib", \.reserveMebioctets, 16...1_048_576,
            "With less than that free on the disk, in MiB, no more mail is taken; what is there can be read and deleted."
        ),
        .number(
            "store.cache_mib", \.cacheMebioctets, 8...65_536,
            "Memory for pages of the database, in MiB, all connections to it together."),

        Key(
            name: "trusted_networks",
            reason:
                "Networks whose clients may send anywhere without a login, as \"192.0.2.0/24\". None, not even loopback, is by itself.",
            isList: true,
            read: { (configuration, values) throws(Wrong) in
                var networks: [IPNetwork] = []
                for value in values {
                    guard let network = IPNetwork(value) else {
                        throw Wrong(expected: "a list of networks like 192.0.2.0/24")
                    }
                    networks.append(network)
                }
                configuration.trustedNetworks = networks
            }, show: { $0.trustedNetworks.map(\.description) }),
        .hostPort(
            "dns.resolver", \.dnsResolver,
            "The resolver to ask, as HOST:PORT. Empty: this server recurses by itself and validates DNSSEC."),
        .hostPort(
            "outbound.relay", \.relay,
            "Sends everything that is not local to this HOST:PORT. Empty: to the MX hosts of each domain."),

        .flag(
            "filter.enabled", \.isFilterOn, "SPF, DKIM, ARC, DMARC, virus and spam checks of what strangers send."),
        .path("filter.signatures", \.signaturesFolder, "The folder of ClamAV's signatures, as freshclam keeps it."),
        .choice(
            "filter.when_antivirus_fails", \.whenAntivirusFails,
            "When no scanner answers: \"defer\" (451, the sender tries again) or \"deliver\" (marked in the header)."),
        Key(
            name: "filter.trusted_sealers",
            reason:
                "Domains of ARC sealers (RFC 8617) that are believed when they say that DMARC passed before they changed a message: mailing lists, forwarders.",
            isList: true,
            read: { (configuration, values) throws(Wrong) in
                guard values.allSatisfy({ EmailAddress.isDomain($0) && $0.contains(".") }) else {
                    throw Wrong(expected: "a list of domains like lists.example.org")
                }
                configuration.trustedSealers = values
            }, show: { $0.trustedSealers }),

        .path("backup.folder", \.backupFolder, isOptional: true, "Where backup sets go. Empty: no scheduled backups."),
        .number("backup.every_hours", \.backupEveryHours, 1...8_760, "Hours between scheduled backups."),
        .number(
            "backup.keep_sets", \.backupKeepSets, 1...10_000, "Scheduled sets that are kept; the oldest beyond go."),
    ]
}
