import MailCore
import Testing

@testable import Appliance

@Suite struct ConfigurationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        /// Line, column and a part of the problem.
        var expected: (Int, Int, String)?

        var testDescription: String { text.replacing("\n", with: "⏎") }
    }

    static let cases: [Case] = [
        Case(text: "hostname: mx.example.org\n", expected: nil),
        Case(text: "", expected: (0, 0, "hostname is missing")),
        Case(text: "hostname: mx.example.org\nlimit: 5\n", expected: (2, 1, "unknown key limit")),
        Case(
            text: "hostname: mx.example.org\nlisten:\n  smtp: 25\n  smpt: 25\n",
            expected: (4, 3, "unknown key listen.smpt")),
        Case(text: "hostname: mx.example.org\nlisten:\n  smtp: 65536\n", expected: (3, 9, "from 0 to 65535")),
        Case(text: "hostname: mx.example.org\nlisten:\n  smtp: 0x19\n", expected: (3, 9, "from 0 to 65535")),
        Case(text: "hostname: mx.example.org\nlisten:\n  smtp: [25]\n", expected: (3, 9, "must be one value")),
        Case(text: "hostname: mx.example.org\nhostname: mx.example.org\n", expected: (1, 1, "stands twice")),
        Case(text: "hostname: &a mx.example.org\n", expected: (1, 11, "anchors")),
        Case(text: "hostname: mx.example.org\nfilter:\n  enabled: !!int 5\n", expected: (3, 12, "tags")),
        Case(text: "hostname: mx.example.org\nfilter:\n  enabled: yes\n", expected: (3, 12, "true or false")),
        Case(text: "hostname: mx.example.org\ntrusted_networks: 192.0.2.0/24\n", expected: (2, 19, "must be a list")),
        Case(
            text: "hostname: mx.example.org\ntrusted_networks: [192.0.2.0/33]\n",
            expected: (2, 19, "a list of networks")),
        Case(text: "hostname: mx.example.org\nlisten: 5\n", expected: (2, 9, "must hold keys")),
        Case(text: "hostname: localhost\n", expected: (1, 11, "a full host name")),
        Case(text: "hostname: mx.example.org\noutbound:\n  relay: smart.example\n", expected: (3, 10, "HOST:PORT")),
        Case(text: "hostname: mx.example.org\ntls:\n  key: /k.pem\n", expected: (0, 0, "go together")),
        Case(text: "hostname: [", expected: (1, 12, "")),
    ]

    @Test("What is wrong is said with line and column", arguments: cases)
    func reads(_ c: Case) {
        var caught: ConfigurationError?
        do throws(ConfigurationError) { _ = try Configuration(text: c.text, file: "f") } catch { caught = error }
        guard let expected = c.expected else {
            #expect(caught == nil)
            return
        }
        #expect(caught?.problem.contains(expected.2) == true, "\(caught.map(String.init(describing:)) ?? "no error")")
        if !expected.2.isEmpty {
            #expect(caught?.line == expected.0, "\(caught.map(String.init(describing:)) ?? "")")
            #expect(caught?.column == expected.1, "\(caught.map(String.init(describing:)) ?? "")")
        }
    }

    @Test("A configuration is written so that reading it gives the same")
    func roundTrips() throws {
        var configuration = Configuration()
        configuration.hostname = "mx.example.org"
        configuration.relay = HostPort(host: "2001:db8::1", port: 587)
        configuration.isFilterOn = false
        configuration.certificateFile = "/etc/a b/\"c\".pem"
        configuration.keyFile = "/k"
        configuration.trustedNetworks = [.init("192.0.2.0/24")!, .init("2001:db8::/32")!]
        #expect(try Configuration(text: configuration.file, file: "f") == configuration)
    }

    @Test("Every key stands once in the table, and each section together")
    func keysAreUnique() {
        let names = Key.all.map(\.name)
        #expect(Set(names).count == names.count)
        var sections: [String?] = []
        for key in Key.all where sections.last != key.section { sections.append(key.section) }
        #expect(sections.compactMap { $0 }.count == Set(sections.compactMap { $0 }).count)
    }

    @Test("Config/postino.yaml is what the code generates")
    func fileIsGenerated() throws {
        let path = #filePath.replacing("Tests/ApplianceTests/ConfigurationTests.swift", with: "Config/postino.yaml")
        var configuration = Configuration()
        configuration.hostname = "mail.example.org"
        let stored = SmallFile.read(path)
        #expect(stored == configuration.file, "write it anew: \(configuration.file)")
    }

    @Test(
        "A host and a port",
        arguments: [
            ("a:1", "a:1"), ("[::1]:25", "[::1]:25"), ("::1:25", nil), ("a", nil), (":1", nil), ("a:0", nil),
            ("a:65536", nil),
        ] as [(String, String?)])
    func readsHostPort(_ text: String, _ expected: String?) {
        #expect(HostPort(text)?.description == expected)
    }
}
