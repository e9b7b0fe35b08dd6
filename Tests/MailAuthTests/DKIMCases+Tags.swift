import MailAuth

extension DKIMCases {
    // RFC 6376 §3.5, §6.1.1.
    static let fields: [Case] = [
        Case("no v=", .permerror) { $0.set("v", nil) },
        Case("v=2", .permerror) { $0.set("v", "2") },
        Case("v=1.0", .permerror) { $0.set("v", "1.0") },
        Case("no a=", .permerror) { $0.set("a", nil) },
        Case("an unknown a=", .permerror) { $0.set("a", "rsa-sha512") },
        Case("a=rsa-sha1 (RFC 8301 §3.1)", .permerror) { $0.set("a", "rsa-sha1") },
        Case("a= in upper case", .permerror) { $0.set("a", "RSA-SHA256") },
        Case("a= of the other kind", .permerror) { $0.set("a", "ed25519-sha256") },
        Case("no b=", .permerror) { $0.set("b", nil) },
        Case("b= of blanks", .permerror) { $0.set("b", " ") },
        Case("b= that is not Base64", .permerror) { $0.set("b", "a*b=") },
        Case("b= too short", .fail) { $0.set("b", "AAAA") },
        Case("no bh=", .permerror) { $0.set("bh", nil) },
        Case("bh= that is not Base64", .permerror) { $0.set("bh", "***") },
        Case("bh= of 20 octets", .permerror) { $0.set("bh", "qUiQTy8PR5uPgZdpSzAYSw0u0cM=") },
        Case("bh= of another body", .fail) { $0.set("bh", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=") },
        Case("b= in front of the others", .pass) {
            $0.tags.removeAll { $0.0 == "b" }
            $0.tags.insert(("b", ""), at: 1)
        },
        Case("q=dns/txt", .pass) { $0.set("q", "dns/txt") },
        Case("q=other:dns/txt", .pass) { $0.set("q", "other : dns/txt") },
        Case("q=other", .permerror) { $0.set("q", "other") },
        Case("z= is not looked at", .pass) { $0.set("z", "From:ann@example.org|Subject:=20x") },
        Case("an unknown tag", .pass) { $0.set("foo_1", "bar") },
    ]

    // RFC 6376 §3.4.5, §8.2: what l= leaves out anybody can have written.
    static let bodies: [Case] = [
        Case("l= of the whole body", .pass) { $0.set("l", "43") },
        Case("l= and text behind it", .policy) {
            $0.set("l", "43")
            $0.afterwards = { $0 += "Buy this\n" }
        },
        Case("l= and changed text in front of it", .fail) {
            $0.set("l", "43")
            $0.replace("shall", "Shall")
        },
        Case("l=0", .policy) {
            $0.set("l", "0")
            $0.bodyLength = 0
        },
        Case("l=0 of no body", .pass) {
            $0.set("l", "0")
            $0.body = ""
        },
        Case("l= in the middle of a line", .policy) {
            $0.set("l", "7")
            $0.bodyLength = 7
        },
        Case("l= between CR and LF", .policy) {
            $0.set("l", "11")
            $0.bodyLength = 11
        },
        Case("l= one beyond the body", .fail) { $0.set("l", "44") },
        Case("l= of 76 digits", .fail) { $0.set("l", String(repeating: "9", count: 76)) },
        Case("l= of 77 digits", .permerror) { $0.set("l", String(repeating: "0", count: 77)) },
        Case("l= below zero", .permerror) { $0.set("l", "-1") },
        Case("l= that is no number", .permerror) { $0.set("l", "4 5") },
        Case("an empty l=", .permerror) { $0.set("l", "") },
    ]

    static let times: [Case] = [
        Case("x= to come", .pass) { $0.set("x", "1795000001") },
        Case("x= is now", .pass) { $0.set("x", "1795000000") },
        Case("x= has passed", .fail) { $0.set("x", "1794999999") },
        Case("x= is t=", .permerror) {
            $0.set("t", "1795000001")
            $0.set("x", "1795000001")
        },
        Case("x= before t=", .permerror) {
            $0.set("t", "1794999999")
            $0.set("x", "1794999998")
        },
        Case("x= that is no number", .permerror) { $0.set("x", "tomorrow") },
        Case("t= of a clock that is a day fast", .pass) { $0.set("t", "1795086400") },
        Case("t= of the future", .policy) { $0.set("t", "1795086401") },
        Case("t=0", .pass) { $0.set("t", "0") },
        Case("t= of 12 digits", .policy) { $0.set("t", "999999999999") },
        Case("t= of 13 digits", .permerror) { $0.set("t", "0000000000001") },
        Case("t= below zero", .permerror) { $0.set("t", "-1") },
    ]

    // RFC 6376 §3.2.
    static let syntax: [Case] = [
        Case("a semicolon at the end", .pass) { $0.end = ";" },
        Case("a semicolon and blanks at the end", .pass) { $0.end = "; \n\t " },
        Case("two semicolons at the end", .permerror) { $0.end = ";;" },
        Case("two semicolons in the middle", .permerror) { $0.separator = ";;" },
        Case("no blanks at all", .pass) { $0.separator = ";" },
        Case("blanks around names and values", .pass) {
            $0.tags = $0.tags.map { ($0.0 + " ", $0.1.isEmpty ? "" : " " + $0.1 + " ") }.map { tag in
                tag.1.isEmpty ? (String(tag.0.dropLast()), "") : tag
            }
        },
        Case("a tag without \"=\"", .permerror) { $0.replace("\n d=", "\n nonsense;\n d=") },
        Case("a name that begins with a digit", .permerror) { $0.set("1x", "y") },
        Case("a name with a hyphen", .permerror) { $0.set("x-y", "z") },
        Case("names are told apart by case", .permerror) {
            $0.set("d", nil)
            $0.set("D", "example.org")
        },
        Case("d= twice", .permerror) { $0.tags.insert(("d", "example.org"), at: 1) },
        Case("an unknown tag twice", .permerror) {
            $0.tags.insert(("zz", "1"), at: 1)
            $0.tags.insert(("zz", "2"), at: 1)
        },
        Case("a control character in a value", .permerror) { $0.set("zz", "a\u{1}b") },
        Case("100 tags", .pass) { recipe in for index in 0..<92 { recipe.set("x\(index)", "") } },
        Case("101 tags", .permerror) { recipe in for index in 0..<93 { recipe.set("x\(index)", "") } },
        Case("tags of 33 KiB", .permerror) { $0.set("zz", String(repeating: "z", count: 33_000)) },
    ]

    /// Nothing of a stranger's is a message that we would choke on.
    static let failures: [Case] = [
        Case("an empty field", .permerror) {
            $0.tags = []
            $0.separator = ""
        },
        Case("a field of semicolons", .permerror) {
            $0.tags = []
            $0.end = String(repeating: ";", count: 1_000)
        },
    ]
}
