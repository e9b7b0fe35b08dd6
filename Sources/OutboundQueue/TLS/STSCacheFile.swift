import Execution
import Glibc
import Logging
import Observation

/// Policies of MTA-STS as they outlive a restart, so that nobody can hide a domain's policy by waiting for one
/// (RFC 8461 §10.2). A text:
///
///     cache = "postino-mta-sts 1" LF *( domain SP id SP expires SP fetched SP xtext LF )    ; seconds since 1970
///
/// It may be removed at any time.
struct STSCacheFile: Sendable {
    static let entriesMax = 10_000
    private static let octetsMax = 64 << 20
    private static let opening = "postino-mta-sts 1"

    let path: String
    let files: BlockingPool

    /// Empty when there is none, or none that can be read.
    func load() async -> [String: STSPolicies.Known] {
        let path = path
        guard let text = try? await files.run(priority: .bulk, { Self.read(path) }) else { return [:] }
        return Self.parse(text)
    }

    func save(_ known: [String: STSPolicies.Known]) async {
        let (path, text) = (path, Self.text(known))
        do {
            try await files.run(priority: .bulk) { try Self.write(text, to: path) }
        } catch {
            Log.logger("queue").warning("policies of MTA-STS cannot be kept", metadata: ["error": "\(error)"])
        }
    }

    static func text(_ known: [String: STSPolicies.Known]) -> String {
        var text = opening + "\n"
        for (domain, entry) in known.sorted(by: { $0.key < $1.key }) where entry.policy != nil {
            let word = XText.encode(entry.identifier)
            text += "\(domain) \(word) \(entry.expiresAt) \(entry.fetchedAt) \(XText.encode(entry.text))\n"
        }
        return text
    }

    static func parse(_ text: String) -> [String: STSPolicies.Known] {
        let lines = text.split(separator: "\n")
        guard lines.first.map(String.init) == opening else { return [:] }
        var known: [String: STSPolicies.Known] = [:]
        for line in lines.dropFirst().prefix(entriesMax) {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 5, let identifier = XText.decode(words[1]), let expiresAt = Int64(words[2]),
                let fetchedAt = Int64(words[3]), let text = XText.decode(words[4]), let policy = STSPolicy(text)
            else { continue }
            known[String(words[0])] = STSPolicies.Known(
                policy: policy, text: text, identifier: identifier, expiresAt: expiresAt, fetchedAt: fetchedAt)
        }
        return known
    }

    private static func read(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while octets.count < octetsMax {
            let count = Glibc.read(file, &piece, piece.count)
            guard count > 0 else { break }
            octets += piece.prefix(count)
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private struct Failure: Error, CustomStringConvertible { var description: String }

    /// Whole or not at all. Not synced before it is renamed: a cut text is read as far as it goes.
    private static func write(_ text: String, to path: String) throws {
        let file = open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(description: String(cString: strerror(errno))) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        close(file)
        guard rest.isEmpty, rename(path + ".new", path) == 0 else {
            throw Failure(description: String(cString: strerror(errno)))
        }
    }
}
