import Execution
import MailCore
import MailCrypto
import SQLite

extension Registry {
    private struct Candidate: Sendable {
        var address: EmailAddress
        var password: String
        var hash = ""
        var scramKeys = ""
    }

    func addGroup(
        _ group: [NewAccount], _ skippingExisting: Bool, _ creating: @escaping AccountHook
    ) async throws(DirectoryError) -> [Account] {
        var seen: Set<EmailAddress> = []
        var candidates: [Candidate] = []
        for account in group {
            let address = try NameRules.account("\(account.address)")
            try NameRules.checkPassword(account.password, octetsMax: PasswordHash.passwordOctetsMax)
            guard seen.insert(address).inserted else { throw .accountExists("\(address)") }
            candidates.append(Candidate(address: address, password: account.password))
        }
        // Looked up before the hashes, which cost most; and again in the transaction, which decides.
        let asked = candidates
        let free = try await read("add mailboxes") { try Self.free(asked, skippingExisting, $0) }
        let hashed = try await hash(free)
        return try await change("add mailboxes") { transaction in
            let now = Self.unixSeconds()
            return try Self.free(hashed, skippingExisting, transaction).map { candidate in
                let (id, domain) = try Self.insert(candidate, now, transaction)
                try creating(id, domain, transaction)
                return Account(id: id, address: candidate.address)
            }
        }
    }

    /// Those that can be added.
    private static func free(
        _ candidates: [Candidate], _ skippingExisting: Bool, _ connection: ReadConnection
    ) throws -> [Candidate] {
        try candidates.filter { candidate in
            let address = candidate.address
            let domain = try ownDomain(address.domain, connection)
            guard try accountID(domain, address.localPart, connection) == nil else {
                if skippingExisting { return false }
                throw DirectoryError.accountExists("\(address)")
            }
            guard try targets(domain, address.localPart, connection).isEmpty else {
                throw DirectoryError.addressTaken("\(address)", by: "an alias")
            }
            return true
        }
    }

    private static func insert(
        _ candidate: Candidate, _ now: Int64, _ transaction: WriteTransaction
    ) throws -> (AccountID, DomainID) {
        guard let domain = try domainID(candidate.address.domain, transaction) else {
            throw DirectoryError.noSuchDomain(candidate.address.domain)
        }
        try transaction.execute(
            """
            INSERT INTO account (domain_id, local_part, password_hash, scram_keys, created_at) VALUES (?, ?, ?, ?, ?)
            """, .integer(domain), .text(candidate.address.localPart), .text(candidate.hash),
            .text(candidate.scramKeys), .integer(now))
        return (AccountID(rawValue: transaction.lastInsertedID), DomainID(rawValue: domain))
    }

    /// Hashes in pieces, so that the pool's threads share the work and logins get their turn.
    private func hash(_ candidates: [Candidate]) async throws(DirectoryError) -> [Candidate] {
        let cost = cost
        let pool = hashing
        let pieceMax = 16
        do {
            return try await withThrowingTaskGroup(of: (Int, [Candidate]).self) { group in
                for start in stride(from: 0, to: candidates.count, by: pieceMax) {
                    let piece = Array(candidates[start..<min(start + pieceMax, candidates.count)])
                    group.addTask {
                        let hashed = try await pool.run(priority: .bulk) {
                            // Trials have thousands of mailboxes with one password, and no secret to keep.
                            var shared: [String: String] = [:]
                            return try piece.map { candidate in
                                var candidate = candidate
                                candidate.hash = try PasswordHash.create(candidate.password, cost: cost).rawValue
                                candidate.scramKeys =
                                    shared[candidate.password]
                                    ?? SCRAMKeys.create(candidate.password, cost: cost).text
                                if cost == .lab { shared[candidate.password] = candidate.scramKeys }
                                return candidate
                            }
                        }
                        return (start, hashed)
                    }
                }
                var pieces: [(Int, [Candidate])] = []
                for try await piece in group { pieces.append(piece) }
                return pieces.sorted { $0.0 < $1.0 }.flatMap(\.1)
            }
        } catch {
            throw DirectoryError(error, "hash passwords")
        }
    }
}
