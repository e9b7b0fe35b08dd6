internal import Execution
public import SQLite

extension MessageStore {
    /// Findings that are told at most.
    static let findingsMax = 1_000

    /// Compares the database with itself and with the segments. Empty when all is well; else a sentence each, 1,000 at most.
    ///
    /// Reads everything, in pages that let mail pass; it reads one snapshot a page, so that it may be run while the server
    /// serves, and tells of a counter only when it is wrong twice.
    ///
    /// - Parameters:
    ///   - readsBodies: also every octet of every body against its digest.
    ///   - progress: is told sentences; must not block.
    public func check(
        readsBodies: Bool = true, progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(StoreError) -> [String] {
        var findings: [String] = []
        progress("Checking the database file.")
        do {
            findings += try await database.integrityCheck().map { "mail.db: \($0)" }
        } catch {
            throw StoreError(error)
        }
        progress("Comparing counters and references.")
        for comparison in Comparison.all {
            findings += try await read(priority: .bulk) { try comparison.findings($0) }
        }
        progress("Reading the search files.")
        for damage in try await damagedSearchFiles() {
            findings.append("\(damage.name): \(damage.detail); it can be made anew from the mail")
        }
        let bodies = BodyCheck(store: self, readsOctets: readsBodies, progress: progress)
        findings += try await bodies.run(findingsMax: Self.findingsMax - findings.count).map(\.sentence)
        return Array(findings.prefix(Self.findingsMax))
    }

    func damagedSearchFiles() async throws(StoreError) -> [SearchIndex.Damage] {
        do {
            return try await search.damaged(on: files)
        } catch {
            throw StoreError(error)
        }
    }

    /// The comparisons of `check` on an index alone, for one that was converted and is not served.
    public static func compare(_ database: Database) async throws(StoreError) -> [String] {
        do {
            var findings: [String] = []
            for comparison in Comparison.all {
                findings += try await database.read(priority: .bulk) { try comparison.findings($0) }
            }
            return findings
        } catch {
            throw StoreError(error)
        }
    }

    /// Files in lost/, which the index did not know at some start: what was on its way when the end came, or what a newer
    /// index had. Nothing is wrong with the store by them.
    public func lostFiles() -> [String] {
        let paths = StorePaths(directory: options.directory)
        return ((try? FolderListing.names(in: paths.lost)) ?? []).filter { $0.hasSuffix(".seg") }.sorted()
    }
}
