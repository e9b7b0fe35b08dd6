public import Control

/// What the command line does by itself when no server serves: the appliance's side of it.
///
/// All throw `Failure`: a folder that is being served, a user who may not, a configuration that is wrong.
public protocol StoppedStore: Sendable {
    /// The state folder that a configuration file names.
    func stateDirectory(configurationPath: String) throws(Failure) -> String

    /// Opens the store under `state`, does the request, and closes it.
    ///
    /// Under `DIR/lock`, as the folder's owner (root becomes it, others are refused), umask 077.
    func perform(
        _ request: Request, body: [UInt8], state: String, configurationPath: String?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome

    /// Restores a whole server from a set into an empty or missing folder.
    ///
    /// - Parameter set: the folder of a set, or the name of one in `target`.
    func restoreServer(
        set: String, target: String?, into directory: String, progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome

    /// Converts the store of an older version on a copy and puts that in its place; keeps the old one.
    ///
    /// - Parameter isRehearsal: converts and proves the copy, and changes nothing.
    func upgradeStore(
        state: String, isRehearsal: Bool, progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome

    /// Removes the old index that an upgrade has kept.
    func dropOldStore(state: String) async throws(Failure) -> Outcome

    /// Reads a configuration and checks what can be checked without starting.
    func testConfiguration(path: String) throws(Failure) -> Outcome

    /// The configuration in force, with every key.
    func showConfiguration(path: String) throws(Failure) -> Outcome
}
