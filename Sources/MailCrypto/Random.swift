import COpenSSL

/// Octets that nobody can foretell, from libcrypto's generator (seeded by the kernel, also after fork).
public enum Random {
    /// Ends the process when there is no randomness to be had: every key made from then on could be guessed.
    public static func octets(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(UnsafeMutableRawBufferPointer(buffer))
            initialized = count
        }
    }

    public static func uint64() -> UInt64 {
        var value: UInt64 = 0
        withUnsafeMutableBytes(of: &value) { fill($0) }
        return value
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard buffer.count > 0 else { return }
        let done = RAND_bytes(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(buffer.count))
        precondition(done == 1, "no random octets")
    }
}
