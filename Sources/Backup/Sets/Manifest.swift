internal import FoundationEssentials
internal import MailCrypto

/// What one set consists of: `manifest.json`. Paths are relative to the target, numbers are octets or Unix seconds.
struct Manifest: Codable, Equatable, Sendable {
    /// A file of this set or of several.
    struct File: Codable, Equatable, Sendable {
        var path: String
        var octets: Int64
        /// 64 hexadecimal digits.
        var sha256: String
        /// Where a restore puts it, relative to the restored folder.
        var restoredAs: String
    }

    /// A file of message octets.
    struct Segment: Codable, Equatable, Sendable {
        var id: Int64
        /// In the store's folder: "segments/HH/<generation>-<id>.seg".
        var name: String
        var octets: Int64
        /// One for a sealed segment. The pieces in a row for the one that was open: then `sha256` of each is its own.
        var parts: [Part]
        var isSealed: Bool
    }

    struct Part: Codable, Equatable, Sendable {
        var path: String
        var octets: Int64
        var sha256: String
    }

    struct Counts: Codable, Equatable, Sendable {
        var accounts: Int64
        var messages: Int64
        var octets: Int64
    }

    static let currentFormat = 1
    static let octetsMax = 256 << 20

    /// 1. A program refuses what is above its own.
    var format: Int
    var name: String
    /// Names the store over restores.
    var store: String
    var generation: Int64
    var createdAt: Int64
    var counts: Counts
    /// `mail.db` first.
    var files: [File]
    var segments: [Segment]
    /// What this set added to the target.
    var octetsAdded: Int64

    /// What a restore reads.
    var octets: Int64 {
        files.reduce(0) { $0 + $1.octets } + segments.reduce(0) { $0 + $1.octets }
    }

    /// Every file that the set needs.
    var parts: [Part] {
        files.map { Part(path: $0.path, octets: $0.octets, sha256: $0.sha256) } + segments.flatMap(\.parts)
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self)) + [0x0a]
    }

    init(
        format: Int = currentFormat, name: String, store: String, generation: Int64, createdAt: Int64, counts: Counts,
        files: [File], segments: [Segment], octetsAdded: Int64
    ) {
        self.format = format
        self.name = name
        self.store = store
        self.generation = generation
        self.createdAt = createdAt
        self.counts = counts
        self.files = files
        self.segments = segments
        self.octetsAdded = octetsAdded
    }

    /// A manifest as it was read; paths that leave the target or the restored folder are refused.
    init(decoding octets: [UInt8]) throws {
        struct Head: Decodable { var format: Int }
        let head = try JSONDecoder().decode(Head.self, from: Data(octets))
        guard head.format <= Self.currentFormat else {
            throw BackupError.failed(operation: "read the manifest", detail: "it is of a newer program")
        }
        self = try JSONDecoder().decode(Manifest.self, from: Data(octets))
        let paths = parts.map(\.path) + files.map(\.restoredAs) + segments.map(\.name)
        for path in paths where path.hasPrefix("/") || path.split(separator: "/").contains("..") || path.isEmpty {
            throw BackupError.failed(operation: "read the manifest", detail: "the path \(path) leads outside")
        }
    }

    /// Lines that `sha256sum -c` reads, for a check without this program.
    func digestLines(manifestSHA256: String) -> String {
        var lines = "\(manifestSHA256)  sets/\(name)/manifest.json\n"
        for part in parts { lines += "\(part.sha256)  \(part.path)\n" }
        return lines
    }
}
