internal import Glibc
internal import MailCrypto
internal import SQLite

/// Reads bodies where an index says they are and compares their digests: all up to 10,000, else 1,000 spread over all.
struct BodySample: Sendable {
    static let allMax: Int64 = 10_000
    static let spread: Int64 = 1_000

    private struct Place: Sendable {
        var body: Int64
        var segment: Int64
        var offset: Int64
        var octets: Int64
        var digest: [UInt8]
    }

    private let places: [Place]

    init(_ connection: ReadConnection) throws {
        let count = try connection.integer("SELECT count(*) FROM body") ?? 0
        let step = count <= Self.allMax ? 1 : count / Self.spread
        // Of stored octets that are the body itself (codec 0), which all are today.
        places = try connection.all(
            """
            SELECT body_id, segment_id, segment_offset, stored_length, digest FROM body
            WHERE body_id % ? = 0 AND codec = 0 ORDER BY segment_id, segment_offset
            """, .integer(step)
        ) {
            Place(
                body: $0.integer(0), segment: $0.integer(1), offset: $0.integer(2), octets: $0.integer(3),
                digest: $0.octets(4))
        }
    }

    /// Blocks.
    ///
    /// - Parameter paths: of the segments' files by their number.
    /// - Returns: how many were read and found right.
    func read(paths: [Int64: String], findings: (String) -> Void) -> Int {
        var read = 0
        var opened: (segment: Int64, descriptor: Int32)?
        defer { if let opened { close(opened.descriptor) } }
        for place in places {
            if opened?.segment != place.segment {
                if let opened { close(opened.descriptor) }
                opened = paths[place.segment].map { (place.segment, open($0, O_RDONLY | O_CLOEXEC)) }
            }
            if let problem = check(place, opened?.descriptor ?? -1) {
                findings("body \(place.body) \(problem)")
            } else {
                read += 1
            }
        }
        return read
    }

    private func check(_ place: Place, _ descriptor: Int32) -> String? {
        guard descriptor >= 0 else { return "lies in segment \(place.segment), which the set does not have" }
        guard place.offset >= 0, place.octets >= 0 else { return "has no place" }
        do {
            let digest = try SHA256.hash(fileDescriptor: descriptor, offset: place.offset, octets: place.octets)
            return digest.octets.starts(with: place.digest) ? nil : "is not what its digest says"
        } catch {
            return "cannot be read"
        }
    }
}
