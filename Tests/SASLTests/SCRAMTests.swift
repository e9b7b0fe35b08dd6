import MailCrypto
import SASL
import Testing

@Suite("SCRAM-SHA-256") struct SCRAMTests {
    typealias Step = ServerExchange.Step

    static let salt = (try? SASL.Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ==".utf8, octetsMax: 16)) ?? []
    static let offer = SCRAMOffer(
        keys: SCRAMKeys.derive("pencil", salt: salt, iterations: 4_096), nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")
    static let first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    static let serverFirst =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    static let final =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    static let serverFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

    static func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    static func claim(_ isProven: Bool) -> SCRAMClaim {
        SCRAMClaim(authenticationIdentity: "user", keys: offer.keys, isProven: isProven)
    }

    @Test("RFC 7677 §3: its example")
    func example() {
        var exchange = ServerExchange(.scramSHA256)
        #expect(exchange.start(initialResponse: Self.octets(Self.first)) == .lookUp("user"))
        #expect(exchange.provide(Self.offer) == .challenge(Self.octets(Self.serverFirst)))
        #expect(exchange.respond(Self.octets(Self.final)) == .challenge(Self.octets(Self.serverFinal)))
        #expect(exchange.respond([]) == .admit(Self.claim(true)))
        #expect(exchange.respond([]) == .failed(.unexpected))
    }

    @Test("RFC 5802 §6: the same, tied to TLS; another certificate makes the proof worthless")
    func tied() {
        let final =
            "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=nY1Wus9a+gM2DrbQ1msXFgyhW6KM5ktOxWiU+/P/EGY="
        for (endPoint, isRight) in [(Array(0..<32), true), (Array(1...32), false)] as [([UInt8], Bool)] {
            var exchange = ServerExchange(.scramSHA256Plus, endPoint: endPoint)
            let first = Self.octets("p=tls-server-end-point,,n=user,r=rOprNGfwEbeRWgbNEkqO")
            #expect(exchange.start(initialResponse: first) == .lookUp("user"))
            #expect(exchange.provide(Self.offer) == .challenge(Self.octets(Self.serverFirst)))
            let step = exchange.respond(Self.octets(final))
            if isRight {
                #expect(
                    step == .challenge(Self.octets("v=RwppMGddhz/J0lFYaRReBjXcQeNUFP5Qc76Lo5Exrig=")))
                #expect(exchange.respond([]) == .admit(Self.claim(true)))
            } else {
                #expect(step == .admit(Self.claim(false)))
            }
        }
    }

    @Test(
        "A proof, nonce or binding that is not the right one is not proven, and ends the exchange",
        arguments: [
            final.replacing("p=dHz", with: "p=eHz"), final.replacing("$k0,", with: "$k1,"),
            final.replacing("c=biws", with: "c=eSws"), final.replacing(",p=", with: ",x=1,p="),
        ])
    func notProven(final: String) {
        var exchange = ServerExchange(.scramSHA256)
        _ = exchange.start(initialResponse: Self.octets(Self.first))
        _ = exchange.provide(Self.offer)
        #expect(exchange.respond(Self.octets(final)) == .admit(Self.claim(false)))
        #expect(exchange.respond([]) == .failed(.unexpected))
    }

    @Test(
        "RFC 5802 §7: a first message that is none is refused",
        arguments: [
            "", "n", "n,", "n,,", "n,,n=user", "n,,n=,r=abc", "n,,r=abc,n=user", "x,,n=user,r=abc", "n,,n=us=er,r=abc",
            "n,,n=us=2cer,r=abc", "n,,m=x,n=user,r=abc", "n,,n=user,r=", "n,,n=user,r=a b", "n,b,n=user,r=abc",
            "n,,n=us\0er,r=abc", "n,,n=user,r=\(String(repeating: "a", count: 513))",
            "n,,n=\(String(repeating: "a", count: 256)),r=abc",
        ])
    func badFirst(message: String) {
        var exchange = ServerExchange(.scramSHA256)
        #expect(exchange.start(initialResponse: Self.octets(message)) == .failed(.malformedMessage))
    }

    @Test(
        "Names with comma and equals sign are read (RFC 5802 §5.1), and what another wants to act as",
        arguments: [
            ("n,,n=a=2Cb=3Dc,r=x", "a,b=c"), ("n,a=bob,n=ann,r=x,ext=1", "ann"), ("y,,n=\u{e9},r=x", "\u{e9}"),
            ("n,,n=user,r=\(String(repeating: "a", count: 512))", "user"),
        ])
    func names(message: String, name: String) {
        var exchange = ServerExchange(.scramSHA256)
        #expect(exchange.start(initialResponse: Self.octets(message)) == .lookUp(name))
    }

    @Test(
        "RFC 5802 §6: who is tied otherwise than was offered is refused",
        arguments: [
            (.scramSHA256, nil, "p=tls-server-end-point,,"), (.scramSHA256, [1], "y,,"),
            (.scramSHA256, [1], "p=tls-server-end-point,,"), (.scramSHA256Plus, [1], "n,,"),
            (.scramSHA256Plus, [1], "y,,"), (.scramSHA256Plus, [1], "p=tls-unique,,"),
            (.scramSHA256Plus, nil, "p=tls-server-end-point,,"),
        ] as [(Mechanism, [UInt8]?, String)])
    func downgraded(mechanism: Mechanism, endPoint: [UInt8]?, header: String) {
        var exchange = ServerExchange(mechanism, endPoint: endPoint)
        #expect(
            exchange.start(initialResponse: Self.octets(header + "n=user,r=abc")) == .failed(.channelBinding))
    }

    @Test("What follows the server's proof is nothing, and keys come only when they were asked for")
    func order() {
        var exchange = ServerExchange(.scramSHA256)
        #expect(exchange.provide(Self.offer) == .failed(.unexpected))
        exchange = ServerExchange(.scramSHA256)
        #expect(exchange.start(initialResponse: nil) == .challenge([]))
        #expect(exchange.respond(Self.octets(Self.first)) == .lookUp("user"))
        #expect(exchange.respond(Self.octets(Self.final)) == .failed(.unexpected))
        exchange = ServerExchange(.scramSHA256)
        _ = exchange.start(initialResponse: Self.octets(Self.first))
        _ = exchange.provide(Self.offer)
        _ = exchange.respond(Self.octets(Self.final))
        #expect(exchange.respond([1]) == .failed(.malformedMessage))
    }

    @Test("What is offered: the strongest first, and SCRAM only where everybody can")
    func offered() {
        #expect(Mechanism.offered(scram: false, isBound: true) == [.plain, .login])
        #expect(Mechanism.offered(scram: true, isBound: false) == [.scramSHA256, .plain, .login])
        #expect(Mechanism.offered(scram: true, isBound: true) == Mechanism.allCases)
    }
}
