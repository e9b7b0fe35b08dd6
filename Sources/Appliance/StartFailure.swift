import Antivirus
import Control
import Directory
import MessageStore
import SQLite
import Transport

extension Failure {
    /// As `start`, of something else that was tried.
    static func start(_ error: any Error, tried: String) -> Failure {
        var failure = start(error)
        if failure.tried.isEmpty || error is Failure || failure.tried == "start" || failure.tried == "open the store" {
            failure.tried = tried
        }
        return failure
    }

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
        case StoreError.olderVersion(let detail):
            Failure(
                .failed, "older-store", tried: "open the store", obstacle: detail,
                next: "Convert it with: postino store upgrade (--dry-run rehearses it)")
        case StoreError.olderIndex(let detail):
            Failure(
                .failed, "older-index", tried: "open the store", obstacle: detail,
                next: "Put the right mail.db back, or start once with --accept-older-index.")
        case StoreError.newerVersion(let detail), DirectoryError.newerVersion(let detail):
            Failure(
                .failed, "newer-store", tried: "open the store", obstacle: detail,
                next: "Use the version of Postino that wrote it, or a newer one.")
        case let error as StoreError:
            Failure(.failed, "store", tried: "open the store", obstacle: error.diagnostic)
        case let error as DatabaseError:
            switch error {
            case .newerVersion:
                Failure(
                    .failed, "newer-store", tried: "open the store", obstacle: error.diagnostic,
                    next: "Use the version of Postino that wrote it, or a newer one.")
            case .olderVersion:
                Failure(
                    .failed, "older-store", tried: "open the store", obstacle: error.diagnostic,
                    next: "Convert it with: postino store upgrade (--dry-run rehearses it)")
            default: Failure(.failed, "store", tried: "open the store", obstacle: error.diagnostic)
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
