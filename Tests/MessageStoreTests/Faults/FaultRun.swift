import MailCore
import NIOCore
import Synchronization

@testable import MessageStore

/// Plays a script on a disk on which one thing goes wrong, and says what went wrong with the store.
struct FaultRun {
    let folder: String
    let template: DiskImage
    /// Of the template's index.
    let rows: String
    let script: Script
    let seed: Int

    /// The calls that a script makes when nothing fails.
    func countCalls() async throws -> Int {
        template.write(to: folder)
        let disk = TestDisk(folder, .failing(nil))
        let scene = Scene(disk, seed: seed)
        try await scene.open()
        for step in script.steps { try await step.run(scene) }
        await scene.close()
        return disk.calls
    }

    /// - Parameter failuresMax: so many steps may fail before a full disk has room again.
    /// - Returns: a sentence for each finding.
    func findings(_ fault: DiskFault, until failuresMax: Int) async -> [String] {
        template.write(to: folder)
        let disk = TestDisk(folder, .failing(fault))
        let scene = Scene(disk, seed: seed)
        var findings: [String] = []
        var unsettled: Script.Step?
        var failures = 0
        let opening = Script.Step(name: "start") { try await $0.open() }
        for step in [opening] + script.steps {
            guard let error = await Self.failure(of: step, scene) else { continue }
            guard !disk.hits.isEmpty else {
                findings.append("\(step.name) failed with no fault: \(error)")
                break
            }
            failures += 1
            findings += Self.complaint(of: error, fault, step, isFirst: failures == 1)
            if fault.kind == .failure {
                unsettled = step
                findings += await poke(scene)
                break
            }
            // Without the store nothing else can be tried.
            guard failures >= failuresMax || !scene.isOpen else { continue }
            disk.lift()
            // A full disk that has room again needs no new start.
            guard let again = await Self.failure(of: step, scene) else { continue }
            if !Self.isOfMailboxes(again) || failures == 1 && !step.isLong {
                findings.append("\(step.name) fails though there is room again: \(again)")
            }
        }
        await scene.close()
        // Whatever failed, no connection stays open: the next start would meet its memory and its locks.
        if Folder.opened(below: folder).contains(where: { $0.hasSuffix("mail.db-wal") }) {
            findings.append("a connection of SQLite was not closed")
        }
        findings += await reopened(disk, scene, unsettled)
        return findings.map { "\(disk.hits): \($0)" }
    }

    private static func failure(of step: Script.Step, _ scene: Scene) async -> (any Error)? {
        do {
            try await step.run(scene)
            return nil
        } catch {
            return error
        }
    }

    /// The error that a person or a client gets must say what is the matter.
    private static func complaint(
        of error: any Error, _ fault: DiskFault, _ step: Script.Step, isFirst: Bool
    ) -> [String] {
        switch StoreError(error) {
        case .diskFull where fault.kind == .noSpace || fault.kind == .short: []
        case .storage(let operation, let detail) where fault.kind == .failure && !operation.isEmpty && !detail.isEmpty:
            []
        // What an earlier step was to make.
        case _ where !isFirst && isOfMailboxes(error): []
        case let other: ["\(step.name) failed with the wrong error: \(other)"]
        }
    }

    /// A mailbox is not there, or there already, since another step, or the first half of this one, failed or not.
    private static func isOfMailboxes(_ error: any Error) -> Bool {
        [.mailboxExists, .noSuchMailbox, .noSuchAccount].contains(StoreError(error))
    }

    /// After a failure anything may be refused, but nothing may trap, and reading goes on.
    private func poke(_ scene: Scene) async -> [String] {
        for step in [Script.deliver, Script.deliverLarge, Script.flag, Script.seal] {
            _ = await Self.failure(of: step, scene)
        }
        let reading = Script.Step(name: "read") { scene in
            let inbox = try await scene.mailbox("INBOX")
            guard let uid = try await scene.test().uids(inbox.id).first?.lowerBound else { return }
            _ = try await scene.test().text(inbox.id, uid)
        }
        guard scene.isOpen, let error = await Self.failure(of: reading, scene) else { return [] }
        return ["reading fails, too: \(error)"]
    }

    /// Starts the store again on the disk that works: nothing that was committed is gone.
    private func reopened(_ disk: TestDisk, _ scene: Scene, _ unsettled: Script.Step?) async -> [String] {
        let committed = disk.state.withLock { $0.rows } ?? rows
        return await Judge(folder).findings(sent: scene.sent) { found in
            if found == committed { return nil }
            // A commit whose sync failed may be there after all: whole, and beside all that was there.
            let lost = Self.places(committed).subtracting(Self.places(found))
            if let unsettled, unsettled.removes || lost.isEmpty { return nil }
            return "the index is not what was committed:\n\(difference(committed, found))"
        }
    }

    /// Which message is in which mailbox with which UID.
    private static func places(_ rows: String) -> Set<String> {
        let lines = rows.split(separator: "\n").filter { $0.hasPrefix("mailbox_message|") }
        return Set(lines.map { $0.split(separator: "|").prefix(4).joined(separator: "|") })
    }
}
