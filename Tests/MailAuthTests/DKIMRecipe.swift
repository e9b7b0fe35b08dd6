import DNS
import MIME
import MailAuth
import MailCrypto
import NIOCore

/// A message that is signed here, by a signer of the tests' own, and then spoiled: valid but for what a test changes.
///
/// Lines end in LF until the message is made; the canonical forms are written a second time, as plainly as can be.
struct DKIMRecipe: Sendable {
    static let rsaKey = made(.rsa)
    static let ed25519Key = made(.ed25519)

    var kind = KeyKind.rsa
    var fields = [
        "From: Ann <ann@example.org>", "To: Bob <bob@example.net>", "Subject: Lunch  on \tFriday ",
        "Date: Mon, 23 Nov 2026 21:02:54 +0000", "Message-ID: <1@example.org>",
    ]
    var body = "Hello  Bob,\n\nshall we have \t lunch? \n\nAnn\n"
    /// Of header and body, true for relaxed.
    var isRelaxed = (header: true, body: true)
    /// In the order in which they are written; `bh` and `b` are filled in where they stand empty.
    var tags: [(String, String)] = [
        ("v", "1"), ("a", "rsa-sha256"), ("c", "relaxed/relaxed"), ("d", "example.org"), ("s", "sel"),
        ("h", "from:to:subject:date:message-id"), ("bh", ""), ("b", ""),
    ]
    /// Of the field's value around the tags.
    var separator = ";\n "
    var end = ""
    /// TXT records at the key's name; "KEY" in them is the public half.
    var records = ["v=DKIM1; k=rsa; p=KEY"]
    var recordName = "sel._domainkey.example.org"
    var failsLookup = false
    var now: Int64 = 1_795_000_000
    /// Signed over the body up to here.
    var bodyLength: Int?
    /// What happens to the signed message, its lines ending in LF.
    var afterwards: @Sendable (inout String) -> Void = { _ in }

    mutating func set(_ name: String, _ value: String?) {
        guard let value else { return tags.removeAll { $0.0 == name } }
        if let index = tags.firstIndex(where: { $0.0 == name }) {
            tags[index].1 = value
        } else {
            tags.insert((name, value), at: tags.count - 2)
        }
    }

    mutating func replace(_ old: String, _ new: String) {
        let before = afterwards
        afterwards = { message in
            before(&message)
            message = message.replacing(old, with: new, maxReplacements: 1)
        }
    }

    private static func made(_ kind: KeyKind) -> SigningKey {
        guard let key = try? SigningKey(generating: kind) else { preconditionFailure("no key can be made") }
        return key
    }

    private var key: SigningKey { kind == .rsa ? Self.rsaKey : Self.ed25519Key }

    // MARK: Made

    var resolver: StaticResolver {
        let publicHalf = (try? key.publicOctets()).map { Base64.encode($0) } ?? ""
        let texts = records.map { StaticResolver.Record.txt($0.replacing("KEY", with: publicHalf)) }
        return StaticResolver([recordName: failsLookup ? [.failure(nil)] : texts])
    }

    var message: Message {
        get throws {
            var text = try signatureField() + fields.map { $0 + "\n" }.joined() + "\n" + body
            afterwards(&text)
            return Message(parsing: ByteBuffer(bytes: crlf(text)))
        }
    }

    func findings() async throws -> SignatureFindings {
        let message = try message
        return await SignatureVerifier(resolver: resolver).verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: now)
    }

    // MARK: Signed

    private func signatureField() throws -> String {
        var tags = tags
        if let index = tags.firstIndex(where: { $0 == ("bh", "") }) {
            let canonical = bodyOctets
            tags[index].1 = Base64.encode(SHA256.hash(Array(canonical.prefix(bodyLength ?? canonical.count))).octets)
        }
        func field() -> String {
            "DKIM-Signature: " + tags.map { "\($0.0)=\($0.1)" }.joined(separator: separator) + end + "\n"
        }
        guard let index = tags.firstIndex(where: { $0 == ("b", "") }) else { return field() }
        var signed = headerOctets(field())
        signed.removeLast(2)
        tags[index].1 = Base64.encode(try key.sign(SHA256.hash(signed)))
        return field()
    }

    private func headerOctets(_ signatureField: String) -> [UInt8] {
        var rest = fields.map { $0 + "\n" }
        var text = ""
        let names = tags.first { $0.0 == "h" || $0.0 == "h " }?.1.split(separator: ":") ?? []
        for name in names {
            let name = name.split { $0.isWhitespace }.joined().lowercased()
            guard let index = rest.lastIndex(where: { $0.lowercased().hasPrefix(name + ":") }) else { continue }
            text += canonicalField(rest.remove(at: index))
        }
        return crlf(text + canonicalField(signatureField))
    }

    private func canonicalField(_ field: String) -> String {
        guard isRelaxed.header else { return field }
        let colon = field.firstIndex(of: ":") ?? field.startIndex
        let words = field[field.index(after: colon)...].split { " \t\n".contains($0) }
        return field[..<colon].lowercased() + ":" + words.joined(separator: " ") + "\n"
    }

    private var bodyOctets: [UInt8] {
        var lines = body.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if isRelaxed.body { lines = lines.map(relaxed) }
        while lines.last == "" { lines.removeLast() }
        if lines.isEmpty { return isRelaxed.body ? [] : [13, 10] }
        return crlf(lines.joined(separator: "\n") + "\n")
    }

    private func relaxed(_ line: String) -> String {
        let words = line.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        let startsBlank = line.first == " " || line.first == "\t"
        return (startsBlank && !words.isEmpty ? " " : "") + words
    }

    private func crlf(_ text: String) -> [UInt8] {
        text.utf8.flatMap { $0 == 10 ? [13, 10] : [$0] }
    }
}
