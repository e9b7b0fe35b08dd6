import Testing

@testable import OutboundQueue

@Suite("When what failed is tried again") struct BackoffTests {
    @Test(
        "RFC 5321 §4.5.4.1: the first tries come close together, later ones hours apart, none sooner or later by more than a fifth",
        arguments: [
            (-1, 120), (0, 120), (1, 120), (2, 300), (3, 900), (4, 1_800), (5, 3_600), (6, 7_200), (7, 14_400),
            (8, 14_400), (Int.max, 14_400),
        ] as [(Int, Int64)])
    func table(attempts: Int, base: Int64) {
        #expect(Backoff.delaySeconds(attempts: attempts, jitter: 0) == base * 4 / 5)
        #expect(abs(Backoff.delaySeconds(attempts: attempts, jitter: 0.5) - base) <= 1)
        #expect(abs(Backoff.delaySeconds(attempts: attempts, jitter: 1) - base * 6 / 5) <= 1)
        #expect(Backoff.delaySeconds(attempts: attempts, jitter: -3) == base * 4 / 5)
        #expect(Backoff.delaySeconds(attempts: attempts, jitter: 9) <= base * 6 / 5)
    }
}
