import Control
import Directory
import Glibc
import MessageStore
import SQLite

/// Converts the store of an older version on a copy, proves the copy, and only then puts it in the old one's place.
///
/// Nothing of the old index is changed: it stays beside the new one until it is dropped by command. Messages on disk are
/// the same for both.
struct StoreUpgrade {
    let folder: StateFolder
    let progress: @Sendable (String) -> Void

    private var index: String { folder.file("mail.db") }
    private var copy: String { folder.file("mail.db.upgrading") }
    private static let chapters = MessageStore.chapters + Registry.chapters
    /// In front of the version that an old index was replaced by.
    private static let oldPrefix = "mail.db.before-"

    /// - Parameter isRehearsal: converts and proves the copy, and drops it.
    func run(isRehearsal: Bool) async throws -> Outcome {
        removeCopy()
        guard SmallFile.exists(index) else {
            throw Failure(
                .notFound, "no-store", tried: "", obstacle: "there is no store in \(folder.path)",
                next: "Name the state folder with --state or in the configuration.")
        }
        let options = Database.Options(path: index, chapters: Self.chapters)
        let found = try Database.chapterVersions(ofFile: index, applicationID: options.applicationID)
        let older = Self.chapters.filter { (found[$0.name] ?? $0.version) < $0.version }
        if let newer = Self.chapters.first(where: { (found[$0.name] ?? 0) > $0.version }) {
            throw DatabaseError.newerVersion(
                chapter: newer.name, found: found[newer.name] ?? 0, known: newer.version)
        }
        guard !older.isEmpty else { return Outcome("The store is of this program's version: nothing to do.") }
        defer { removeCopy() }
        progress("Copying the index.")
        try Database.settle(index)
        try SmallFile.copy(index, to: copy)
        progress("Converting the copy.")
        try await convert()
        let what = older.map { "\($0.name) \(found[$0.name] ?? 0) to \($0.version)" }.joined(separator: ", ")
        if isRehearsal { return Outcome("Rehearsed: the store can be converted (\(what)). Nothing was changed.") }
        let old = try swap()
        return Outcome(
            "Converted the store (\(what)). The old index is kept as \(old); drop it with: postino store drop-old")
    }

    private func convert() async throws {
        let before = try await facts(of: index, converts: false)
        let after = try await facts(of: copy, converts: true)
        guard after.counts == before.counts else {
            throw Failure(
                .checkFailed, "conversion", tried: "",
                obstacle: "the converted copy does not hold what the store holds",
                next: "The store is as it was. Keep using the older program, and report this.")
        }
        guard after.findings.isEmpty else {
            throw Failure(
                .checkFailed, "conversion", tried: "",
                obstacle: "the converted copy has faults (\(after.findings.prefix(3).joined(separator: "; ")))",
                next: "The store is as it was. Check it with the older program first: postino check")
        }
        try Database.settle(copy)
        // It was opened to be counted: what stands beside it must not be taken for the new one's.
        try Database.settle(index)
    }

    private struct Facts {
        /// Of accounts, mailboxes, messages in them, messages, bodies, queued recipients.
        var counts: [Int64]
        var findings: [String] = []
    }

    private func facts(of path: String, converts: Bool) async throws -> Facts {
        var options = Database.Options(path: path, chapters: converts ? Self.chapters : [])
        options.convertsOlder = converts
        options.readers = 1
        let database = try Database(options: options)
        let outcome: Result<Facts, any Error>
        do {
            var facts = Facts(counts: try await database.read(Self.counts))
            if converts {
                facts.findings = try await database.integrityCheck()
                facts.findings += try await MessageStore.compare(database)
            }
            outcome = .success(facts)
        } catch {
            outcome = .failure(error)
        }
        await database.close()
        return try outcome.get()
    }

    private static func counts(_ connection: ReadConnection) throws -> [Int64] {
        var counts: [Int64] = []
        for statement in [
            "SELECT count(*) FROM account", "SELECT count(*) FROM mailbox", "SELECT count(*) FROM mailbox_message",
            "SELECT count(*) FROM message", "SELECT count(*) FROM body", "SELECT count(*) FROM queue_recipient",
        ] as [StaticString] { counts.append(try connection.integer(statement) ?? 0) }
        return counts
    }

    /// One rename: before it the old index is in place, after it the new one, whenever the end comes.
    private func swap() throws -> String {
        let version = MessageStore.chapter.version
        let old = folder.file("\(Self.oldPrefix)\(version)")
        unlink(old)
        guard link(index, old) == 0, rename(copy, index) == 0 else {
            throw Failure(
                .failed, "swap", tried: "", obstacle: "the index cannot be renamed: \(String(cString: strerror(errno)))"
            )
        }
        try SmallFile.sync(folder: folder.path)
        return old
    }

    private func removeCopy() { for suffix in ["", "-wal", "-shm"] { unlink(copy + suffix) } }

    /// Removes the old indexes that upgrades have kept.
    static func dropOld(in folder: StateFolder) -> Outcome {
        let old = StateFolder.names(in: folder.path).filter { $0.hasPrefix(oldPrefix) }.sorted()
        for name in old { unlink(folder.file(name)) }
        return Outcome(old.isEmpty ? "There is no old index." : "Dropped \(old.joined(separator: ", ")).")
    }
}
