import Antivirus
import Execution
import MIME
import NIOCore
import Synchronization

extension Stages {
    func virus(_ examination: Examination) async -> Findings.Virus {
        guard let scanner = services.scanner else { return .off }
        let (digest, files) = (examination.digest, services.files)
        let (content, octets) = (examination.content, examination.message.octets)
        let outcome = await TimeLimit.run(milliseconds: options.antivirusMilliseconds) { () -> ScanOutcome in
            switch content {
            case .inMemory: return await scanner.scan(.octets(BufferOctets(octets)), digest: digest)
            case .spooled(let path):
                guard let file = try? await files.run({ OpenFile(path: path) }) else {
                    return .unavailable(reason: "the spooled message cannot be opened")
                }
                let outcome = await scanner.scan(.file(descriptor: file.descriptor), digest: digest)
                withExtendedLifetime(file) {}
                return outcome
            }
        }
        switch outcome {
        case .clean: return await scannerSignatures?.areMissing() == true ? .noSignatures : .clean
        case .infected(let name): return .infected(name)
        case .cannotCheck(let reason): return .cannotCheck(reason)
        case .unavailable(let reason): return .unavailable(reason)
        case nil: return .unavailable("no answer in time")
        }
    }
}

/// Lends the octets of a buffer without a copy.
private struct BufferOctets: ContiguousOctets {
    private let buffer: ByteBuffer

    init(_ buffer: ByteBuffer) { self.buffer = buffer }

    func withOctets<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try buffer.withUnsafeReadableBytes(body)
    }
}

/// Whether the scanner has signatures, asked at most every five seconds.
final class SignatureCheck: Sendable {
    private static let secondsMax: Int64 = 5

    private let count: @Sendable () async -> Int?
    private let known = Mutex<(areMissing: Bool, at: ContinuousClock.Instant)?>(nil)

    init(_ count: @escaping @Sendable () async -> Int?) { self.count = count }

    func areMissing() async -> Bool {
        let now = ContinuousClock.now
        if let known = known.withLock({ $0 }), known.at.duration(to: now) < .seconds(Self.secondsMax) {
            return known.areMissing
        }
        let count = count
        // An answer that does not come says nothing against the scan that did.
        let areMissing = await TimeLimit.run(milliseconds: 2_000) { await count() == 0 } ?? false
        known.withLock { $0 = (areMissing, now) }
        return areMissing
    }
}
