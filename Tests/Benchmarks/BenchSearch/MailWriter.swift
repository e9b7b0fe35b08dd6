import NIOCore

/// Mail as it comes: a few words often and many seldom, names and numbers that are in one message alone, HTML beside plain
/// text in a third of it. The same number gives the same message.
struct MailWriter: Sendable {
    private static let letters = Array("etaoinsrhldcumfpgwybvkxjqz")

    /// 40,000 words; the first ones are written most.
    private let words: [String]
    private let people: [String]

    init() {
        var random = Random(seed: 1)
        words = (0..<40_000).map { index in
            let length = 2 + min(index / 40, 3) + random.below(6)
            // The common letters are drawn more often.
            return String((0..<length).map { _ in Self.letters[min(random.below(26), random.below(26))] })
        }
        let some = words
        people = (0..<400).map { _ in some[2_000 + random.below(30_000)] }
    }

    func prefix(_ number: Int) -> ByteBuffer {
        var random = Random(seed: UInt64(number) &* 31 &+ 7)
        let name = people[random.below(people.count)]
        return ByteBuffer(
            string: """
                Return-Path: <\(name)@\(name).example>\r
                Delivered-To: ann@here.test\r
                Authentication-Results: mail.here.test; iprev=pass policy.iprev=192.0.2.\(random.below(256));\r
                 spf=pass smtp.mailfrom=\(name).example; dmarc=pass header.from=\(name).example\r

                """)
    }

    func message(_ number: Int) -> ByteBuffer {
        var random = Random(seed: UInt64(number) &* 31 &+ 7)
        let name = people[random.below(people.count)]
        let host = "\(name).example"
        let isHTML = number % 3 == 0
        let boundary = "b\(random.hexadecimal(24))"
        var text = """
            Received: from out\(random.below(40)).\(host) (out.\(host) [192.0.2.\(random.below(256))])\r
            \tby mail.here.test with ESMTPS id \(random.hexadecimal(12))\r
            \tfor <ann@here.test>; Mon, 23 Nov 2026 10:\(10 + random.below(50)):00 +0000\r
            DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=\(host); s=s\(random.below(9));\r
            \tt=17954\(random.below(90_000)); h=from:to:subject:date:message-id; bh=\(random.base64(43))=;\r
            \tb=\(random.base64(60))\r
            \t \(random.base64(60))\r
            \t \(random.base64(52))\r
            From: \(name) \(people[random.below(people.count)]) <\(name)@\(host)>\r
            To: Ann <ann@here.test>\r
            Subject: \(sentence(&random, 6))\r
            Date: Mon, 23 Nov 2026 10:\(10 + random.below(50)):00 +0000\r
            Message-ID: <\(random.hexadecimal(20)).\(number)@\(host)>\r
            X-Mailer: \(words[3_000 + random.below(20)]) \(random.below(9)).\(random.below(9))\r
            MIME-Version: 1.0\r

            """
        if isHTML {
            text += "Content-Type: multipart/alternative; boundary=\"\(boundary)\"\r\n\r\n"
            let plain = paragraphs(&random, octets: 1_100)
            text += "--\(boundary)\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\(plain)\r\n"
            text += "--\(boundary)\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>"
            for line in plain.split(separator: "\r\n") { text += "<p class=\"x\">\(line)</p>\r\n" }
            text += "</body></html>\r\n--\(boundary)--\r\n"
        } else {
            text += "Content-Type: text/plain; charset=utf-8\r\n\r\n"
            text += paragraphs(&random, octets: 2_900)
        }
        return ByteBuffer(string: text + marks(number))
    }

    /// Words of which it is known how often they are written.
    private func marks(_ number: Int) -> String {
        var marks = ""
        if number % 5_000 == 17 { marks += "zqfew0\r\n" }
        if number % 50 == 9 { marks += "zqthousand0 of them\r\n" }
        if number % 2 == 0 { marks += "zqmany0\r\n" }
        return marks
    }

    private func paragraphs(_ random: inout Random, octets: Int) -> String {
        var text = ""
        while text.utf8.count < octets { text += sentence(&random, 9 + random.below(6)) + ".\r\n" }
        return text + "https://\(words[5_000 + random.below(900)]).example/\(random.hexadecimal(16))\r\n"
    }

    private func sentence(_ random: inout Random, _ count: Int) -> String {
        (0..<count).map { _ in words[random.seldomAbove(words.count)] }.joined(separator: " ")
    }
}

/// The same numbers for the same seed.
struct Random {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }

    /// Small numbers as often as common words are written: each rank by its share (Zipf).
    mutating func seldomAbove(_ bound: Int) -> Int {
        let share = Double(next() >> 11) / Double(1 << 53)
        var rank = 1.0
        // bound to the power of `share`, by halves, so that no library is needed.
        var factor = Double(bound)
        var rest = share
        for _ in 0..<24 {
            factor = factor.squareRoot()
            rest *= 2
            if rest >= 1 {
                rank *= factor
                rest -= 1
            }
        }
        return min(bound - 1, Int(rank) - 1)
    }

    mutating func hexadecimal(_ count: Int) -> String { text(count, Array("0123456789abcdef")) }

    mutating func base64(_ count: Int) -> String {
        text(count, Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
    }

    private mutating func text(_ count: Int, _ letters: [Character]) -> String {
        String((0..<count).map { _ in letters[below(letters.count)] })
    }
}
