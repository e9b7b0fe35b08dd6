/// Mail of few words, so that they meet, in all the ways in which mail is written.
struct RandomMail {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1 }

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % bound
    }

    mutating func one<Element>(of all: [Element]) -> Element { all[below(all.count)] }

    static let words = [
        "alpha", "alphabet", "beta", "Betamax", "gamma", "x", "ab12", "12", "foo-bar", "c++", "naïve", "“quoted”", "…",
        "GRÜSSE", "grüße", "日本語テキスト", "日本", "ключ", "\u{1f600}", "q_q", "none", "aa", "aaa", "İI", "ſS",
        String(repeating: "long", count: 90),
    ]

    private static let separators = [" ", " ", " ", ", ", "\r\n", "-", "\u{a0}", "\u{3000}", "--", ""]

    mutating func text(_ count: Int) -> String {
        (0..<count).map { _ in one(of: Self.words) + one(of: Self.separators) }.joined()
    }

    /// A part of some text, or something that is in none.
    mutating func needle(from mail: String) -> String {
        switch below(8) {
        case 0: return one(of: Self.words)
        case 1: return one(of: Self.words).uppercased()
        case 2: return one(of: Self.words) + one(of: Self.separators) + one(of: Self.words)
        case 3:
            return one(of: [" ", "--", ":", "e", "a", "1", "=", "@", "\r\n", "subject: ", "content-type", "nowhere"])
        default:
            let characters = Array(mail.unicodeScalars)
            guard !characters.isEmpty else { return "none" }
            let start = below(characters.count)
            let count = 1 + below(below(3) == 0 ? 40 : 8)
            var text = ""
            text.unicodeScalars.append(contentsOf: characters[start..<min(start + count, characters.count)])
            return text
        }
    }

    mutating func mail() -> String {
        let subject = text(1 + below(3)).replacing("\r\n", with: " ")
        let written = below(2) == 0 ? subject : "=?utf-8?B?\(Base64Text.encode(subject))?="
        var mail = "From: \(one(of: ["Ann", "Bob", "alpha beta"])) <\(one(of: ["ann", "x12"]))@here.test>\r\n"
        mail += "Subject: \(written)\r\n"
        if below(3) == 0 { mail += "X-Word: \(text(2).replacing("\r\n", with: "\r\n "))\r\n" }
        if below(4) == 0 { mail += "Cc: \(text(1).replacing("\r\n", with: " "))\r\n" }
        return mail + body(depth: 0)
    }

    private mutating func body(depth: Int) -> String {
        switch below(depth > 1 ? 4 : 7) {
        case 0: return "Content-Type: text/plain; charset=utf-8\r\n\r\n\(text(below(8)))"
        case 1:
            return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + Base64Text.encode(text(below(8)))
        case 2:
            let marked = (0..<below(6)).map { _ in "\(text(1))<b title=\"alpha\">\(text(1))</b>&amp;" }
            return "Content-Type: text/html; charset=utf-8\r\n\r\n<p>\(marked.joined())</p><br>beta"
        case 3: return "Content-Type: text/plain; charset=koi8-r\r\n\r\n\(text(2))"
        case 4:
            return "Content-Type: multipart/mixed; boundary=b\(depth)\r\n\r\n--b\(depth)\r\n\(body(depth: depth + 1))"
                + "\r\n--b\(depth)\r\nContent-Type: image/png; name=\"\(one(of: Self.words)).png\"\r\n\r\nalpha"
                + "\r\n--b\(depth)--\r\n"
        case 5:
            return "Content-Type: message/rfc822\r\n\r\nSubject: \(one(of: Self.words))\r\n\(body(depth: depth + 1))"
        default: return "\r\n\(text(below(8)))"
        }
    }
}

/// RFC 4648 §4, for texts of the tests.
enum Base64Text {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    static func encode(_ text: String) -> String {
        let octets = Array(text.utf8)
        var result = ""
        for start in stride(from: 0, to: octets.count, by: 3) {
            let group = octets[start..<min(start + 3, octets.count)]
            let bits = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for place in 0..<4 {
                result.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : "=")
            }
        }
        return result
    }
}
