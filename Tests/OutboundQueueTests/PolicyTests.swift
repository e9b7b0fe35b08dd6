import DNS
import Glibc
import MailCore
import MailCrypto
import Synchronization
import Testing

@testable import MessageStore
@testable import OutboundQueue

@Suite("TLS by policy", .timeLimit(.minutes(2))) struct PolicyTests {
    static let policy = "version: STSv1\r\nmode: enforce\r\nmx: mx.a.test\r\nmx: *.b.test\r\nmax_age: 86400\r\n"

    @Test("RFC 8461 §3.2: a policy is read, with either line end")
    func readsPolicy() {
        for text in [Self.policy, Self.policy.replacing("\r\n", with: "\n")] {
            let policy = STSPolicy(text)
            #expect(policy?.mode == .enforce && policy?.maxAgeSeconds == 86_400)
            #expect(policy?.patterns == ["mx.a.test", "*.b.test"])
        }
    }

    @Test(
        "What is no policy is none",
        arguments: [
            "", "mode: enforce", "version: STSv2\nmode: enforce\nmx: a\nmax_age: 1",
            "version: STSv1\nmode: enforce\nmax_age: 1", "version: STSv1\nmode: x\nmx: a\nmax_age: 1",
            "version: STSv1\nmode: enforce\nmx: a\nmax_age: x",
        ])
    func refusesPolicy(text: String) { #expect(STSPolicy(text) == nil) }

    @Test(
        "RFC 8461 §4.1: a star stands for one label",
        arguments: [
            ("mx.a.test", true), ("MX.A.test", true), ("x.b.test", true), ("x.y.b.test", false), ("b.test", false),
            ("mx.c.test", false),
        ])
    func matchesHosts(host: String, isAllowed: Bool) { #expect(STSPolicy(Self.policy)?.allows(host) == isAllowed) }

    @Test("RFC 8461 §3.3: a policy is fetched once, kept while it is good, and again when its id changes")
    func caches() async throws {
        let fetched = Atomic<Int>(0)
        let fails = Atomic<Bool>(false)
        func policies(_ id: String) -> STSPolicies {
            STSPolicies(resolver: StaticResolver(["_mta-sts.a.test": [.txt("v=STSv1; id=\(id)")]])) { host in
                #expect(host == "mta-sts.a.test")
                if fails.load(ordering: .relaxed) { throw StoreError.busy }
                fetched.add(1, ordering: .relaxed)
                return Self.policy
            }
        }
        let first = policies("1")
        for second in [0, 10, 400, 40_000] {
            #expect(await first.policy(of: "a.test", now: Int64(second)).policy?.mode == .enforce)
        }
        #expect(fetched.load(ordering: .relaxed) == 1)
        // Before it ends it is fetched again; until then a failure does no harm.
        fails.store(true, ordering: .relaxed)
        #expect(await first.policy(of: "a.test", now: 80_000).policy != nil)
        #expect(fetched.load(ordering: .relaxed) == 1)
        // It ends: it is fetched again; when it cannot be had there is none, and that is said.
        fails.store(true, ordering: .relaxed)
        let failed = await first.policy(of: "a.test", now: 90_000)
        #expect(failed.policy == nil && failed.failure == "sts-policy-fetch-error")
        fails.store(false, ordering: .relaxed)
        #expect(await first.policy(of: "a.test", now: 90_100).policy == nil)
        #expect(await first.policy(of: "a.test", now: 90_400).policy != nil)
        #expect(await policies("1").policy(of: "b.test", now: 0).policy == nil)
    }

    @Test("RFC 8461 §3.3: of many who want a policy at once one fetches it")
    func joins() async throws {
        let fetched = Atomic<Int>(0)
        let resolver = StaticResolver(["_mta-sts.a.test": [.txt("v=STSv1; id=1")]])
        let policies = STSPolicies(resolver: resolver) { _ in
            fetched.add(1, ordering: .relaxed)
            for _ in 0..<100 { await Task.yield() }
            return Self.policy
        }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { await policies.policy(of: "a.test", now: 0).policy != nil } }
            for await hasPolicy in group { #expect(hasPolicy) }
        }
        #expect(fetched.load(ordering: .relaxed) == 1)
    }

    @Test("RFC 8461 §10.2: a policy outlives a restart, and one that nobody asks for is looked at again in time")
    func outlives() async throws {
        try await Bed.with { bed in
            let fetched = Atomic<Int>(0)
            let resolver = StaticResolver(["_mta-sts.a.test": [.txt("v=STSv1; id=a=+\u{fc}")]])
            let file = STSCacheFile(path: bed.folder + "/mta-sts", files: bed.pool)
            func policies(fails: Bool) -> STSPolicies {
                STSPolicies(resolver: fails ? DisabledResolver() : resolver, file: file) { _ in
                    fetched.add(1, ordering: .relaxed)
                    return Self.policy
                }
            }
            let first = policies(fails: false)
            #expect(await first.policy(of: "a.test", now: 1_000).policy != nil)
            await first.save(1_001, isLast: true)
            let second = policies(fails: true)
            #expect(await second.policy(of: "a.test", now: 50_000).policy?.patterns == ["mx.a.test", "*.b.test"])
            #expect(await second.policy(of: "a.test", now: 90_000).policy == nil)
            #expect(fetched.load(ordering: .relaxed) == 1)
            let third = policies(fails: false)
            await third.keepUp(now: 87_400)
            #expect(fetched.load(ordering: .relaxed) == 2)
        }
    }

    @Test("A cache that is cut, or is none, is read as far as it goes")
    func readsCache() {
        var known: [String: STSPolicies.Known] = [:]
        for name in ["a.test", "b.test"] {
            known[name] = .init(
                policy: STSPolicy(Self.policy), text: Self.policy, identifier: "1", expiresAt: 9, fetchedAt: 3)
        }
        let text = STSCacheFile.text(known)
        #expect(STSCacheFile.parse(text) == known)
        #expect(STSCacheFile.parse(String(text.dropLast(40))).keys.sorted() == ["a.test"])
        for bad in ["", "x", "postino-mta-sts 2\na.test 1 2 3 x\n", "postino-mta-sts 1\na b c d\n\n \n"] {
            #expect(STSCacheFile.parse(bad).isEmpty)
        }
    }

    // MARK: DANE

    private static func record(_ usage: UInt8, _ selector: UInt8, _ matching: UInt8, _ der: [UInt8]) throws
        -> TLSARecord
    {
        let selected = selector == 0 ? der : try CertificateChain.publicKey(of: der)
        let data = matching == 0 ? selected : matching == 1 ? SHA256.hash(selected).octets : SHA512.hash(selected)
        return TLSARecord(certificateUsage: usage, selector: selector, matchingType: matching, associationData: data)
    }

    @Test(
        "RFC 7672 §3.1: a certificate or key by each way to name it",
        arguments: [UInt8(0), 1], [UInt8(0), 1, 2])
    func matchesRecords(selector: UInt8, matching: UInt8) throws {
        let tls = try TestTLS(names: ["mx.a.test"])
        let (leaf, authority) = (try TestTLS.der(tls.leaf), try TestTLS.der(tls.authority))
        let other = try TestTLS.der(try TestTLS(names: ["mx.a.test"]).leaf)
        let own = DANECheck(records: [try Self.record(3, selector, matching, leaf)], names: ["mx.a.test"])
        #expect(own.accepts([leaf, authority]) && !own.accepts([other, authority]) && !own.accepts([]))
        // §3.1.1: the name does not count for the key itself, but below an authority it does.
        #expect(DANECheck(records: own.records, names: ["other.test"]).accepts([leaf]))
        let below = [try Self.record(2, selector, matching, authority)]
        #expect(DANECheck(records: below, names: ["mx.a.test"]).accepts([leaf, authority]))
        #expect(!DANECheck(records: below, names: ["other.test"]).accepts([leaf, authority]))
        #expect(!DANECheck(records: below, names: ["mx.a.test"]).accepts([other, authority]))
    }

    @Test("RFC 7672 §3.1.3: records of other usages, selectors, digests or lengths are not usable")
    func usable() {
        let digest = [UInt8](repeating: 0, count: 32)
        let odd = [(0, 1, 1), (1, 1, 1), (3, 2, 1), (3, 1, 3), (3, 1, 2)].map {
            TLSARecord(
                certificateUsage: UInt8($0.0), selector: UInt8($0.1), matchingType: UInt8($0.2),
                associationData: digest)
        }
        let good = TLSARecord(certificateUsage: 3, selector: 1, matchingType: 1, associationData: digest)
        #expect(DANECheck.usable(odd + [good]) == [good])
    }

    // MARK: On the wire

    /// - Returns: what was accepted, and the last reply of what waits.
    private func outcome(
        _ records: [TLSARecord], isSecure: Bool = true, server tls: TestTLS?, needs: MessageNeeds = [],
        extensions: [String] = [], trustsAuthority: Bool = false
    ) async throws -> (accepted: Int, lastReply: String?, results: [String]) {
        var outcome: (Int, String?, [String]) = (0, nil, [])
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops, tls: tls?.context, extensions: extensions)
            let zone: [String: [StaticResolver.Record]] = [
                "a.test": [.mx(10, "mx.a.test")], "mx.a.test": [.a("127.0.0.1")],
                "_\(server.port)._tcp.mx.a.test": records.map { .tlsa($0) },
            ]
            let resolver = StaticResolver(zone.filter { !$0.value.isEmpty }, isSecure: isSecure)
            let runner = bed.runner(resolver: resolver, port: server.port) { options in
                if trustsAuthority, let tls {
                    options.authorities = bed.folder + "/authority.pem"
                    Folder.write(tls.authority.certificatePEM, to: bed.folder + "/authority.pem")
                }
            }
            try await bed.queue(["x@a.test"], needs: needs)
            await runner.start()
            try await bed.until { $0.allSatisfy { $0.attempts == 1 && $0.state == .waiting } }
            let last = try await bed.rows.first?.lastReply
            await runner.stop(withinSeconds: 5)
            let counts = try await bed.store.tlsResults(day: bed.time / 86_400)
            outcome = (
                server.accepted.count, last ?? bed.notices.texts.first,
                counts.map { "\($0.result.policy) \($0.result.result)" }
            )
            await server.stop()
        }
        return outcome
    }

    @Test("RFC 7672: a server whose certificate a record names gets the mail, and the success is counted")
    func daneProves() async throws {
        let tls = try TestTLS(names: ["mx.a.test"])
        let record = try Self.record(3, 1, 1, try TestTLS.der(tls.leaf))
        let found = try await outcome([record], server: tls)
        #expect(found.accepted == 1 && found.results == ["tlsa success"])
    }

    @Test("RFC 7672 §2.2: another certificate, or no TLS, keeps the mail here; it is never sent in clear")
    func daneRefuses() async throws {
        let tls = try TestTLS(names: ["mx.a.test"])
        let record = try Self.record(3, 1, 1, try TestTLS.der(try TestTLS(names: ["mx.a.test"]).leaf))
        let wrong = try await outcome([record], server: tls)
        #expect(wrong.accepted == 0 && wrong.lastReply?.contains("TLS") == true)
        #expect(wrong.results == ["tlsa validation-failure"])
        let clear = try await outcome([record], server: nil)
        #expect(clear.accepted == 0 && clear.results == ["tlsa starttls-not-supported"])
    }

    @Test("RFC 7672 §2.2.2: records that DNSSEC does not prove mean nothing")
    func daneNeedsDNSSEC() async throws {
        let record = try Self.record(3, 1, 1, try TestTLS.der(try TestTLS(names: ["mx.a.test"]).leaf))
        #expect(try await outcome([record], isSecure: false, server: try TestTLS(names: ["mx.a.test"])).accepted == 1)
        #expect(try await outcome([record], isSecure: false, server: nil).accepted == 1)
    }

    @Test("RFC 7672 §3.1.3: with unusable records only TLS is wanted, with whatever certificate")
    func daneUnusable() async throws {
        let record = TLSARecord(certificateUsage: 1, selector: 1, matchingType: 1, associationData: [1])
        #expect(try await outcome([record], server: try TestTLS(names: ["other.test"])).accepted == 1)
        #expect(try await outcome([record], server: nil).accepted == 0)
    }

    @Test("RFC 8689: REQUIRETLS goes to a proven server that promises it, and else back to the sender")
    func requiresTLS() async throws {
        let tls = try TestTLS(names: ["mx.a.test"])
        let record = try Self.record(3, 1, 1, try TestTLS.der(tls.leaf))
        #expect(try await outcome([record], server: tls, needs: .requireTLS, extensions: ["REQUIRETLS"]).accepted == 1)
        let promiseless = try await outcome([record], server: tls, needs: .requireTLS)
        #expect(promiseless.accepted == 0 && promiseless.lastReply?.contains("5.7.30") == true)
        let unproven = try await outcome(
            [], isSecure: false, server: tls, needs: .requireTLS, extensions: ["REQUIRETLS"], trustsAuthority: true)
        #expect(unproven.accepted == 0 && unproven.lastReply?.contains("5.7.30") == true)
    }

    @Test("RFC 8689 §4.2.1: where DNSSEC proves which host it is, a certificate for the host's name is proof enough")
    func requiresTLSByName() async throws {
        func accepted(_ name: String, trusts: Bool = true) async throws -> Int {
            try await outcome(
                [], server: try TestTLS(names: [name]), needs: .requireTLS, extensions: ["REQUIRETLS"],
                trustsAuthority: trusts
            ).accepted
        }
        #expect(try await accepted("mx.a.test") == 1)
        #expect(try await accepted("other.test") == 0)
        #expect(try await accepted("mx.a.test", trusts: false) == 0)
    }

    @Test("RFC 8689 §5: a notice about such a message goes with REQUIRETLS where it can, and without where it cannot")
    func sendsNotices() async throws {
        for extensions in [["REQUIRETLS"], []] {
            try await Bed.with { bed in
                let server = try await FakeServer(on: bed.loops, extensions: extensions)
                let runner = bed.runner(resolver: SendTests.zone, port: server.port)
                try await bed.queue(["x@a.test"], from: "", needs: .requireTLS)
                await runner.start()
                try await bed.untilEmpty()
                await runner.stop(withinSeconds: 5)
                #expect(server.accepted.count == 1)
                #expect(server.commands.contains("MAIL FROM:<> BODY=7BIT REQUIRETLS") == !extensions.isEmpty)
                await server.stop()
            }
        }
    }

    @Test("RFC 8689 §5: a message that asks for delivery in any case goes to a server that proves nothing")
    func ignoresPolicy() async throws {
        let record = try Self.record(3, 1, 1, try TestTLS.der(try TestTLS(names: ["mx.a.test"]).leaf))
        let tls = try TestTLS(names: ["mx.a.test"])
        #expect(try await outcome([record], server: tls, needs: .ignoresTLSPolicy).accepted == 1)
        #expect(try await outcome([record], server: nil, needs: .ignoresTLSPolicy).accepted == 1)
        #expect(try await outcome([record], server: nil, needs: [.ignoresTLSPolicy, .requireTLS]).accepted == 0)
    }
}
