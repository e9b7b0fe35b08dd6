public import Control
import Glibc
import Logging
import Observation
import Transport

/// `postino serve`: the real thing.
public enum Serve {
    /// Serves until SIGTERM or SIGINT, which stop it in order.
    ///
    /// - Throws: why it cannot start. Nothing serves then.
    public static func run(configurationPath: String) async throws(Failure) {
        do {
            let configuration = try Configuration(file: configurationPath)
            let signals = Signals()
            Log.start(level: configuration.logLevel.level)
            // As who it will run, from here on: what it cannot read now it could not read again at a reload.
            try Identity.become(configuration.user)
            let files = Identity.raiseFileLimit()
            var settings = Settings(
                configuration: configuration, folder: try StateFolder(configuration.state, creating: true),
                route: configuration.relay.map { .relayed($0) } ?? .exchangers,
                lookups: configuration.dnsResolver.map { .resolver($0) } ?? .recursive)
            settings.configuration.connectionsMax = min(configuration.connectionsMax, max(10, files - 512))
            if !configuration.certificateFile.isEmpty {
                settings.tls = TLSContexts.Files(certificates: configuration.certificateFile, key: configuration.keyFile)
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
