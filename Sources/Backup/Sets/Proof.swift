internal import FoundationEssentials

/// What came of proving a set; also the content of `proof.json` in it.
public struct Proof: Codable, Equatable, Sendable {
    public var set: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public var provenAt: Int64
    /// What is wrong, a sentence each; empty when the set is proven.
    public var findings: [String]
    public var bodiesRead: Int
    public var filesRead: Int
    /// Paths in the target of files that are not what the manifest says.
    public var damagedFiles: [String]

    public var isProven: Bool { findings.isEmpty }

    /// "proven", or "failed: " and why.
    public var state: String {
        guard let first = findings.first else { return "proven" }
        return "failed: " + first + (findings.count > 1 ? " (and \(findings.count - 1) more)" : "")
    }

    static let findingsMax = 100
    static let octetsMax = 1 << 20

    mutating func find(_ finding: String) {
        if findings.count < Self.findingsMax { findings.append(finding) }
    }

    func encoded() throws -> [UInt8] { [UInt8](try JSONEncoder().encode(self)) + [0x0a] }

    static func decode(_ octets: [UInt8]) throws -> Proof { try JSONDecoder().decode(Proof.self, from: Data(octets)) }
}
