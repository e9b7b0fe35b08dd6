import Antivirus
import Backup
import Control
import ControlServer
import Directory
import MessageStore
import Transport

/// What `postino status` tells of a running server.
struct Status: StatusSource {
    let assembly: Assembly
    let ports: Server.Ports
    let scanner: Scanner?
    let admission: Admission
    /// What becomes of DNSSEC, for people.
    let validation: String
    let startedAt = Assembly.now()

    func reports() async -> [Report] {
        [await server, listeners, await store, await queue, await antivirus, await backup]
    }

    private var server: Report {
        get async {
            let configuration = assembly.settings.configuration
            let waiting = (try? await assembly.registry.accountsWithoutSCRAM()) ?? 0
            let scram = "not offered: \(waiting) mailbox\(waiting == 1 ? "" : "es") must log in or get a password first"
            return Report(
                "server",
                record: [
                    (.init("hostname", "Host name"), configuration.hostname),
                    (.init("state", "State folder"), assembly.settings.folder.path),
                    (.init("startedAt", "Started", .time), "\(startedAt)"),
                    (.init("connections", "Connections", .integer), "\(admission.total)"),
                    (.init("filter", "Filter"), configuration.isFilterOn ? "on" : "off"),
                    (.init("dnssec", "DNSSEC"), validation),
                    (.init("scram", "SCRAM logins"), assembly.registry.offersSCRAM ? "offered" : scram),
                ])
        }
    }

    private var listeners: Report {
        let all = [
            ("smtp", ports.smtp), ("submission", ports.submission), ("submissions", ports.submissions),
            ("lmtp", ports.lmtp), ("imap", ports.imap), ("imaps", ports.imaps), ("pop3", ports.pop3),
            ("pop3s", ports.pop3s),
            ("http", ports.http),
        ]
        return Report(
            "listeners", columns: [.init("name", "LISTENER"), .init("port", "PORT", .integer)],
            rows: all.filter { $0.1 != 0 }.map { [$0.0, "\($0.1)"] })
    }

    private var store: Report {
        get async {
            let space = try? await assembly.store.space()
            let lost = assembly.store.lostFiles()
            let state =
                space.map { $0.hasRoom ? "takes mail" : "takes no more mail: the disk is full to its reserve" }
                ?? "cannot be read"
            return Report(
                "store",
                record: [
                    (.init("state", "Store"), state),
                    (.init("freeOctets", "Free on the disk", .octets), space.map { "\($0.freeOctets)" }),
                    (.init("octets", "Messages on disk", .octets), space.map { "\($0.octets)" }),
                    (.init("deadOctets", "Of these erased", .octets), space.map { "\($0.deadOctets)" }),
                    (.init("keptOctets", "Deleted, can be brought back", .octets), space.map { "\($0.keptOctets)" }),
                    (
                        .init("lostFiles", "Lost files"),
                        lost.isEmpty ? nil : "\(lost.joined(separator: ", ")); see postino check"
                    ),
                ])
        }
    }

    private var queue: Report {
        get async {
            let counts = try? await assembly.store.queueCounts()
            return Report(
                "queue",
                record: [
                    (.init("messages", "Queued messages", .integer), counts.map { "\($0.messages)" }),
                    (.init("waiting", "Recipients waiting", .integer), counts.map { "\($0.waiting)" }),
                    (.init("leased", "Recipients being sent", .integer), counts.map { "\($0.leased)" }),
                    (.init("held", "Recipients held", .integer), counts.map { "\($0.held)" }),
                ])
        }
    }

    private var antivirus: Report {
        get async {
            guard let scanner else { return Report("antivirus", record: [(.init("state", "Antivirus"), "off")]) }
            let status = await scanner.status()
            let state =
                switch status.state {
                case .running where status.signatures == 0: "running without any signatures: nothing will be found"
                case .running: "running"
                default: "\(status.state)"
                }
            return Report(
                "antivirus",
                record: [
                    (.init("state", "Antivirus"), state),
                    (.init("signatures", "Signatures", .integer), "\(status.signatures)"),
                    (.init("newestSignature", "Newest signature", .time), status.newestSignatureTime.map { "\($0)" }),
                    (.init("engine", "Engine"), status.engineVersion),
                    (.init("restarts", "Restarts", .integer), "\(status.restarts)"),
                    (.init("problem", "Problem"), status.problem),
                ])
        }
    }

    private var backup: Report {
        get async {
            guard let keeper = assembly.keeper else {
                return Report("backup", record: [(.init("state", "Backup"), "off: no backup.folder is set")])
            }
            let sets = (try? await keeper.sets()) ?? []
            return Report(
                "backup",
                record: [
                    (.init("folder", "Backup folder"), assembly.settings.configuration.backupFolder),
                    (.init("sets", "Backup sets", .integer), "\(sets.count)"),
                    (.init("newest", "Newest set", .time), sets.last.map { "\($0.createdAt)" }),
                    (.init("newestState", "Newest set is"), sets.last?.state),
                ])
        }
    }
}
