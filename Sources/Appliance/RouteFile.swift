import OutboundQueue

/// The configured routes with what their files hold.
enum RouteFile {
    /// A password is the first line of its file.
    ///
    /// - Throws: `ConfigurationError` when a password cannot be read.
    static func rules(_ texts: [String]) throws -> [RouteRule] {
        try texts.map { text in
            let rule = try RouteRule(text)
            guard let path = rule.passwordFile else { return rule }
            guard let line = SmallFile.read(path)?.split(whereSeparator: \.isNewline).first else {
                throw ConfigurationError(
                    file: "outbound.routes", line: 0, column: 0, problem: "the password in \(path) cannot be read")
            }
            return rule.authenticated(password: String(line))
        }
    }
}
