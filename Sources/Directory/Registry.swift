public import Execution
import Glibc
public import MailCore
public import MailCrypto
public import SQLite

/// Domains, accounts and aliases: who is local, who may log in.
///
/// All changes pass this object, so that what it remembers is exact. Every function may be called from any task; reads
/// and writes run on the database's threads, hashes on the pool handed in.
public final class Registry: Sendable {
    /// Makes or removes an account's state elsewhere in the same transaction.
    public typealias AccountHook = @Sendable (AccountID, DomainID, WriteTransaction) throws -> Void

    let database: Database
    let hashing: BlockingPool
    let cost: PasswordHash.Cost
    let resolutions = ResolutionCache()
    let logins: LoginCache
    let signingKeys = SigningKeyCache()
    let scram = SCRAMMemory()

    /// - Parameters:
    ///   - database: opened with `Registry.chapter`.
    ///   - hashing: threads that may burn CPU.
    ///   - cost: of the hashes made from now on.
    ///   - now: milliseconds of a clock that only goes forward, for the cache of logins.
    public init(
        database: Database, hashing: BlockingPool, cost: PasswordHash.Cost,
        now: @escaping @Sendable () -> Int64 = Registry.monotonicMilliseconds
    ) {
        self.database = database
        self.hashing = hashing
        self.cost = cost
        logins = LoginCache(keptSeconds: 60, now: now)
    }

    public static func monotonicMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    static func unixSeconds() -> Int64 { Int64(time(nil)) }

    func read<Outcome: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (ReadConnection) throws -> Outcome
    ) async throws(DirectoryError) -> Outcome {
        do {
            return try await database.read(body)
        } catch {
            throw DirectoryError(error, operation)
        }
    }

    /// Changes something and forgets what was remembered. Durable when it returns.
    func change<Outcome: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (WriteTransaction) throws -> Outcome
    ) async throws(DirectoryError) -> Outcome {
        do {
            return try await database.write { [resolutions, logins, signingKeys, scram] transaction in
                let outcome = try body(transaction)
                let isForAll = try Self.hasKeysForAll(transaction)
                transaction.afterCommit {
                    scram.isForAll = isForAll
                    resolutions.clear()
                    logins.clear()
                    signingKeys.clear()
                }
                return outcome
            }
        } catch {
            throw DirectoryError(error, operation)
        }
    }

    func hash<Outcome: Sendable>(
        _ operation: String, _ body: @escaping @Sendable () throws -> Outcome
    ) async throws(DirectoryError) -> Outcome {
        do {
            return try await hashing.run(body)
        } catch {
            throw DirectoryError(error, operation)
        }
    }
}
