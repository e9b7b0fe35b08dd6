import Testing

@testable import MessageStore

@Suite("A call fails", .serialized)
struct FaultTests {
    @Test(
        "at each call in turn: no trap, an error that says what is wrong, nothing that was acknowledged is lost",
        arguments: DiskFault.Kind.allCases)
    func eachCall(_ kind: DiskFault.Kind) async throws {
        try await withFolder { folder in
            let run = try await Self.prepare(in: folder)
            let calls = try await run.countCalls()
            #expect(calls > 300)
            var random = SeededRandom(7)
            // Few calls are writes of the store's own.
            let wanted = kind == .partial ? Effort.of(15, long: 200) : Effort.of(40, long: calls)
            var failures = 0
            for index in 0..<wanted where failures < 3 {
                // Evenly spread, at another place in each stretch.
                let from = index * calls / wanted
                let call = from + random.below(max(1, (index + 1) * calls / wanted - from))
                let found = await run.findings(DiskFault(kind, at: call), until: random.pick([1, 1, 6]))
                guard !found.isEmpty else { continue }
                failures += 1
                Issue.record("\(kind) at call \(call) of \(calls): \(found.joined(separator: "\n"))")
            }
        }
    }

    /// A store with its accounts, and what is done with it.
    private static func prepare(in folder: String) async throws -> FaultRun {
        let new = try await Recording.make(Script(steps: []), seed: 7, in: folder + "/new")
        var random = SeededRandom(7)
        var rows = ""
        for case .committed(let last) in new.events { rows = last }
        return FaultRun(
            folder: folder + "/run", template: new.end.image(.all, &random), rows: rows, script: Script(seed: 7),
            seed: 7)
    }
}
