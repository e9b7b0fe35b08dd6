/// A file of message octets, for backups.
public struct SegmentFile: Equatable, Sendable {
    public var id: Int64
    /// Relative to the store's folder: "segments/HH/<generation>-<id>.seg".
    public var name: String
    public var path: String
    /// Never changes any more.
    public var isSealed: Bool
    /// Of a sealed one all that counts (the file may be longer by what was never acknowledged); of the open one what is
    /// committed now.
    public var octets: Int
}
