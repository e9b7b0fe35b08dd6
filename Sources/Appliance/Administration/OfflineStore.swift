import Backup
public import Control
public import ControlServer
import Glibc
import MailCrypto
import Observation

/// The command line's work on a store that no server serves.
public struct OfflineStore: StoppedStore {
    public init() {}

    public func stateDirectory(configurationPath: String) throws(Failure) -> String {
        do {
            return try Configuration(file: configurationPath).state
        } catch {
            throw .start(error)
        }
    }

    public func perform(
        _ request: Request, body: [UInt8], state: String, configurationPath: String?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome {
        let assembly: Assembly
        do {
            try Identity.becomeOwner(of: state)
            let folder = try StateFolder(state, creating: false)
            assembly = try Assembly(try Self.settings(folder, configurationPath))
        } catch {
            throw .start(error)
        }
        do throws(Failure) {
            let outcome = try await assembly.administrator().perform(request, body: body, progress: progress)
            await assembly.close()
            return outcome
        } catch {
            await assembly.close()
            throw error
        }
    }

    public func restoreServer(
        set: String, target: String?, into directory: String, progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome {
        do {
            let facts = try await Restore.server(set: set, target: target, into: directory, progress: progress)
            return Outcome(facts.sentences.joined(separator: "\n"))
        } catch {
            var failure = Failure(error)
            failure.tried = "restore \(set)"
            throw failure
        }
    }

    public func upgradeStore(
        state: String, isRehearsal: Bool, progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome {
        do {
            try Identity.becomeOwner(of: state)
            let folder = try StateFolder(state, creating: false)
            return try await StoreUpgrade(folder: folder, progress: progress).run(isRehearsal: isRehearsal)
        } catch {
            throw .start(error, tried: "convert the store in \(state)")
        }
    }

    public func dropOldStore(state: String) async throws(Failure) -> Outcome {
        do {
            try Identity.becomeOwner(of: state)
            return StoreUpgrade.dropOld(in: try StateFolder(state, creating: false))
        } catch {
            throw .start(error, tried: "drop the old index in \(state)")
        }
    }

    public func testConfiguration(path: String) throws(Failure) -> Outcome {
        do {
            let configuration = try Configuration(file: path)
            try Self.checkFiles(configuration)
            return Outcome("\(path) is good.")
        } catch {
            throw Failure(.checkFailed, "configuration", tried: "accept the configuration", obstacle: "\(error)")
        }
    }

    public func showConfiguration(path: String) throws(Failure) -> Outcome {
        do {
            return Outcome(String(try Configuration(file: path).file.dropLast()))
        } catch {
            throw .start(error)
        }
    }

    /// What can be seen without starting: files that are named and must be there.
    private static func checkFiles(_ configuration: Configuration) throws(ConfigurationError) {
        for (key, path) in [("tls.certificate", configuration.certificateFile), ("tls.key", configuration.keyFile)]
        where !path.isEmpty && access(path, R_OK) != 0 {
            throw ConfigurationError(
                file: key, line: 0, column: 0, problem: "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
    }

    /// A folder of localserve has its configuration inside.
    private static func settings(_ folder: StateFolder, _ path: String?) throws(ConfigurationError) -> Settings {
        let inside = folder.file("postino.yaml")
        var configuration = Configuration()
        if let path {
            configuration = try Configuration(file: path)
        } else if SmallFile.exists(inside) {
            configuration = try Configuration(file: inside)
        }
        return Settings(configuration: configuration, folder: folder, route: .exchangers, lookups: .none)
    }
}
