import Testing

@testable import MessageStore

@Suite("The power goes", .serialized)
struct CrashTests {
    static let seeds = Array(1...Effort.of(3, long: 6))

    @Test(
        "whatever was not synced is gone: what was acknowledged is there, once; the rest whole or not at all",
        arguments: seeds)
    func powerLoss(seed: Int) async throws {
        try await withFolder { folder in
            let recording = try await Recording.make(Script(seed: seed), seed: seed, in: folder + "/live")
            var random = SeededRandom(seed)
            let points = recording.points(Effort.of(100, long: seed == 1 ? .max : 300), &random)
            let judge = Judge(folder + "/dead")
            var failures = 0
            await recording.replay(at: points) { point, disk, allowed in
                for survival in Self.survivals(&random) {
                    let found = await judge.findings(
                        disk.image(survival, &random), allowed: allowed, sent: recording.sent)
                    guard !found.isEmpty else { continue }
                    failures += 1
                    Issue.record(
                        "seed \(seed), event \(point), \(survival): \(found.joined(separator: "\n"))\nafter \(recording.story(before: point))"
                    )
                }
                return failures < 3
            }
        }
    }

    private static func survivals(_ random: inout SeededRandom) -> [Survival] {
        Effort.isLong ? Survival.allCases : [random.pick(Survival.allCases), random.pick(Survival.allCases)]
    }
}
