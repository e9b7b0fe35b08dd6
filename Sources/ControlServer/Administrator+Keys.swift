import Control
import Directory
import Glibc
import Logging
import MailAuth
import MailCrypto

extension Administrator {
    func generateKeys(_ text: String, _ selector: String?) async throws(Failure) -> Outcome {
        try await attempt("make keys for \(text)") {
            let domain = try NameRules.domain(text)
            let known = try await registry.signingKeys(of: domain)
            return try await addKeys(domain, selector, signsAtOnce: !known.contains { $0.state == .signing })
        }
    }

    func rotateKeys(_ text: String, now: Bool) async throws(Failure) -> Outcome {
        try await attempt("make the next keys of \(text)") {
            let domain = try NameRules.domain(text)
            let waiting = try await registry.signingKeys(of: domain).filter { $0.state == .waiting }
            if waiting.isEmpty { return try await addKeys(domain, nil, signsAtOnce: now) }
            if now {
                try await registry.startSigning(domain)
                log.notice("new signing keys in use", metadata: ["domain": "\(domain)"])
                return Outcome("The keys that waited sign the mail of \(domain) now.")
            }
            return Outcome(
                "There are keys already that wait for their records. Publish:\n\n\(try Self.zoneLines(waiting))")
        }
    }

    private func addKeys(_ domain: String, _ selector: String?, signsAtOnce: Bool) async throws -> Outcome {
        let rows = try await SigningKeyMaker.add(to: registry, domain, selector: selector, signsAtOnce: signsAtOnce)
        log.notice("signing keys made", metadata: ["domain": "\(domain)", "selectors": "\(rows.map(\.selector))"])
        let state =
            signsAtOnce
            ? "They sign its mail from now on."
            : "They sign once the DNS has these records; the server looks every hour. Old records must stay until then."
        return Outcome("Made keys for \(domain). \(state) Publish:\n\n\(try Self.zoneLines(rows))")
    }

    func listKeyRecords(_ domain: String?) async throws(Failure) -> Outcome {
        try await attempt("list the keys") {
            let rows = try await registry.signingKeys(of: domain)
            let report = Report(
                "keys",
                columns: [
                    .init("domain", "DOMAIN"), .init("selector", "SELECTOR"), .init("kind", "KIND"),
                    .init("state", "STATE"), .init("createdAt", "MADE", .time), .init("name", "RECORD"),
                    .init("text", "TEXT"),
                ],
                rows: try rows.map { row in
                    let key = try Self.key(row)
                    return [
                        row.domain, row.selector, row.key.kind.rawValue, row.state.rawValue, "\(row.createdAt)",
                        key.recordName, try key.recordText(),
                    ]
                })
            guard !rows.isEmpty else {
                return Outcome("No keys. Make some with: postino dkim gen DOMAIN", reports: [report])
            }
            return Outcome(try Self.zoneLines(rows), reports: [report])
        }
    }

    func verifyKeys(_ domain: String?) async throws(Failure) -> Outcome {
        guard let resolver else { throw Self.missing("ask the DNS", "no server serves this folder") }
        return try await attempt("verify the keys") {
            let rows = try await registry.signingKeys(of: domain)
            var faults = 0
            var table: [[String?]] = []
            for row in rows {
                let found = try await Self.key(row).published(resolver)
                if found != .right, row.state == .signing { faults += 1 }
                table.append([row.domain, row.selector, row.state.rawValue, Self.words(found)])
            }
            let report = Report(
                "keys",
                columns: [
                    .init("domain", "DOMAIN"), .init("selector", "SELECTOR"), .init("state", "STATE"),
                    .init("dns", "IN THE DNS"),
                ], rows: table)
            guard faults == 0 else {
                throw Failure(
                    .checkFailed, "not-published", tried: "verify the keys",
                    obstacle:
                        "\(faults) key\(faults == 1 ? "" : "s") that sign\(faults == 1 ? "s" : "") cannot be found: "
                        + table.filter { $0[3] != "right" }.map {
                            "\($0[1] ?? "")._domainkey.\($0[0] ?? "") is \($0[3] ?? "")"
                        }
                        .joined(separator: ", "),
                    next: "Publish what this says: postino dkim txt")
            }
            return Outcome(rows.isEmpty ? "No keys." : "", reports: [report])
        }
    }

    private static func words(_ found: PublishedKey) -> String {
        switch found {
        case .right: "right"
        case .missing: "missing"
        case .wrong: "another key, or none"
        case .unknown(let why): "unknown: \(why)"
        }
    }

    private static func key(_ row: SigningKeyRow) throws -> DKIMKey {
        try DKIMKey(domain: row.domain, selector: row.selector, key: row.key)
    }

    private static func zoneLines(_ rows: [SigningKeyRow]) throws -> String {
        try rows.map { "\(try key($0).zoneFileLine())  ; \($0.state.rawValue)" }.joined(separator: "\n")
    }
}
