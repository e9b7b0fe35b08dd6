public import Control
import Glibc
import Logging
import Observation
import Transport

/// `postino serve`: the real thing.
public enum Serve {
    /// Becomes the user that the configuration names, and holds signals back.
    ///
    /// While the process has one thread: capabilities and signal masks are each thread's own, and are inherited.
    public static func prepare(configurationPath: String) throws(Failure) {
        Signals.block()
        do {
            try Identity.become(try Configuration(file: configurationPath).user)
        } catch {
            throw .start(error)
        }
    }

    /// Serves until SIGTERM or SIGINT, which stop it in order. After `prepare`.
    ///
    /// - Throws: why it cannot start. Nothing serves then.
    public static func run(configurationPath: String, acceptsOlderIndex: Bool) async throws(Failure) {
        do {
            let configuration = try Configuration(file: configurationPath)
            let signals = Signals()
            Log.start(level: configuration.logLevel.level)
            let files = Identity.raiseFileLimit()
            var settings = Settings(
                configuration: configuration, folder: try StateFolder(configuration.state, creating: true),
                route: configuration.relay.map { .relayed($0) } ?? .exchangers,
                lookups: configuration.dnsResolver.map { .resolver($0) } ?? .recursive)
            settings.acceptsOlderIndex = acceptsOlderIndex
            settings.configuration.connectionsMax = min(configuration.connectionsMax, max(10, files - 512))
            if !configuration.certificateFile.isEmpty {
                settings.tls = TLSContexts.Files(
                    certificates: configuration.certificateFile, key: configuration.keyFile)
            }
            try await serve(settings, signals) { _ in }
        } catch {
            throw .start(error)
        }
    }

    /// Starts, tells `whenServing`, obeys signals, stops.
    static func serve(
        _ settings: Settings, _ signals: Signals, whenServing: (Server) async throws -> Void
    ) async throws {
        let loops = EventLoops(threads: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let assembly = try Assembly(settings)
        let server: Server
        do {
            server = try await Server.start(assembly, loops: loops)
        } catch {
            await assembly.close()
            throw error
        }
        do {
            try await whenServing(server)
        } catch {
            await server.stop()
            throw error
        }
        server.assembly.log.notice("serving", metadata: ["host": "\(settings.configuration.hostname)"])
        for await signal in signals.received {
            switch signal {
            case .reload: await server.reload()
            case .stop:
                await server.stop()
                return
            }
        }
    }
}

extension Configuration.LogLevel {
    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
