/// Who keeps files beside the database that a transaction names: synced before it, recorded in it.
///
/// Everything is called on the writer's thread.
public protocol GroupParticipant: AnyObject, Sendable {
    /// Makes durable what the `prepare` closures of this group wrote. An error poisons the database.
    func flush() throws

    /// Writes what the files need in the database itself, first in the group's transaction. An error fails the group.
    func record(in transaction: WriteTransaction) throws

    /// The transaction with what `record` wrote is on disk.
    func committed()
}
