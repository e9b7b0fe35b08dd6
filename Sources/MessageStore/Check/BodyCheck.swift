internal import Execution
internal import Glibc
internal import MailCrypto
internal import NIOCore
internal import SQLite

/// Bodies against their places and digests, a page at a time.
struct BodyCheck: Sendable {
    struct Finding: Sendable {
        var body: Int64
        var sentence: String
    }

    private static let pageMax = 500

    let store: MessageStore
    let readsOctets: Bool
    let progress: @Sendable (String) -> Void

    init(store: MessageStore, readsOctets: Bool, progress: @escaping @Sendable (String) -> Void = { _ in }) {
        self.store = store
        self.readsOctets = readsOctets
        self.progress = progress
    }

    func run(findingsMax: Int) async throws(StoreError) -> [Finding] {
        var findings: [Finding] = []
        var from: Int64 = 0
        var count = 0
        while findings.count < findingsMax {
            let start = from
            let bodies = try await store.read(priority: .bulk) { connection in
                try connection.all(
                    """
                    SELECT body_id, raw_length, digest, segment_id, segment_offset, stored_length, codec FROM body
                    WHERE body_id > ? ORDER BY body_id LIMIT ?
                    """, .integer(start), .integer(Self.pageMax)
                ) { BodyReference($0, from: 0) }
            }
            guard let last = bodies.last else { break }
            from = last.bodyID
            do {
                findings += try await store.files.run(priority: .bulk) { bodies.compactMap { finding($0) } }
            } catch {
                throw StoreError(error)
            }
            count += bodies.count
            if count % 50_000 < bodies.count, count > 50_000 { progress("\(count) messages read.") }
        }
        return findings
    }

    private func finding(_ body: BodyReference) -> Finding? {
        do throws(StoreError) {
            guard let sentence = readsOctets ? try digestProblem(body) : try placeProblem(body) else { return nil }
            return Finding(body: body.bodyID, sentence: sentence)
        } catch {
            return Finding(body: body.bodyID, sentence: "body \(body.bodyID): \(error.diagnostic)")
        }
    }

    private func digestProblem(_ body: BodyReference) throws(StoreError) -> String? {
        let octets = try store.readers.read(body, nil)
        let digest = octets.withUnsafeReadableBytes { SHA256.hash($0) }.withUnsafeBytes { Array($0.prefix(16)) }
        return digest == body.digest ? nil : "body \(body.bodyID): its octets do not have its digest"
    }

    private func placeProblem(_ body: BodyReference) throws(StoreError) -> String? {
        var status = stat()
        guard fstat(try store.readers.handle(body.segment).descriptor, &status) == 0,
            Int(status.st_size) >= body.offset + body.storedLength
        else { return "body \(body.bodyID): its segment \(StorePaths.segmentName(body.segment)) is too short" }
        return nil
    }
}
