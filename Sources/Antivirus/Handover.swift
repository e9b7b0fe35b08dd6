import CSys
import Glibc

/// A descriptor that goes to the scanner; closed when nobody holds it.
final class Handover: Sendable {
    let descriptor: Int32
    let octets: Int
    /// Octets that it holds in memory.
    let memoryOctets: Int

    struct Failure: Error { var reason: String }

    /// Copies octets into a memfd, or opens a file again for reading alone.
    init(_ source: ScanSource) throws(Failure) {
        switch source.octets {
        case .memory(let pieces):
            let memory = csys_memfd("scan")
            guard memory >= 0 else { throw Failure(reason: "no memory file: \(Self.lastError)") }
            var total = 0
            for piece in pieces {
                guard let count = piece.withOctets({ Self.writeAll($0, to: memory) }) else {
                    let error = Self.lastError
                    close(memory)
                    throw Failure(reason: "cannot fill a memory file: \(error)")
                }
                total += count
            }
            descriptor = memory
            octets = total
            memoryOctets = total
        case .descriptor(let file):
            let again = open("/proc/self/fd/\(file)", O_RDONLY | O_CLOEXEC)
            guard again >= 0 else { throw Failure(reason: "cannot open the message again: \(Self.lastError)") }
            var facts = stat()
            guard fstat(again, &facts) == 0 else {
                close(again)
                throw Failure(reason: "cannot look at the message: \(Self.lastError)")
            }
            descriptor = again
            octets = Int(facts.st_size)
            memoryOctets = 0
        }
    }

    deinit { close(descriptor) }

    private static func writeAll(_ octets: UnsafeRawBufferPointer, to descriptor: Int32) -> Int? {
        var done = 0
        while done < octets.count, let start = octets.baseAddress {
            let count = write(descriptor, start + done, octets.count - done)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return nil }
            done += count
        }
        return done
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}
