/// Rules for names of mailboxes: UTF-8, `/` between levels, `INBOX` in any case is one mailbox (RFC 3501 §5.1).
enum MailboxName {
    static let octetsMax = 1_000
    static let levelsMax = 50

    /// The name as it is stored; a `/` at the end is dropped (RFC 3501 §6.3.3).
    static func normal(_ name: String) throws(StoreError) -> String {
        var name = name.hasSuffix("/") ? String(name.dropLast()) : name
        let first = name.prefix { $0 != "/" }
        if first.lowercased() == "inbox" { name = "INBOX" + name.dropFirst(first.count) }
        guard name.utf8.count <= octetsMax else { throw .notAllowed(reason: "The mailbox name is too long") }
        let levels = name.split(separator: "/", omittingEmptySubsequences: false)
        guard levels.count <= levelsMax else { throw .notAllowed(reason: "The mailbox name has too many levels") }
        guard levels.allSatisfy({ !$0.isEmpty }) else {
            throw .notAllowed(reason: "A level of the mailbox name is empty")
        }
        // What combines with "/" would hide a level.
        guard levels.count - 1 == name.utf8.count(where: { $0 == UInt8(ascii: "/") }) else {
            throw .notAllowed(reason: "A level of the mailbox name begins with a combining mark")
        }
        // RFC 9051 §5.1: no control characters, no line or paragraph separators.
        guard
            name.unicodeScalars.allSatisfy({
                !($0.value < 0x20 || (0x7f...0x9f).contains($0.value)
                    || $0.value == 0x2028 || $0.value == 0x2029)
            })
        else { throw .notAllowed(reason: "The mailbox name has control characters") }
        return name
    }

    /// The names above this one, outermost first.
    static func superiors(of name: String) -> [String] {
        var result: [String] = []
        for index in name.indices where name[index] == "/" { result.append(String(name[..<index])) }
        return result
    }

    /// All names below `name` are from here on, and before `endOfInferiors`: "/" is followed by "0".
    static func startOfInferiors(_ name: String) -> String { name + "/" }

    static func endOfInferiors(_ name: String) -> String { name + "0" }
}
