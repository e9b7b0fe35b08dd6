import Glibc

/// What other programs read to find this server: `DIR/env`.
struct Environment {
    let options: LocalserveOptions
    let folder: StateFolder
    let ports: Server.Ports
    let authorityFile: String

    /// Lines KEY=VALUE.
    var text: String {
        let values: [(String, String)] = [
            ("HOST", Localserve.host), ("DOMAIN", options.domain), ("USERS", "\(options.mailboxes)"),
            ("MX_PORT", "\(ports.smtp)"), ("SUBMISSION_PORT", "\(ports.submission)"),
            ("SUBMISSIONS_PORT", "\(ports.submissions)"), ("IMAP_PORT", "\(ports.imap)"),
            ("IMAPS_PORT", "\(ports.imaps)"), ("POP3_PORT", "\(ports.pop3)"), ("POP3S_PORT", "\(ports.pop3s)"),
            ("HTTP_PORT", "\(ports.http)"), ("CA_FILE", authorityFile), ("PIDS", "\(getpid())"),
            ("DATA_DIR", folder.path), ("CONFIG_FILE", folder.file("postino.yaml")),
        ]
        return values.map { "\($0.0)=\($0.1)\n" }.joined()
    }

    /// For the person who started it.
    var explanation: String {
        let last = options.mailboxes == 1 ? "" : " to user\(options.mailboxes - 1)@\(options.domain)"
        let outgoing =
            options.relay.map { "Mail for elsewhere goes to \($0)." }
            ?? "Mail for elsewhere is caught in \(folder.path)/outgoing; nothing leaves this machine."
        return """
            Mailboxes: user0@\(options.domain)\(last), password \(options.password) (the whole address is the login name)
            Outgoing:  \(Localserve.host) port \(ports.submission) (STARTTLS) or \(ports.submissions) (TLS)
            IMAP:      \(Localserve.host) port \(ports.imaps) (TLS) or \(ports.imap) (STARTTLS)
            POP3:      \(Localserve.host) port \(ports.pop3s) (TLS) or \(ports.pop3) (STLS)
            Trust the authority in \(authorityFile).
            On these loopback ports IMAP and POP3 take a login in clear too; a real server refuses that.
            \(options.limits == .lab ? "Passwords are kept with a cheap hash, for trying out only.\n" : "")\(outgoing)

            """
    }
}
