import SASL

/// What CAPABILITY says (RFC 3501 §7.2.1).
enum Capability {
    /// The words behind "CAPABILITY".
    static func words(
        _ configuration: ServerConfiguration, isAuthenticated: Bool, hasTLS: Bool, endPoint: [UInt8]?,
        isCompressed: Bool
    ) -> String {
        var words = ["IMAP4rev1", "IMAP4rev2"]
        if !isAuthenticated {
            if !hasTLS, configuration.offersStartTLS { words.append("STARTTLS") }
            // RFC 3501 §6.2.3: LOGINDISABLED where a password would go in clear.
            if hasTLS || configuration.allowsCleartextLogin {
                let mechanisms = Mechanism.offered(scram: configuration.offersSCRAM, isBound: endPoint != nil)
                words += mechanisms.map { "AUTH=\($0.rawValue)" }
            } else {
                words.append("LOGINDISABLED")
            }
        }
        words += common(configuration)
        if isAuthenticated, configuration.offersCompression, !isCompressed { words.append("COMPRESS=DEFLATE") }
        if isAuthenticated, configuration.offersUnauthenticate { words.append("UNAUTHENTICATE") }
        return words.joined(separator: " ")
    }

    /// What is there in every state.
    static func common(_ configuration: ServerConfiguration) -> [String] {
        [
            "SASL-IR", "LITERAL+", "ID", "ENABLE", "IDLE", "NAMESPACE", "UIDPLUS", "UNSELECT", "MOVE", "CHILDREN",
            "SPECIAL-USE", "CREATE-SPECIAL-USE", "CONDSTORE", "QRESYNC", "ESEARCH", "SEARCHRES", "WITHIN",
            "LIST-EXTENDED", "LIST-STATUS", "STATUS=SIZE", "OBJECTID", "SAVEDATE", "PREVIEW",
            "MULTIAPPEND", "UTF8=ACCEPT", "BINARY", "SORT", "SORT=DISPLAY", "ESORT", "THREAD=ORDEREDSUBJECT",
            "THREAD=REFERENCES", "THREAD=REFS", "PARTIAL", "UIDONLY", "REPLACE", "QUOTA", "QUOTA=RES-STORAGE",
            "QUOTA=RES-MESSAGE",
            "LANGUAGE", "I18NLEVEL=1", "INPROGRESS", "MULTISEARCH", "CATENATE", "METADATA", "LIST-METADATA", "NOTIFY",
            "CONTEXT=SEARCH", "CONTEXT=SORT",
            // RFC 4314 §5.1.1: the rights that RFC 2086 did not have.
            "ACL", "RIGHTS=kxte", "LIST-MYRIGHTS",
            // RFC 7889 §3: one limit for all mailboxes.
            "APPENDLIMIT=\(configuration.messageOctetsMax)",
        ]
    }
}
