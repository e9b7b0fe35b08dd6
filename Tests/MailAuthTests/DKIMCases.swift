import MailAuth
import MailCrypto
import Testing

/// Signatures by a signer of the tests' own: good ones, and ones with one thing wrong.
enum DKIMCases {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var expected: DKIMOutcome.Result
        var recipe: DKIMRecipe

        init(_ title: String, _ expected: DKIMOutcome.Result, _ change: (inout DKIMRecipe) -> Void = { _ in }) {
            testDescription = title
            self.expected = expected
            recipe = DKIMRecipe()
            change(&recipe)
        }
    }

    static let all = canonical + changed + listed + identities + keys + fields + bodies + times + syntax + failures

    // RFC 6376 §3.4.
    static let canonical: [Case] = [
        Case("relaxed/relaxed, RSA", .pass),
        Case("relaxed/simple, RSA", .pass) { $0.use(header: true, body: false) },
        Case("simple/relaxed, RSA", .pass) { $0.use(header: false, body: true) },
        Case("simple/simple, RSA", .pass) { $0.use(header: false, body: false) },
        Case("relaxed/relaxed, Ed25519", .pass) { $0.useEd25519() },
        Case("simple/simple, Ed25519", .pass) {
            $0.useEd25519()
            $0.use(header: false, body: false)
        },
        Case("c= is simple/simple when it is missing", .pass) {
            $0.use(header: false, body: false)
            $0.set("c", nil)
        },
        Case("c=relaxed leaves the body simple", .pass) {
            $0.use(header: true, body: false)
            $0.set("c", "relaxed")
        },
        Case("c=simple leaves the body simple", .pass) {
            $0.use(header: false, body: false)
            $0.set("c", "simple")
        },
        Case("an unknown c=", .permerror) { $0.set("c", "nofws/simple") },
        Case("an unknown c= of the body", .permerror) { $0.set("c", "simple/nofws") },
        Case("three words in c=", .permerror) { $0.set("c", "simple/simple/simple") },
        Case("an empty c=", .permerror) { $0.set("c", "") },
        Case("a body without a line end, relaxed", .pass) { $0.body = "no end" },
        Case("a body without a line end, simple", .pass) {
            $0.use(header: false, body: false)
            $0.body = "no end"
        },
        Case("no body, relaxed", .pass) { $0.body = "" },
        Case("no body, simple", .pass) {
            $0.use(header: true, body: false)
            $0.body = ""
        },
        Case("empty lines only, relaxed", .pass) { $0.body = "\n \n\t\n\n" },
        Case("empty lines only, simple", .pass) {
            $0.use(header: true, body: false)
            $0.body = "\n\n\n"
        },
        Case("blanks only, relaxed", .pass) { $0.body = "  \t " },
        Case("8-bit text", .pass) { $0.body = "Gr\u{fc}\u{df}e \u{65e5}\u{672c}\n" },
        Case("lines of 5,000 octets", .pass) { $0.body = String(repeating: "x y  ", count: 5_000) + "\n" },
        Case("dots, NUL and lone CR", .pass) { $0.body = ".\n..\na\u{0}b\nx\ry\r\u{b}z\n" },
        Case("a line that begins with a blank, relaxed", .pass) { $0.body = " a\n\tb\nc\n" },
    ]

    /// What servers on the way change.
    static let changed: [Case] = [
        Case("empty lines are added at the end, relaxed", .pass) { $0.afterwards = { $0 += "\n\n" } },
        Case("empty lines are added at the end, simple", .pass) {
            $0.use(header: false, body: false)
            $0.afterwards = { $0 += "\n\n" }
        },
        Case("a line of blanks is added at the end, simple", .fail) {
            $0.use(header: false, body: false)
            $0.afterwards = { $0 += " \n" }
        },
        Case("blanks are added at a line's end, relaxed", .pass) { $0.replace("\n\nAnn\n", " \t\n\nAnn  \n") },
        Case("blanks are added at a line's end, simple", .fail) {
            $0.use(header: true, body: false)
            $0.replace("\n\nAnn\n", "\n\nAnn \n")
        },
        Case("blanks in a line change, relaxed", .pass) { $0.replace("Hello  Bob", "Hello\tBob") },
        Case("blanks in a line change, simple", .fail) {
            $0.use(header: true, body: false)
            $0.replace("Hello  Bob", "Hello Bob")
        },
        Case("blanks at a line's start appear, relaxed", .fail) { $0.replace("\nAnn\n", "\n Ann\n") },
        Case("an empty line in the body goes, relaxed", .fail) { $0.replace("Bob,\n\nshall", "Bob,\nshall") },
        Case("a field is folded, relaxed", .pass) { $0.replace("Lunch  on", "Lunch\n\ton") },
        Case("a field is folded, simple", .fail) {
            $0.use(header: false, body: true)
            $0.replace("Lunch  on", "Lunch\n  on")
        },
        Case("the case of a field's name changes, relaxed", .pass) { $0.replace("Subject:", "SUBJECT:") },
        Case("the case of a field's name changes, simple", .fail) {
            $0.use(header: false, body: true)
            $0.replace("Subject:", "SUBJECT:")
        },
        Case("blanks around a colon change, relaxed", .pass) { $0.replace("Subject: Lunch", "Subject \t:Lunch") },
        Case("the signature itself is folded otherwise, relaxed", .pass) { $0.replace("\n d=", "\n\t  d=") },
        Case("the signature itself is folded otherwise, simple", .fail) {
            $0.use(header: false, body: true)
            $0.replace("\n d=", " d=")
        },
        Case("fields that are not signed come and go", .pass) {
            $0.fields.append("X-Spam: no")
            $0.afterwards = { $0 = "Received: from a by b\n" + $0.replacing("X-Spam: no\n", with: "List-Id: <x>\n") }
        },
        Case("a signed field changes", .fail) { $0.replace("Lunch", "Dinner") },
        Case("From changes", .fail) { $0.replace("ann@example.org>\n", "eve@example.org>\n") },
        Case("a signed field goes", .fail) { $0.replace("Date: Mon, 23 Nov 2026 21:02:54 +0000\n", "") },
        Case("one letter of the body changes", .fail) { $0.replace("shall", "Shall") },
        Case("the body is cut", .fail) { $0.replace("\n\nAnn\n", "") },
        Case("text is added to the body", .fail) { $0.afterwards = { $0 += "Buy this\n" } },
        Case("a tag of the signature changes", .fail) { $0.replace("\n d=", "\n x=9999999999;\n d=") },
        Case("a digit of b= changes", .fail) {
            $0.afterwards = { message in
                guard let end = message.range(of: "\nFrom:")?.lowerBound else { return }
                let index = message.index(end, offsetBy: -20)
                message.replaceSubrange(index...index, with: message[index] == "A" ? "B" : "A")
            }
        },
    ]

    // RFC 6376 §5.4.
    static let listed: [Case] = [
        Case("a name takes repeated fields from the bottom", .pass) {
            $0.fields += ["X-A: 1", "X-A: 2"]
            $0.set("h", "from:x-a:x-a")
            $0.afterwards = { $0 = "X-A: 0\n" + $0 }
        },
        Case("repeated fields change places", .fail) {
            $0.fields += ["X-A: 1", "X-A: 2"]
            $0.set("h", "from:x-a:x-a")
            $0.replace("X-A: 1\nX-A: 2", "X-A: 2\nX-A: 1")
        },
        Case("a name once more than the field", .pass) { $0.set("h", "from:from:to:subject:subject:date:message-id") },
        Case("a field is added whose name was once more than needed", .fail) {
            $0.set("h", "from:to:subject:subject")
            $0.afterwards = { $0 = "Subject: Win!\n" + $0 }
        },
        Case("a field is added on top", .pass) { $0.afterwards = { $0 = "Subject: Win!\n" + $0 } },
        Case("a name that no field has", .pass) { $0.set("h", "from:reply-to:to") },
        Case("such a field is added", .fail) {
            $0.set("h", "from:reply-to:to")
            $0.afterwards = { $0 = "Reply-To: eve@example.com\n" + $0 }
        },
        Case("blanks and line ends in h=", .pass) { $0.set("h", "from :\n  to\t: subject") },
        Case("names in any case", .pass) { $0.set("h", "FROM:To:sUBJECT") },
        Case("h= in another order than the fields", .pass) { $0.set("h", "subject:message-id:from") },
        Case("h= without From", .permerror) { $0.set("h", "to:subject:date") },
        Case("an empty h=", .permerror) { $0.set("h", "") },
        Case("no h=", .permerror) { $0.set("h", nil) },
        Case("an empty name in h=", .permerror) { $0.set("h", "from::to") },
        Case("500 names", .pass) { $0.set("h", "from" + String(repeating: ":x", count: 499)) },
        Case("501 names", .permerror) { $0.set("h", "from" + String(repeating: ":x", count: 500)) },
        Case("another signature is signed", .pass) {
            $0.fields.append("DKIM-Signature: v=1; a=other")
            $0.set("h", "from:dkim-signature")
        },
        Case("a field of 50,000 octets is signed", .pass) {
            $0.fields.append("X-Long:" + String(repeating: " 0123456789\n", count: 4_166) + " end")
            $0.set("h", "from:x-long")
        },
    ]
}

extension DKIMRecipe {
    mutating func use(header: Bool, body: Bool) {
        isRelaxed = (header, body)
        set("c", "\(header ? "relaxed" : "simple")/\(body ? "relaxed" : "simple")")
    }

    mutating func useEd25519() {
        kind = .ed25519
        set("a", "ed25519-sha256")
        records = ["v=DKIM1; k=ed25519; p=KEY"]
    }
}

extension String {
    /// Where `text` stands first.
    fileprivate func range(of text: String) -> Range<String.Index>? { ranges(of: text).first }
}
