internal import Execution
internal import Glibc
public import MIME
internal import MailCrypto
public import NIOCore
internal import Synchronization

extension MessageStore {
    /// What `StagedMessage.head` holds of a spooled message.
    static let headOctetsMax = 262_144

    /// Parses, digests and renders a message on the CPU pool. Nothing is on disk yet.
    ///
    /// - Parameters:
    ///   - octets: the message as received; line endings are as they should stay.
    ///   - preceding: header lines of our own (Received) that become the first octets of the shared body.
    /// - Throws: `tooLarge`, `busy`.
    public func stage(_ octets: ByteBuffer, preceding: ByteBuffer? = nil) async throws(StoreError) -> StagedMessage {
        let count = octets.readableBytes + (preceding?.readableBytes ?? 0)
        guard count <= options.messageOctetsMax else { throw .tooLarge(octetsMax: options.messageOctetsMax) }
        if count > options.inlineOctetsMax {
            let spool = try makeSpool()
            if let preceding { try await spool.append(preceding) }
            try await spool.append(octets)
            return try await stage(spool)
        }
        do {
            return try await cpu.run { Self.staged(octets, preceding) }
        } catch {
            throw StoreError(error)
        }
    }

    private static func staged(_ octets: ByteBuffer, _ preceding: ByteBuffer?) -> StagedMessage {
        var whole = octets.slice()
        if let preceding, preceding.readableBytes > 0 {
            whole = ByteBuffer()
            whole.reserveCapacity(preceding.readableBytes + octets.readableBytes)
            whole.writeImmutableBuffer(preceding)
            whole.writeImmutableBuffer(octets)
        }
        let message = MIME.Message(parsing: whole)
        let (digest, checksum) = whole.withUnsafeReadableBytes { (SHA256.hash($0), CRC32C.checksum($0)) }
        return StagedMessage(
            octetCount: whole.readableBytes, facts: MessageFacts(message), message: message, head: whole,
            digest: digest.withUnsafeBytes { Array($0.prefix(16)) }, content: .memory(whole, checksum: checksum))
    }

    /// A file under incoming/ for a message above 1 MiB. Blocks for the time of making a file.
    public func makeSpool() throws(StoreError) -> Spool {
        let number = spoolNumber.wrappingAdd(1, ordering: .relaxed).newValue
        return try Spool(
            path: StorePaths(directory: options.directory).incoming + "/\(getpid())-\(number).eml", files: files,
            layer: layer, octetsMax: options.messageOctetsMax)
    }

    /// Ends a spool: its octets are parsed and rendered. It must not be appended to again. Nothing need be on disk yet.
    ///
    /// While it is parsed the message is in memory once.
    public func stage(_ spool: Spool) async throws(StoreError) -> StagedMessage {
        do {
            return try await cpu.run(priority: .bulk) { try Self.staged(spool) }
        } catch {
            throw StoreError(error)
        }
    }

    /// A message with other octets in its place. While they are made it is in memory twice.
    public func restage<Failure: Error>(
        _ message: StagedMessage, _ change: @escaping @Sendable (MIME.Message) throws(Failure) -> ByteBuffer
    ) async throws(StoreError) -> Result<StagedMessage, Failure> {
        let changed: Result<ByteBuffer, Failure>
        do {
            changed = try await cpu.run(priority: .bulk) {
                let whole: MIME.Message
                switch message.content {
                case .memory: whole = message.message
                case .spool(let spool, _): whole = MIME.Message(parsing: try spool.read())
                }
                return Result { () throws(Failure) in try change(whole) }
            }
        } catch {
            throw StoreError(error)
        }
        switch changed {
        case .success(let octets): return .success(try await stage(octets))
        case .failure(let failure): return .failure(failure)
        }
    }

    private static func staged(_ spool: Spool) throws -> StagedMessage {
        let (count, digest, checksum) = spool.state.withLock { ($0.octets, $0.digest.digest(), $0.checksum) }
        let whole = try spool.read()
        let facts = MessageFacts(MIME.Message(parsing: whole))
        // A copy: a slice would keep the whole message in memory for as long as the filter looks at its head.
        let head = ByteBuffer(bytes: whole.readableBytesView.prefix(headOctetsMax))
        return StagedMessage(
            octetCount: count, facts: facts, message: MIME.Message(parsing: head), head: head,
            digest: digest.withUnsafeBytes { Array($0.prefix(16)) }, content: .spool(spool, checksum: checksum))
    }
}
