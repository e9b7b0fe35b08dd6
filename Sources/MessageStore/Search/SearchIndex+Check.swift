internal import Execution
internal import MailCore
internal import SQLite

/// For `MessageStore.check` and `repair`.
extension SearchIndex {
    struct Damage: Sendable {
        var account: Int64
        var detail: String

        var name: String { "search/\(account).db" }
    }

    /// The files that do not hold what they must. Reads all of each, one after the other.
    ///
    /// No search is given a damaged file from now on; where the index is kept up, it is made anew by itself.
    func damaged(on pool: BlockingPool) async throws -> [Damage] {
        let accounts = try await pool.run(priority: .bulk) { [files] in files.accounts().sorted() }
        var found: [Damage] = []
        for account in accounts {
            // Of an account that is no more: it goes at the next start.
            guard let identity = try await mail.identity(of: account) else { continue }
            let isKeptUp = isKeptUp
            let damage = try await pool.run(priority: .bulk) { [files] () -> Damage? in
                if !isKeptUp, files.isWithheld(account) {
                    return Damage(account: account, detail: "it was found damaged before")
                }
                do {
                    try files.with(account, identity: identity) { try $0.verify() }
                    return nil
                } catch {
                    return IndexDamage.isIn(error)
                        ? Damage(account: account, detail: IndexDamage.detail(of: error)) : nil
                }
            }
            if let damage { found.append(damage) }
        }
        return found
    }

    /// Removes a damaged file, now or as soon as nothing reads it any more.
    func discard(_ damage: Damage) {
        files.withhold(damage.account)
        if !wake(), files.remove(damage.account) { files.giveOut(damage.account) }
    }
}
