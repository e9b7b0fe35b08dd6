extension SHA256 {
    /// The 32 octets of a digest, without an allocation.
    ///
    /// `==` stops at the first difference: where a stranger could measure that, use `ConstantTime.isEqual`.
    public struct Digest: Hashable, Sendable, CustomStringConvertible {
        /// In the memory order of the digest.
        var words = Words(0, 0, 0, 0)

        struct Words: Hashable, Sendable {
            var first: UInt64
            var second: UInt64
            var third: UInt64
            var fourth: UInt64

            init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
                (self.first, self.second, self.third, self.fourth) = (first, second, third, fourth)
            }
        }

        public static let octetsCount = 32

        init() {}

        /// Nil unless there are 32 octets.
        public init?(_ octets: some Collection<UInt8>) {
            guard octets.count == Self.octetsCount else { return nil }
            withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: octets) }
        }

        /// Nil unless there are 64 hexadecimal digits.
        public init?(hexadecimal text: some StringProtocol) {
            guard let octets = Hexadecimal.decode(text) else { return nil }
            self.init(octets)
        }

        public var octets: [UInt8] { withUnsafeBytes { Array($0) } }

        /// 64 digits in lower case.
        public var description: String { withUnsafeBytes { Hexadecimal.encode($0) } }

        public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
            try Swift.withUnsafeBytes(of: words, body)
        }
    }
}
