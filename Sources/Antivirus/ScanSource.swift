/// Octets in one piece of memory, whoever owns them.
public protocol ContiguousOctets: Sendable {
    func withOctets<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}

extension [UInt8]: ContiguousOctets {
    public func withOctets<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(body)
    }
}

/// What to scan.
public struct ScanSource: Sendable {
    enum Octets: Sendable {
        case memory([any ContiguousOctets])
        case descriptor(Int32)
    }

    var octets: Octets
    /// A whole Internet message, and not a bare file.
    var isMessage: Bool

    /// Pieces that follow one another (our own prefix, then the body).
    ///
    /// - Parameter isMessage: read as an Internet message whatever its first header field is; false for a bare file.
    public static func octets(_ pieces: any ContiguousOctets..., isMessage: Bool = true) -> ScanSource {
        ScanSource(octets: .memory(pieces), isMessage: isMessage)
    }

    /// An open regular file, from its first octet; it stays open and its offset stays where it is. The scanner gets a
    /// descriptor of its own that cannot write.
    public static func file(descriptor: Int32, isMessage: Bool = true) -> ScanSource {
        ScanSource(octets: .descriptor(descriptor), isMessage: isMessage)
    }
}
