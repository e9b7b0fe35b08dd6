import MIME
import Testing

@Suite struct BaseSubjectTests {
    static let cases: [(String, String, Bool)] = [
        ("Hello", "Hello", false),
        ("Re: Hello", "Hello", true),
        ("re: RE:Fwd: fw : Hello", "Hello", true),
        ("[list] Re: [list] Hello", "Hello", true),
        ("Re[2]: Hello", "Hello", true),
        ("Re [x] : Hello", "Hello", true),
        ("[a] [b] Hello", "Hello", false),
        ("[only]", "[only]", false),
        ("Re: [only]", "[only]", true),
        ("[fwd: Hello]", "Hello", true),
        ("[Fwd: Re: [x] Hello] (fwd)", "Hello", true),
        ("Hello (fwd) (FWD) ", "Hello", true),
        ("  a\t  b  ", "a b", false),
        ("Re:", "", true),
        ("", "", false),
        ("Regards", "Regards", false),
        ("[unclosed Re: x", "[unclosed Re: x", false),
        ("[[x]] y", "[[x]] y", false),
        ("(fwd)", "", true),
        ("[fwd:]", "", true),
        ("Größe: Re: x", "Größe: Re: x", false),
    ]

    @Test("RFC 5256 §2.1: base subject", arguments: cases)
    func reduces(_ input: String, _ expected: String, _ isReply: Bool) {
        let base = BaseSubject(of: input)
        #expect(base.text == expected)
        #expect(base.isReplyOrForward == isReply)
    }

    @Test("Time is linear", arguments: ["[a]", "[", "re:", "[fwd:", "(fwd)", "[a]re:", " "])
    func staysLinear(_ piece: String) {
        let subject = String(repeating: piece, count: 100_000 / piece.utf8.count)
        #expect(ContinuousClock().measure { _ = BaseSubject(of: subject + "]") } < .seconds(5))
    }
}
