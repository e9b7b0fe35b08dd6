import MailCrypto

/// Makes a body canonical as it comes (RFC 6376 §3.4.3, §3.4.4) and hashes it up to each of several lengths.
struct CanonicalBody: Sendable {
    /// Octets are gathered up to here before they are hashed.
    private static let gatheredMax = 8_192

    let canonicalization: Canonicalization
    /// Octets of the canonical body so far.
    private(set) var count = 0
    private var hash = SHA256()
    private var gathered: [UInt8] = []
    /// Ascending; what is behind the last of them is hashed only when all is wanted.
    private var lengths: [Int]
    private let wantsAll: Bool
    private var digests: [(Int?, SHA256.Digest)] = []

    /// Line ends that came and count only when something follows them.
    private var lineEnds = 0
    /// White space of a line that counts only when something follows it (relaxed).
    private var hasSpace = false
    /// The piece before ended in a CR, which may be half a line end.
    private var hasCR = false

    init(_ canonicalization: Canonicalization, lengths: [Int?]) {
        self.canonicalization = canonicalization
        self.lengths = lengths.compactMap { $0 }.sorted()
        wantsAll = lengths.contains(nil)
        gathered.reserveCapacity(Self.gatheredMax + 2)
        takeLengths()
    }

    mutating func update(_ octets: UnsafeRawBufferPointer) {
        var rest = octets[...]
        while !rest.isEmpty {
            let lineFeed = rest.firstIndex(of: 0x0a)
            var line = rest[..<(lineFeed ?? rest.endIndex)]
            rest = lineFeed.map { rest[($0 + 1)...] } ?? rest[rest.endIndex...]
            if hasCR, !line.isEmpty || lineFeed == nil {
                hasCR = false
                carriageReturn()
            }
            hasCR = line.last == 0x0d
            if hasCR { line.removeLast() }
            add(UnsafeRawBufferPointer(rebasing: line))
            guard lineFeed != nil else { continue }
            // A lone LF is a line end too: our receiver makes them whole.
            hasCR = false
            hasSpace = false
            lineEnds += 1
        }
    }

    /// Ends the body: its last line end is one, however many or few there were. Relaxed, an empty body stays empty.
    mutating func finish() -> [(Int?, SHA256.Digest)] {
        if hasCR { carriageReturn() }
        lineEnds = 0
        if count + gathered.count > 0 || canonicalization == .simple { gathered += [0x0d, 0x0a] }
        flush()
        // `l=` beyond the end of the body: what there is.
        for length in lengths { digests.append((length, hash.digest())) }
        lengths = []
        if wantsAll { digests.append((nil, hash.digest())) }
        return digests
    }

    /// A line, or what came of it, without line ends.
    private mutating func add(_ octets: UnsafeRawBufferPointer) {
        var rest = octets[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.gatheredMax))
            rest = rest.dropFirst(piece.count)
            if canonicalization == .simple { content(piece) } else { addWords(piece) }
        }
    }

    private mutating func addWords(_ octets: UnsafeRawBufferPointer) {
        var start = 0
        for (index, octet) in octets.enumerated() where octet == 0x20 || octet == 0x09 {
            content(UnsafeRawBufferPointer(rebasing: octets[start..<index]))
            hasSpace = true
            start = index + 1
        }
        content(UnsafeRawBufferPointer(rebasing: octets[start...]))
    }

    /// Octets that stay, and what they make count of what stood in front of them.
    private mutating func content(_ octets: UnsafeRawBufferPointer) {
        guard !octets.isEmpty else { return }
        flushLineEnds()
        if hasSpace { gathered.append(0x20) }
        hasSpace = false
        gathered.append(contentsOf: octets)
        if gathered.count >= Self.gatheredMax { flush() }
    }

    private mutating func carriageReturn() {
        withUnsafeBytes(of: UInt8(0x0d)) { content($0) }
    }

    private mutating func flushLineEnds() {
        while lineEnds > 0 {
            gathered += [0x0d, 0x0a]
            lineEnds -= 1
            if gathered.count >= Self.gatheredMax { flush() }
        }
    }

    /// Hashes what was gathered, with a stop at each length that is wanted.
    private mutating func flush() {
        var rest = gathered[...]
        while !rest.isEmpty {
            let room = lengths.first.map { $0 - count } ?? rest.count
            let piece = rest.prefix(room)
            if wantsAll || !lengths.isEmpty { piece.withUnsafeBytes { hash.update($0) } }
            count += piece.count
            rest = rest.dropFirst(piece.count)
            takeLengths()
        }
        gathered.removeAll(keepingCapacity: true)
    }

    private mutating func takeLengths() {
        while let length = lengths.first, length == count {
            digests.append((length, hash.digest()))
            lengths.removeFirst()
        }
    }
}
