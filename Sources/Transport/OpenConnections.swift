import NIOCore
import Synchronization

/// The connections of a listener, for the day it stops.
final class OpenConnections: Sendable {
    private struct Connection {
        let channel: any Channel
        let shutDown: @Sendable () -> Void
    }

    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

    var count: Int { connections.withLock { $0.count } }

    func add(_ channel: any Channel, shutDown: @escaping @Sendable () -> Void) {
        let key = ObjectIdentifier(channel)
        connections.withLock { $0[key] = Connection(channel: channel, shutDown: shutDown) }
        channel.closeFuture.whenComplete { [self] _ in connections.withLock { _ = $0.removeValue(forKey: key) } }
    }

    /// Asks every engine to say goodbye, and closes what is still open when the time is over.
    func shutDown(withinSeconds: Int) async {
        let open = connections.withLock { Array($0.values) }
        for connection in open { connection.shutDown() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for connection in open { try? await connection.channel.closeFuture.get() }
            }
            group.addTask { try? await Task.sleep(for: .seconds(withinSeconds)) }
            await group.next()
            for connection in open where connection.channel.isActive { connection.channel.close(promise: nil) }
            group.cancelAll()
            await group.waitForAll()
        }
    }
}
