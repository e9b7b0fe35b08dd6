import Testing

@testable import Filter

@Suite struct TimeLimitTests {
    @Test("What is done in time is returned")
    func returns() async {
        #expect(await TimeLimit.run(milliseconds: 60_000) { 7 } == 7)
    }

    @Test("What never ends is left behind", .timeLimit(.minutes(1)))
    func leaves() async {
        let outcome: Int? = await TimeLimit.run(milliseconds: 10) { await withUnsafeContinuation { _ in } }
        #expect(outcome == nil)
    }

    @Test("A cancelled caller waits no longer", .timeLimit(.minutes(1)))
    func isCancelled() async {
        let (stream, started) = AsyncStream<Void>.makeStream()
        let caller = Task { () -> Int? in
            await TimeLimit.run(milliseconds: 3_600_000) {
                started.yield()
                return await withUnsafeContinuation { _ in }
            }
        }
        for await _ in stream { break }
        caller.cancel()
        #expect(await caller.value == nil)
    }
}
