/// The base subject of RFC 5256 §2.1, for SORT and THREAD.
public struct BaseSubject: Hashable, Sendable {
    /// UTF-8; may be empty.
    public let text: String
    /// Something that tells a reply or a forward was taken away.
    public let isReplyOrForward: Bool

    /// - Parameter subject: unfolded, its encoded words decoded (step 1 of the RFC), as `Header.subject` gives it.
    public init(of subject: String) {
        var trimmer = Trimmer(Self.collapsed(subject))
        trimmer.run()
        text = String(decoding: trimmer.octets[trimmer.range], as: UTF8.self)
        isReplyOrForward = trimmer.isReplyOrForward
    }

    /// RFC 5256 §2.1 (1): tabs become spaces, runs of spaces one.
    private static func collapsed(_ subject: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(subject.utf8.count)
        for octet in subject.utf8 {
            if !octet.isBlank {
                result.append(octet)
            } else if result.last != .space {
                result.append(.space)
            }
        }
        return result
    }
}

/// Narrows `range` until nothing more can be taken away. Each look costs what it takes away, or stops the run.
private struct Trimmer {
    let octets: [UInt8]
    var range: Range<Int>
    var isReplyOrForward = false
    /// For each "[", where its blob ends with the blanks behind it; made once, so that many brackets cost no more.
    private let blobEnds: [Int: Int]
    /// The end of a run of blobs behind which no "re:" or "fwd:" stands: the rest of the run need not be walked again.
    private var fruitlessRunEnd = -1

    init(_ octets: [UInt8]) {
        self.octets = octets
        range = 0..<octets.count
        blobEnds = Self.blobs(octets)
    }

    mutating func run() {
        repeat {
            while dropTrailer() {}
            while dropLeader() || dropBlob() {}
        } while unwrapForward()
    }

    private var first: UInt8? { range.isEmpty ? nil : octets[range.lowerBound] }

    /// (2) `subj-trailer = "(fwd)" / WSP`
    private mutating func dropTrailer() -> Bool {
        guard let last = octets[range].last else { return false }
        if last == .space {
            range = range.dropLast()
            return true
        }
        guard range.count >= 5, matches("(fwd)", at: range.upperBound - 5) else { return false }
        range = range.dropLast(5)
        isReplyOrForward = true
        return true
    }

    /// (3) `subj-leader = (*subj-blob subj-refwd) / WSP`, `subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"`
    private mutating func dropLeader() -> Bool {
        if first == .space {
            range = range.dropFirst()
            return true
        }
        var position = range.lowerBound
        guard position >= fruitlessRunEnd else { return false }
        while let end = blobEnd(at: position) { position = end }
        guard let behind = behindReplyOrForward(at: position) else {
            fruitlessRunEnd = position
            return false
        }
        range = behind..<range.upperBound
        isReplyOrForward = true
        return true
    }

    private func behindReplyOrForward(at start: Int) -> Int? {
        var position: Int
        if matches("re", at: start) {
            position = start + 2
        } else if matches("fwd", at: start) {
            position = start + 3
        } else if matches("fw", at: start) {
            position = start + 2
        } else {
            return nil
        }
        while position < range.upperBound, octets[position] == .space { position += 1 }
        if let end = blobEnd(at: position) { position = end }
        guard position < range.upperBound, octets[position] == UInt8(ascii: ":") else { return nil }
        return position + 1
    }

    /// (4) a blob goes only if something is left.
    private mutating func dropBlob() -> Bool {
        guard let end = blobEnd(at: range.lowerBound), end < range.upperBound else { return false }
        range = end..<range.upperBound
        return true
    }

    /// (6) `subj-fwd = "[fwd:" subject "]"`
    private mutating func unwrapForward() -> Bool {
        guard range.count >= 6, matches("[fwd:", at: range.lowerBound), octets[range].last == UInt8(ascii: "]") else {
            return false
        }
        range = range.lowerBound + 5..<range.upperBound - 1
        fruitlessRunEnd = -1
        isReplyOrForward = true
        return true
    }

    private func blobEnd(at position: Int) -> Int? {
        guard position < range.upperBound, let end = blobEnds[position], end <= range.upperBound else { return nil }
        return end
    }

    /// `subj-blob = "[" *BLOBCHAR "]" *WSP`; a BLOBCHAR is no bracket.
    private static func blobs(_ octets: [UInt8]) -> [Int: Int] {
        var result: [Int: Int] = [:]
        var open: Int?
        for (position, octet) in octets.enumerated() {
            if octet == UInt8(ascii: "[") { open = position }
            if octet == UInt8(ascii: "]"), let start = open {
                let hasSpace = position + 1 < octets.count && octets[position + 1] == .space
                result[start] = position + (hasSpace ? 2 : 1)
                open = nil
            }
        }
        return result
    }

    private func matches(_ text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= range.upperBound, start >= range.lowerBound else { return false }
        for offset in 0..<text.utf8CodeUnitCount where octets[start + offset].asciiLowered != text.utf8Start[offset] {
            return false
        }
        return true
    }
}
