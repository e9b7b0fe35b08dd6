import DNS
import MailCore
import Testing

@Suite struct UnboundResolverTests {
    private static func server() -> TinyServer {
        TinyServer { name, type in
            switch (name, type) {
            case ("host.test", 1): .records([[192, 0, 2, 1], [192, 0, 2, 2]])
            case ("host.test", 28): .records([])
            case ("mx.test", 15):
                .records([[0, 10] + TinyServer.wire("a.mx.test"), [0, 5] + TinyServer.wire("b.mx.test")])
            case ("text.test", 16): .records([[3, 0x61, 0x62, 0x63, 2, 0x64, 0x65]])
            case ("alias.test", 1): .alias("host.test", [[192, 0, 2, 1]])
            case ("odd name%.test", 1): .records([[192, 0, 2, 9]])
            case ("1.2.0.192.in-addr.arpa", 12), ("1.0.0.127.in-addr.arpa", 12), ("1.0.0.10.in-addr.arpa", 12):
                .records([TinyServer.wire("host.test")])
            case ("none.test", _): .responseCode(3)
            case ("broken.test", _): .responseCode(2)
            case ("refused.test", _): .responseCode(5)
            case (let name, _) where name.hasSuffix("silent.test"): .silence
            default: .records([])
            }
        }
    }

    private static func resolver(
        _ server: TinyServer, lookupMillisecondsMax: Int = 20_000, outstandingMax: Int = 100
    ) throws -> UnboundResolver {
        var configuration = UnboundConfiguration(
            source: .resolver(host: "127.0.0.1", port: server.port), trustAnchorFile: nil)
        configuration.lookupMillisecondsMax = lookupMillisecondsMax
        configuration.outstandingMax = outstandingMax
        return try UnboundResolver(configuration)
    }

    @Test("A configured resolver is asked, for names under test. and reverse names too")
    func asks() async throws {
        let server = Self.server()
        defer { server.stop() }
        let resolver = try Self.resolver(server)
        defer { resolver.stop() }
        let hosts = await resolver.ipv4Addresses(of: "host.test").elements.map(\.description).sorted()
        #expect(hosts == ["192.0.2.1", "192.0.2.2"])
        #expect(await resolver.ipv6Addresses(of: "host.test") == .noData)
        #expect(
            await resolver.mailExchangers(of: "mx.test")
                == .hosts(
                    [
                        MailExchanger(preference: 5, host: "b.mx.test"),
                        MailExchanger(preference: 10, host: "a.mx.test"),
                    ],
                    isSecure: false))
        #expect(await resolver.texts(of: "text.test") == .found([Array("abcde".utf8)], isSecure: false))
        #expect(await resolver.query("none.test", .a) == .nameError(isSecure: false))
        #expect(await resolver.ipv4Addresses(of: "odd name%.test").elements == [IPAddress("192.0.2.9")])
        for address in ["192.0.2.1", "127.0.0.1", "10.0.0.1"] {
            #expect(await resolver.names(of: try #require(IPAddress(address))).elements == ["host.test"])
        }
        guard case .records(let set) = await resolver.query("alias.test", .a) else {
            Issue.record("no records behind the alias")
            return
        }
        #expect(set.canonicalName == "host.test")
        #expect((1...60).contains(set.ttlSeconds))
        #expect(!set.isSecure)
    }

    @Test("Server failures are temporary", arguments: ["broken.test", "refused.test"])
    func failures(_ name: String) async throws {
        let server = Self.server()
        defer { server.stop() }
        let resolver = try Self.resolver(server)
        defer { resolver.stop() }
        #expect(await resolver.query(name, .a) == .temporaryFailure("SERVFAIL"))
    }

    @Test("A name that cannot be is not asked for")
    func impossible() async throws {
        let server = Self.server()
        defer { server.stop() }
        let resolver = try Self.resolver(server)
        defer { resolver.stop() }
        #expect(await resolver.query("a..b", .a) == .nameError(isSecure: false))
        #expect(server.questions.isEmpty)
    }

    @Test("A look-up ends in time; others are not held up by it")
    func timeLimit() async throws {
        let server = Self.server()
        defer { server.stop() }
        let resolver = try Self.resolver(server, lookupMillisecondsMax: 300)
        defer { resolver.stop() }
        async let silent = resolver.query("silent.test", .a)
        _ = await resolver.query("host.test", .a)
        #expect(await silent == .temporaryFailure("no answer within 300 ms"))
        #expect(await resolver.query("again.silent.test", .a) == .temporaryFailure("no answer within 300 ms"))
    }

    @Test("A cancelled look-up ends at once, be it cancelled before or after its start")
    func cancellation() async throws {
        let server = Self.server()
        defer { server.stop() }
        let resolver = try Self.resolver(server, lookupMillisecondsMax: 600_000)
        defer { resolver.stop() }
        let tasks = (0..<20).map { index in Task { await resolver.query("\(index).silent.test", .a) } }
        for task in tasks { task.cancel() }
        for task in tasks {
            guard case .temporaryFailure = await task.value else {
                Issue.record("an answer from a silent server")
                return
            }
        }
    }

    @Test("At most so many look-ups at once; one more is a temporary failure, and places are given back")
    func bound() async throws {
        let server = Self.server()
        defer { server.stop() }
        let resolver = try Self.resolver(server, lookupMillisecondsMax: 600_000, outstandingMax: 2)
        let held = (0..<2).map { index in Task { await resolver.query("\(index).silent.test", .a) } }
        // Both hold their places once both were asked for.
        while Set(server.questions.filter { $0.hasSuffix("silent.test") }).count < 2 { await Task.yield() }
        #expect(await resolver.query("host.test", .a) == .temporaryFailure("too many look-ups at once, or stopped"))
        for task in held { task.cancel() }
        for task in held { _ = await task.value }
        guard case .records = await resolver.query("host.test", .a) else {
            Issue.record("no place was given back")
            return
        }
        let last = Task { await resolver.query("last.silent.test", .a) }
        while !server.questions.contains("last.silent.test") { await Task.yield() }
        resolver.stop()
        #expect(await last.value == .temporaryFailure("the resolver was stopped"))
        #expect(await resolver.query("host.test", .a) == .temporaryFailure("too many look-ups at once, or stopped"))
        resolver.stop()
    }

    @Test("Many look-ups side by side all come back with their own answers")
    func many() async throws {
        let server = TinyServer { name, _ in
            .records([[10, 0, 0, UInt8(name.prefix { $0 != "." }) ?? 0]])
        }
        defer { server.stop() }
        let resolver = try Self.resolver(server, outstandingMax: 1_000)
        defer { resolver.stop() }
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<250 {
                group.addTask {
                    await resolver.ipv4Addresses(of: "\(index).example.test").elements == [
                        IPAddress.v4(0x0a00_0000 | UInt32(index))
                    ]
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test("Validation by the root's key: unsigned answers of a resolver that strips DNSSEC are bogus, and withheld")
    func bogus() async throws {
        let server = Self.server()
        defer { server.stop() }
        var configuration = UnboundConfiguration(
            source: .resolver(host: "127.0.0.1", port: server.port), trustAnchorFile: "/usr/share/dns/root.key")
        configuration.lookupMillisecondsMax = 20_000
        let resolver = try UnboundResolver(configuration)
        defer { resolver.stop() }
        guard case .bogus = await resolver.query("host.test", .a) else {
            Issue.record("an unsigned answer under a trust anchor was taken")
            return
        }
        guard case .fails = try await UnboundResolver.probeValidation(configuration) else {
            Issue.record("a resolver without DNSSEC was not noticed")
            return
        }
    }

    @Test("A bad configuration is an error when the resolver is made")
    func badConfiguration() {
        let source = UnboundConfiguration.Source.resolver(host: "127.0.0.1", port: 53)
        #expect(throws: ResolverError.self) {
            try UnboundResolver(UnboundConfiguration(source: source, trustAnchorFile: "/nonexistent/key"))
        }
        #expect(throws: ResolverError.self) {
            try UnboundResolver(
                UnboundConfiguration(source: .resolver(host: "nonsense", port: 53), trustAnchorFile: nil))
        }
        #expect(throws: ResolverError.self) {
            try UnboundResolver(
                UnboundConfiguration(source: .resolversOf(file: "/nonexistent/resolv.conf"), trustAnchorFile: nil))
        }
    }
}
