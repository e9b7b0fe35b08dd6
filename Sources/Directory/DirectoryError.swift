import Execution
import SQLite

/// What a look-up or a change of the directory can meet.
public enum DirectoryError: Error, Equatable, Sendable {
    case noSuchDomain(String)
    case domainExists(String)
    /// It still has mailboxes.
    case domainInUse(String, accounts: Int)
    /// It has the addresses of another, so none can be made in it.
    case domainIsAlias(String, of: String)
    /// Other domains have its addresses.
    case domainHasAliases(String, [String])
    case noSuchAccount(String)
    case accountExists(String)
    case noSuchAlias(String)
    /// The address is an alias, or has one, where a mailbox is to be; or the other way round.
    case addressTaken(String, by: String)
    /// A name or a password that cannot be used.
    case invalid(String, reason: String)
    /// More than may be, in all or at once.
    case limit(String, max: Int)
    /// Too much work waits; nothing was done.
    case busy
    case newerVersion(detail: String)
    case storage(operation: String, detail: String)

    /// For the log and for the administrator. Never for the wire.
    public var diagnostic: String {
        switch self {
        case .noSuchDomain(let name): "the domain \(name) is not one of this server's"
        case .domainExists(let name): "the domain \(name) is there already"
        case .domainInUse(let name, let accounts):
            "the domain \(name) still has \(accounts) mailbox\(accounts == 1 ? "" : "es")"
        case .domainIsAlias(let name, let other): "the domain \(name) has the addresses of \(other)"
        case .domainHasAliases(let name, let aliases):
            "the addresses of \(name) are those of \(aliases.joined(separator: ", ")), too"
        case .noSuchAccount(let address): "there is no mailbox \(address)"
        case .accountExists(let address): "the mailbox \(address) is there already"
        case .noSuchAlias(let address): "there is no alias \(address)"
        case .addressTaken(let address, let other): "\(address) is taken by \(other)"
        case .invalid(let text, let reason): "\"\(text)\" \(reason)"
        case .limit(let what, let max): "at most \(max) \(what)"
        case .busy: "the server is too busy"
        case .newerVersion(let detail): detail
        case .storage(let operation, let detail): "\(operation): \(detail)"
        }
    }

    /// Finds our own word for what the database, the pool or the caller's hook threw.
    init(_ error: any Error, _ operation: String) {
        switch error {
        case let error as DirectoryError: self = error
        case DatabaseError.busy, is BlockingPool.Full: self = .busy
        case let error as DatabaseError:
            if case .newerVersion = error {
                self = .newerVersion(detail: error.diagnostic)
            } else {
                self = .storage(operation: operation, detail: error.diagnostic)
            }
        default: self = .storage(operation: operation, detail: "\(error)")
        }
    }
}
