public import Directory
import Glibc
import MailCrypto

/// Makes a domain's next pair of keys: RSA, which all verify, and Ed25519 (RFC 8463).
public enum SigningKeyMaker {
    /// - Parameter selector: what both selectors begin with; nil: the date, with a letter when that is taken.
    /// - Returns: the new rows.
    public static func add(
        to registry: Registry, _ domain: String, selector: String? = nil, signsAtOnce: Bool
    ) async throws -> [SigningKeyRow] {
        let known = Set(try await registry.signingKeys(of: domain).map(\.selector))
        let stem = selector?.lowercased() ?? freeStem(known)
        let keys = try await Task.detached {
            // Half a second of arithmetic, and rare.
            [
                (selector: "\(stem)r", key: try SigningKey(generating: .rsa)),
                (selector: "\(stem)e", key: try SigningKey(generating: .ed25519)),
            ]
        }.value
        try await registry.addSigningKeys(keys, domain: domain, signsAtOnce: signsAtOnce)
        let names = Set(keys.map(\.selector))
        return try await registry.signingKeys(of: domain).filter { names.contains($0.selector) }
    }

    private static func freeStem(_ taken: Set<String>) -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        let number = (Int(parts.tm_year) + 1_900) * 10_000 + (Int(parts.tm_mon) + 1) * 100 + Int(parts.tm_mday)
        let stems = ["k\(number)"] + "abcdefgh".map { "k\(number)\($0)" }
        return stems.first { !taken.contains("\($0)r") && !taken.contains("\($0)e") } ?? "k\(number)z"
    }
}
