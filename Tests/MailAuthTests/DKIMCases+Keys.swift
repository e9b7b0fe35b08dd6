import MailAuth
import MailCrypto

extension DKIMCases {
    // RFC 6376 §3.5 `i=`, `d=`, `s=`; RFC 8616.
    static let identities: [Case] = [
        Case("i= is d=", .pass) { $0.set("i", "@example.org") },
        Case("i= with a local part", .pass) { $0.set("i", "ann@example.org") },
        Case("i= below d=", .pass) { $0.set("i", "ann@news.example.org") },
        Case("i= in upper case", .pass) { $0.set("i", "ANN@EXAMPLE.ORG") },
        Case("i= quoted-printable, with an \"@\" in it", .pass) { $0.set("i", "a=40b=3D=20@example.org") },
        Case("i= in UTF-8", .pass) { $0.set("i", "\u{e4}nn@example.org") },
        Case("i= of another domain", .permerror) { $0.set("i", "ann@example.com") },
        Case("i= that only ends like d=", .permerror) { $0.set("i", "ann@badexample.org") },
        Case("i= above d=", .permerror) { $0.set("i", "ann@org") },
        Case("i= without \"@\"", .permerror) { $0.set("i", "example.org") },
        Case("an empty i=", .permerror) { $0.set("i", "") },
        Case("d= in upper case", .pass) { $0.set("d", "Example.ORG") },
        Case("d= in U-labels", .pass) {
            $0.set("d", "b\u{fc}cher.example")
            $0.recordName = "sel._domainkey.xn--bcher-kva.example"
        },
        Case("d= in A-labels, i= in U-labels", .pass) {
            $0.set("d", "xn--bcher-kva.example")
            $0.set("i", "ann@b\u{fc}cher.example")
            $0.recordName = "sel._domainkey.xn--bcher-kva.example"
        },
        Case("no d=", .permerror) { $0.set("d", nil) },
        Case("an empty d=", .permerror) { $0.set("d", "") },
        Case("d= of one label", .permerror) { $0.set("d", "org") },
        Case("d= that is no domain", .permerror) { $0.set("d", "exa mple.org") },
        Case("d= with an empty label", .permerror) { $0.set("d", "example..org") },
        Case("s= of several labels", .pass) {
            $0.set("s", "nov.2026")
            $0.recordName = "nov.2026._domainkey.example.org"
        },
        Case("no s=", .permerror) { $0.set("s", nil) },
        Case("an empty s=", .permerror) { $0.set("s", "") },
        Case("s= that is no name", .permerror) { $0.set("s", "a/b") },
        Case("s= and d= too long for a name", .permerror) {
            $0.set("s", Array(repeating: String(repeating: "s", count: 60), count: 4).joined(separator: "."))
        },
    ]

    // RFC 6376 §3.6.1, §6.1.2.
    static let keys: [Case] = [
        Case("v= and k= missing", .pass) { $0.records = ["p=KEY"] },
        Case("unknown tags and notes", .pass) { $0.records = ["v=DKIM1; n=note; g=*; zz=1; p=KEY;"] },
        Case("v= not in front", .permerror) { $0.records = ["k=rsa; v=DKIM1; p=KEY"] },
        Case("v=DKIM2", .permerror) { $0.records = ["v=DKIM2; p=KEY"] },
        Case("k= of the other kind", .permerror) { $0.records = ["v=DKIM1; k=ed25519; p=KEY"] },
        Case("an unknown k=", .permerror) { $0.records = ["v=DKIM1; k=dsa; p=KEY"] },
        Case("an RSA record for an Ed25519 signature", .permerror) {
            $0.useEd25519()
            $0.records = ["v=DKIM1; p=KEY"]
        },
        Case("h=sha256", .pass) { $0.records = ["v=DKIM1; h=sha256; p=KEY"] },
        Case("h=sha1 : sha256", .pass) { $0.records = ["v=DKIM1; h=sha1 : sha256; p=KEY"] },
        Case("h=sha1", .permerror) { $0.records = ["v=DKIM1; h=sha1; p=KEY"] },
        Case("s=*", .pass) { $0.records = ["v=DKIM1; s=*; p=KEY"] },
        Case("s=web:email", .pass) { $0.records = ["v=DKIM1; s=web:email; p=KEY"] },
        Case("s=web", .permerror) { $0.records = ["v=DKIM1; s=web; p=KEY"] },
        Case("blanks in p=", .pass) {
            $0.records = ["v=DKIM1; p=\(spaced(publicHalf(DKIMRecipe.rsaKey)))"]
        },
        Case("an empty p=", .permerror) { $0.records = ["v=DKIM1; p="] },
        Case("p= of blanks", .permerror) { $0.records = ["v=DKIM1; p= \t "] },
        Case("no p=", .permerror) { $0.records = ["v=DKIM1; k=rsa"] },
        Case("p= that is not Base64", .permerror) { $0.records = ["v=DKIM1; p=KEY!"] },
        Case("p= that is no key", .permerror) { $0.records = ["v=DKIM1; p=AAAA"] },
        Case("the RSAPublicKey without its wrapping", .pass) {
            let bare = Array((try? DKIMRecipe.rsaKey.publicOctets()).map { $0.dropFirst(24) } ?? [])
            $0.records = ["v=DKIM1; p=\(Base64.encode(bare))"]
        },
        Case("Ed25519 wrapped as RSA keys are", .permerror) {
            $0.useEd25519()
            let wrapping: [UInt8] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0]
            let octets = (try? DKIMRecipe.ed25519Key.publicOctets()) ?? []
            $0.records = ["v=DKIM1; k=ed25519; p=\(Base64.encode(wrapping + octets))"]
        },
        Case("another key", .fail) {
            let other = (try? SigningKey(generating: .rsa)).map(publicHalf) ?? ""
            $0.records = ["v=DKIM1; p=\(other)"]
        },
        Case("a key of 512 bits", .policy) {
            $0.records = [
                "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAIWmlgix/84GJ+dfgjm7LTc9EPdfk"
                    + "ftlgiPpCq4/kbDAZmU0VvYKDljjleJ1dfvS+CGy9U/kk1tG3EeEvb82xAcCAwEAAQ=="
            ]
        },
        Case("a tag twice", .permerror) { $0.records = ["v=DKIM1; k=rsa; k=rsa; p=KEY"] },
        Case("what is no list of tags", .permerror) { $0.records = ["v=DKIM1; p=KEY; nonsense"] },
        Case("no record", .permerror) { $0.records = [] },
        Case("no such name", .permerror) { $0.recordName = "other._domainkey.example.org" },
        Case("a failing look-up", .temperror) { $0.failsLookup = true },
        Case("two records, the first is right", .pass) { $0.records.append("v=spf1 -all") },
        Case("two records, the second is right", .pass) { $0.records.insert("some text", at: 0) },
        Case("four records, the last is right", .permerror) {
            $0.records.insert(contentsOf: ["one", "two", "three"], at: 0)
        },
        Case("a record of 16 KiB", .pass) {
            $0.records = ["v=DKIM1; n=\(String(repeating: "n", count: 16_000)); p=KEY"]
        },
        Case("t=s and i= is d=", .pass) {
            $0.records = ["v=DKIM1; t=s; p=KEY"]
            $0.set("i", "ann@example.org")
        },
        Case("t=s and i= below d=", .permerror) {
            $0.records = ["v=DKIM1; t=x:s; p=KEY"]
            $0.set("i", "ann@news.example.org")
        },
        Case("t=y and right", .pass) { $0.records = ["v=DKIM1; t=y; p=KEY"] },
        Case("t=y and changed", .neutral) {
            $0.records = ["v=DKIM1; t=y:s; p=KEY"]
            $0.replace("shall", "Shall")
        },
    ]

    static func publicHalf(_ key: SigningKey) -> String { (try? key.publicOctets()).map { Base64.encode($0) } ?? "" }

    /// A blank behind every tenth digit.
    private static func spaced(_ digits: String) -> String {
        digits.enumerated().map { $0.offset % 10 == 9 ? "\($0.element) " : "\($0.element)" }.joined()
    }
}
