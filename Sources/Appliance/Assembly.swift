import Antivirus
import Backup
import ControlServer
import DNS
import Delivery
import Directory
import Execution
import Filter
import Glibc
import Logging
import MailAuth
import MailCore
import MessageStore
import Observation
import OutboundQueue
import POP3Server
import SQLite
import SpamScoring
import Transport

/// Everything of one server but its listeners, put together in order: what `serve`, `localserve` and the command line on
/// a stopped store share.
final class Assembly: Sendable {
    let settings: Settings
    let log = Log.logger("postino")
    let cpu: BlockingPool
    let files: BlockingPool
    let database: Database
    let store: MessageStore
    let registry: Registry
    let spamDatabase: Database
    let classifier: Classifier
    let keeper: Keeper?
    let maildropLocks = MaildropLocks()

    /// Opens the store; blocks while it recovers.
    init(_ settings: Settings) throws {
        self.settings = settings
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        cpu = BlockingPool(name: "cpu", threads: cores, queueMax: 4_096)
        files = BlockingPool(name: "files", threads: max(4, cores), queueMax: 4_096)
        let folder = settings.folder
        Ballast.throwOff(in: folder)
        var databaseOptions = Database.Options(
            path: folder.file("mail.db"), chapters: MessageStore.chapters + Registry.chapters)
        databaseOptions.cacheOctetsMax = settings.configuration.cacheMebioctets << 20
        database = try Database(options: databaseOptions)
        let database = database
        do {
            var options = MessageStore.Options(directory: folder.path)
            // Our Received line and the header fields of submission come on top of what a client may send.
            options.messageOctetsMax = settings.configuration.messageOctetsMax + 65_536
            options.reserveOctets = Int64(settings.configuration.reserveMebioctets) << 20
            options.acceptOlderIndex = settings.acceptsOlderIndex
            store = try MessageStore(options: options, database: database, cpu: cpu, files: files)
            registry = Registry(database: database, hashing: cpu, cost: settings.passwordCost)
            spamDatabase = try Database(options: Classifier.databaseOptions(path: folder.file("spam.db")))
            classifier = try Classifier(database: spamDatabase, pool: cpu)
        } catch {
            Task { await database.close() }
            throw error
        }
        keeper = Self.makeKeeper(settings, store, database, spamDatabase, files)
    }

    /// Closes what `init` opened, in the opposite order.
    func close() async {
        await store.search.stop()
        await spamDatabase.close()
        await database.close()
        cpu.stop()
        files.stop()
    }

    static func now() -> Int64 { Int64(time(nil)) }

    private static func makeKeeper(
        _ settings: Settings, _ store: MessageStore, _ database: Database, _ spamDatabase: Database,
        _ files: BlockingPool
    ) -> Keeper? {
        guard !settings.configuration.backupFolder.isEmpty else { return nil }
        var options = Keeper.Options(target: settings.configuration.backupFolder, stateFolder: settings.folder.path)
        options.keepSets = settings.configuration.backupKeepSets
        if let tls = settings.tls { options.keyFiles = [tls.certificates, tls.key] }
        return Keeper(
            options: options, store: store, database: database, spamDatabase: spamDatabase, files: files, now: now)
    }
}
