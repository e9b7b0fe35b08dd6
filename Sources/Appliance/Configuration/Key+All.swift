import MailCore
import OutboundQueue

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
        .text(
            "listen.lmtp_host", \.lmtpHost, "an address of this machine",
            "Where LMTP is served (RFC 2033), to another mail server that has checked the mail; keep it local.",
            where: { IPAddress($0) != nil }),
        .port("listen.lmtp", \.lmtpPort, "LMTP, in clear and without a login."),
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
        .path(
            "tls.authorities", \.authoritiesFile, isOptional: true,
            "PEM: authorities that are believed beside the system's when other servers prove who they are (MTA-STS, routes with tls=verify). Read once."
        ),

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
            "limits.connections_per_network_max", \.connectionsPerNetworkMax, 1...1_000_000,
            "Connections at once from 256 IPv4 addresses or a /48 of IPv6, all ports together."),
        .number(
            "limits.messages_per_address_hour", \.messagesPerAddressHour, 0...1_000_000_000,
            "Messages of a stranger in an hour, by address (IPv6: by /64); more get 451. 0 in these is no limit."),
        .number(
            "limits.recipients_per_address_hour", \.recipientsPerAddressHour, 0...1_000_000_000,
            "Recipients that a stranger names in an hour; more get 451."),
        .number(
            "limits.messages_per_network_hour", \.messagesPerNetworkHour, 0...1_000_000_000,
            "Messages in an hour from 256 IPv4 addresses or a /48 of IPv6; more get 451."),
        .number(
            "limits.messages_per_hour", \.messagesPerHour, 0...1_000_000_000,
            "Messages in an hour from all strangers together; more get 451."),
        .number(
            "limits.guesses_per_address_hour", \.guessesPerAddressHour, 0...1_000_000_000,
            "Recipients that do not exist: a stranger who names more in an hour is sent away (421) until it is over."),
        .number(
            "limits.greeting_delay_seconds", \.greetingDelaySeconds, 0...30,
            "Seconds that a stranger who never sent a message waits for the greeting; who speaks first is sent away."),

        .number(
            "submission.messages_per_hour", \.accountMessagesPerHour, 0...1_000_000_000,
            "Messages that one mailbox may send in an hour; more get 450. 0 in these is no limit."),
        .number(
            "submission.messages_per_day", \.accountMessagesPerDay, 0...1_000_000_000,
            "Messages that one mailbox may send in 24 hours."),
        .number(
            "submission.recipients_per_hour", \.accountRecipientsPerHour, 0...1_000_000_000,
            "Recipients that one mailbox may write to in an hour."),
        .number(
            "submission.recipients_per_day", \.accountRecipientsPerDay, 0...1_000_000_000,
            "Recipients that one mailbox may write to in 24 hours."),
        .number(
            "submission.new_recipients_per_hour", \.accountStrangersPerHour, 0...1_000_000_000,
            "Recipients in an hour to whom the mailbox never wrote before: what a stolen password is used for."),
        .number(
            "submission.new_recipients_per_day", \.accountStrangersPerDay, 0...1_000_000_000,
            "Such recipients in 24 hours."),
        .flag(
            "submission.checks_from", \.checksFrom,
            "From and Sender in the header must be the mailbox' own, an alias of it or granted (postino send-as)."),
        .flag(
            "submission.hides_client", \.hidesClient,
            "Received lines of mail from our own people do not tell the address that they sent it from."),
        .choice(
            "smtp.bare_line_ends", \.bareLineEnds,
            "A bare CR or LF in a message (RFC 5321 §2.3.8): \"repair\" (a space, CR LF) or \"refuse\" (550 5.6.0)."),

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

        .networks(
            "trusted_networks", \.trustedNetworks,
            "Networks whose clients may send anywhere without a login, as \"192.0.2.0/24\". None, not even loopback, is by itself."
        ),
        .networks(
            "proxy_networks", \.proxyNetworks,
            "Networks of proxies whose connections, on every mail port, begin with the PROXY protocol, version 1 or 2. Nothing else may come from there."
        ),
        .hostPort(
            "dns.resolver", \.dnsResolver,
            "The resolver to ask, as HOST:PORT. Empty: this server recurses by itself and validates DNSSEC."),
        .path(
            "dns.trust_anchor", \.trustAnchorFile, isOptional: true,
            "The root's keys, DS or DNSKEY records, by which DNSSEC is validated: /usr/share/dns/root.key with a resolver that passes signatures on. Empty: that file for this server's own recursion; what a resolver says is not validated, and DANE is off."
        ),
        .hostPort(
            "outbound.relay", \.relay,
            "Sends everything that is not local to this HOST:PORT. Empty: to the MX hosts of each domain."),
        Key(
            name: "outbound.routes",
            reason:
                "Ways for some mail, the first that matches counts: \"to=DOMAIN\" (\"to=.DOMAIN\" with all below it) and \"from=ADDRESS\" (\"from=@DOMAIN\"), then \"direct\" or \"via=HOST:PORT\"; for a host \"tls=\" opportunistic, required, verify or implicit, \"login=NAME password_file=PATH\"; for both \"from4=\" and \"from6=\" (source addresses), \"connections=\" and \"per_minute=\" (messages).",
            isList: true,
            read: { (configuration, values) throws(Wrong) in
                for value in values {
                    do throws(RouteRule.Fault) {
                        _ = try RouteRule(value)
                    } catch {
                        throw Wrong(expected: "a list of routes (one \(error.reason))")
                    }
                }
                configuration.routes = values
            }, show: { $0.routes }),
        .flag(
            "outbound.mta_sts", \.usesMTASTS,
            "Ask domains over HTTPS whether their mail servers prove who they are (RFC 8461); DANE needs no switch."),
        .flag(
            "outbound.tls_reports", \.sendsTLSReports,
            "Tell domains that ask for it, once a day by mail, how TLS with their servers went (RFC 8460)."),
        .number(
            "outbound.keep_finished_days", \.keepFinishedDays, 1...3_650,
            "Days that finished deliveries can be searched with postino queue list --finished."),
        .number(
            "dkim.rotate_days", \.keyRotationDays, 0...3_650,
            "Days after which a domain gets new signing keys; they wait until their records are in the DNS. 0: only by command."
        ),

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
