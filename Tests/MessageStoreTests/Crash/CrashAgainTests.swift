import MailCore
import Testing

@testable import MessageStore

@Suite("The power goes again", .serialized)
struct CrashAgainTests {
    enum End: CaseIterable, Sendable {
        /// The process is killed: nothing is lost yet, but nothing more is durable either.
        case killed
        case powerLoss
    }

    @Test(
        "while the store recovers, or soon after: still nothing is lost, whatever the first end was",
        arguments: End.allCases)
    func again(_ end: End) async throws {
        try await withFolder { folder in
            let seed = end == .killed ? 21 : 22
            let recording = try await Recording.make(Script(seed: seed), seed: seed, in: folder + "/live")
            var random = SeededRandom(seed)
            var failures = 0
            let judge = Judge(folder + "/dead")
            let points = recording.points(Effort.of(8, long: 80), &random)
            try await recording.replay(at: points) { point, disk, allowed in
                let image = disk.image(end == .killed ? .all : .torn512, &random)
                image.write(to: folder + "/again")
                var second = try await Recording.make(
                    Script(steps: [Script.deliverToTwo, Script.deliverLarge, Script.flag]), seed: point,
                    on: end == .killed ? disk : Disk(image), namesFrom: 10_000, in: folder + "/again")
                second.sent.merge(recording.sent) { _, first in first }
                await second.replay(at: second.points(Effort.of(12, long: 60), &random)) { moment, disk, states in
                    let isBefore = second.events[..<moment].allSatisfy { !$0.isCommit }
                    let survival = random.pick(Survival.allCases)
                    let found = await judge.findings(
                        disk.image(survival, &random), allowed: isBefore ? allowed + states : states, sent: second.sent)
                    guard !found.isEmpty else { return true }
                    failures += 1
                    Issue.record(
                        "\(end) at \(point), then at \(moment), \(survival): \(found.joined(separator: "\n"))\nafter \(second.story(before: moment))"
                    )
                    return false
                }
                return failures < 3
            }
        }
    }
}

extension DiskEvent {
    fileprivate var isCommit: Bool { if case .committed = self { true } else { false } }
}
