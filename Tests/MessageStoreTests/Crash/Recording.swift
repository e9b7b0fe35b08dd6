import Testing

@testable import MessageStore

/// A script that was played to its end, with everything that it did to the disk.
struct Recording: Sendable {
    /// What was there before.
    var start: Disk
    var events: [DiskEvent]
    /// Messages by subject.
    var sent: [String: String]

    /// Plays the script on a new store.
    static func make(_ script: Script, seed: Int, in folder: String) async throws -> Recording {
        DiskImage(names: [:], contents: [:]).write(to: folder)
        return try await make(script, seed: seed, on: Disk(), in: folder)
    }

    /// Plays the script on what a disk holds, which the folder shows already.
    static func make(
        _ script: Script, seed: Int, on start: Disk, namesFrom: Int = 0, in folder: String
    ) async throws -> Recording {
        let start = start.renumbered
        let disk = TestDisk(folder, .recording(start))
        let scene = Scene(disk, seed: seed, namesFrom: namesFrom)
        try await scene.open()
        for step in script.steps {
            try await step.run(scene)
            if !step.mayBeIdle { disk.acknowledged(step.name) }
        }
        #expect(try await scene.store.check() == [])
        await scene.close()
        let recording = Recording(start: start, events: disk.events, sent: scene.sent)
        #expect(recording.hastyAnswers == [])
        return recording
    }

    /// What was answered with yes before it was committed; must be empty, since only commits are looked for later.
    private var hastyAnswers: [String] {
        var (committed, isNew) = ("", false)
        return events.compactMap { event in
            switch event {
            case .committed(let rows):
                (committed, isNew) = ("\n" + rows, true)
                return nil
            case .acknowledged(let what, let rows):
                // A whole step has no rows of its own, but does not go without a commit.
                defer { if rows.isEmpty { isNew = false } }
                let isFounded = rows.isEmpty ? isNew : rows.allSatisfy { committed.contains("\n" + $0) }
                return isFounded ? nil : what
            default: return nil
            }
        }
    }

    /// The disk after the last event.
    var end: Disk {
        var disk = start
        for (index, event) in events.enumerated() { disk.apply(event, at: index) }
        return disk
    }

    /// The same on a disk that says that it synced what it did not.
    func without(_ isForgotten: (DiskEvent) -> Bool) -> Recording {
        var copy = self
        // A mark in its place: indexes stay what they are.
        copy.events = events.map { isForgotten($0) ? .acknowledged("forgotten", rows: []) : $0 }
        return copy
    }

    /// Goes through the moments at which the power could go.
    ///
    /// - Parameters:
    ///   - points: indexes of the events before which it does; ascending.
    ///   - body: gets the disk, and what the index may hold then: all that was committed, and perhaps what was not yet.
    ///     False ends it.
    func replay(at points: [Int], _ body: (Int, Disk, [String]) async throws -> Bool) async rethrows {
        let states = events.enumerated().compactMap { index, event -> (index: Int, rows: String)? in
            if case .committed(let rows) = event { (index, rows) } else { nil }
        }
        var disk = start
        var next = 0
        for point in points.sorted() {
            while next < point {
                disk.apply(events[next], at: next)
                next += 1
            }
            let done = states.prefix { $0.index < point }.count
            guard try await body(point, disk, states[max(0, done - 1)..<min(states.count, done + 1)].map(\.rows)) else {
                return
            }
        }
    }

    /// Moments by chance: half of them beside a sync, a name or a commit.
    func points(_ count: Int, _ random: inout SeededRandom) -> [Int] {
        guard count < events.count else { return Array(0...events.count) }
        let turning = events.indices.filter { events[$0].isTurningPoint }.flatMap { [$0, $0 + 1] }
        var points = Set([0, events.count])
        while points.count < count {
            points.insert(random.isTrue() ? random.pick(turning) : random.below(events.count))
        }
        return points.sorted()
    }

    /// The last things done before a moment, for a person.
    func story(before point: Int) -> String {
        events[..<point].suffix(8).map(\.summary).joined(separator: "; ")
    }
}
