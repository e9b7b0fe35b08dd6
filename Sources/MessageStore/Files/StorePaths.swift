/// Where things are in the store's folder, and how numbers are made.
struct StorePaths: Sendable {
    let directory: String

    var segments: String { directory + "/segments" }
    var incoming: String { directory + "/incoming" }
    var lost: String { directory + "/lost" }
    var search: String { directory + "/search" }
    var commitMark: String { directory + "/commit-mark" }

    /// `segments/HH`, by the low octet of the number.
    func segmentFolder(_ id: Int64) -> String {
        let low = id & 0xff
        return segments + "/" + (low < 16 ? "0" : "") + String(low, radix: 16)
    }

    /// `segments/HH/<generation>-<id>.seg`
    func segment(_ id: Int64) -> String { segmentFolder(id) + "/" + Self.segmentName(id) }

    static func segmentName(_ id: Int64) -> String { "\(StoreID.generation(of: id))-\(StoreID.counter(of: id)).seg" }

    /// In lost/: what an index did not know of a segment from an offset on.
    static func segmentName(_ id: Int64, tailFrom offset: Int) -> String {
        "\(StoreID.generation(of: id))-\(StoreID.counter(of: id)).from-\(offset).seg"
    }

    /// The number in a segment's file name; nil for any other name.
    static func segmentID(ofName name: some StringProtocol) -> Int64? {
        guard name.hasSuffix(".seg") else { return nil }
        let parts = name.dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let generation = Int64(parts[0]), let counter = Int64(parts[1]),
            (1...StoreID.generationMax).contains(generation), (0...StoreID.counterMax).contains(counter)
        else { return nil }
        return StoreID.make(generation: generation, counter: counter)
    }
}

/// Numbers of bodies, mailboxes, messages and segments: the store's generation in the upper bits, so that nothing given
/// out in a time that a restore took back is ever given again.
enum StoreID {
    static let counterBits: Int64 = 40
    static let counterMax: Int64 = 1 << counterBits - 1
    static let generationMax: Int64 = 1 << 22

    static func make(generation: Int64, counter: Int64) -> Int64 { generation << counterBits | counter }

    static func generation(of id: Int64) -> Int64 { id >> counterBits }

    static func counter(of id: Int64) -> Int64 { id & counterMax }
}
