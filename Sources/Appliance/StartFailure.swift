import Antivirus
import Control
import Directory
import MessageStore
import SQLite
import Transport

extension Failure {
    /// Why a start came to nothing, in a sentence with what to do next.
    static func start(_ error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case let error as ConfigurationError:
            Failure(
                .failed, "configuration", tried: "start", obstacle: "\(error)",
                next: "Correct the file; `postino config test` checks it.")
        case StateFolder.Failure.inUse(let path):
            Failure(
                .refused, "in-use", tried: "start", obstacle: "\(path) is being served by another process",
                next: "Stop that one first, or name another folder.")
        case StateFolder.Failure.foreign(let path, let owner):
            Failure(
                .failed, "foreign-folder", tried: "start",
                obstacle: "\(path) belongs to the user with the number \(owner)",
                next: "Run this as its owner, or as root.")
        case StateFolder.Failure.missing(let path):
            Failure(
                .notFound, "no-folder", tried: "open the state", obstacle: "there is no folder \(path)",
                next: "Name the state folder with --state or in the configuration.")
        case StateFolder.Failure.notUsable(let path, let detail):
            Failure(.failed, "folder", tried: "open the state", obstacle: "\(path) cannot be used: \(detail)")
        case let error as Transport.Listener.Failure:
            Failure(
                .failed, "port", tried: "start",
                obstacle: "cannot listen on \(error.host) port \(error.port): \(error.diagnostic)",
                next: "Stop what listens there, or choose another port.")
        case let error as TLSContexts.Failure:
            Failure(
                .failed, "certificate", tried: "start", obstacle: error.diagnostic,
                next: "Check the keys tls.certificate and tls.key.")
        case StoreError.newerVersion(let detail), DirectoryError.newerVersion(let detail):
            Failure(
                .failed, "newer-store", tried: "open the store", obstacle: detail,
                next: "Use the version of Postino that wrote it, or a newer one.")
        case let error as StoreError:
            Failure(.failed, "store", tried: "open the store", obstacle: error.diagnostic)
        case let error as DatabaseError:
            if case .newerVersion = error {
                Failure(
                    .failed, "newer-store", tried: "open the store", obstacle: error.diagnostic,
                    next: "Use the version of Postino that wrote it, or a newer one.")
            } else {
                Failure(.failed, "store", tried: "open the store", obstacle: error.diagnostic)
            }
        case let error as DirectoryError:
            Failure(.failed, "directory", tried: "open the directory", obstacle: error.diagnostic)
        case let error as Identity.Failure:
            Failure(.failed, "user", tried: "start", obstacle: error.detail)
        case let error as SmallFile.Failure:
            Failure(.failed, "file", tried: "write \(error.path)", obstacle: error.detail)
        default:
            Failure(.failed, "start", tried: "start", obstacle: "\(error)")
        }
    }
}
