import DNS
import Testing

@Suite struct StaticResolverTests {
    @Test func answers() async {
        let resolver = StaticResolver(["A.example": [.a("192.0.2.1")]])
        #expect(await resolver.query("a.EXAMPLE.", .a) != .nameError(isSecure: false))
    }
}
