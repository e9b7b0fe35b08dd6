import Glibc
import MailCore
import NIOCore
import Testing

@testable import MessageStore

/// Root may do everything: these prove something when an ordinary user runs them, as `deploy/test` does.
@Suite("Files that are not ours to use", .enabled(if: getuid() != 0))
struct PermissionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var path: String
        var mode: mode_t
        var testDescription: String { "\(path) \(String(mode, radix: 8))" }
    }

    static let cases =
        ["mail.db", "mail.db-wal", "mail.db-shm", "segments/01/1-1.seg"].flatMap {
            [Case(path: $0, mode: 0o000), Case(path: $0, mode: 0o400)]
        }
        + ["", "/segments", "/segments/01", "/incoming", "/lost"].flatMap {
            [Case(path: $0, mode: 0o000), Case(path: $0, mode: 0o500)]
        }

    @Test(
        "without permission: an error that says so, never a trap, and nothing is lost once it is given",
        arguments: cases)
    func refused(_ example: Case) async throws {
        try await withFolder { root in
            let folder = root + "/store"
            mkdir(folder, 0o700)
            let before = try await TestStore(folder, change: Scene.shrink)
            try await before.deliver("one")
            try await before.store.deliver(
                try await before.store.stage(Self.large), to: [LocalCopy(account: TestStore.ann)])
            await before.close()
            let path = example.path.isEmpty ? folder : folder + "/" + example.path
            var status = stat()
            #expect(stat(path, &status) == 0 && chmod(path, example.mode) == 0)
            let kept = await Self.use(folder, example)
            chmod(path, status.st_mode & 0o777)
            let after = try await TestStore(folder, change: Scene.shrink)
            let inbox = try await after.inbox()
            #expect(inbox.messages == 2 + kept)
            #expect(try await after.text(inbox.id, 1) == String(buffer: message("one")))
            #expect(try await after.text(inbox.id, 2) == String(buffer: Self.large))
            #expect(try await after.store.check() == [])
            await after.close()
        }
    }

    private static let large = message("large", body: String(repeating: "x", count: 4_000))

    /// Returns how many messages were taken.
    private static func use(_ folder: String, _ example: Case) async -> Int {
        do {
            let test = try await TestStore(folder, change: Scene.shrink)
            var kept = 0
            for text in [message("two"), large] {
                do {
                    try await test.store.deliver(
                        try await test.store.stage(text), to: [LocalCopy(account: TestStore.ann)])
                    kept += 1
                } catch {
                    complain(of: error, example)
                }
            }
            await test.close()
            return kept
        } catch {
            complain(of: error, example)
            return 0
        }
    }

    private static func complain(of error: any Error, _ example: Case) {
        let text = StoreError(error).diagnostic
        let isClear = ["ermission denied", "readonly", "unable to open"].contains { text.contains($0) }
        #expect(isClear, "\(example): \(text)")
    }
}
