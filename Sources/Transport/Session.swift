public import MailCore

/// What performs the requests of one connection's engine: it knows the store, the directory, the filter.
///
/// One request at a time is performed, in the order of the client's commands.
public protocol Session: Sendable {
    associatedtype Engine: ProtocolEngine

    /// Runs on the connection's event loop until it awaits something: work above 100 µs belongs on a pool.
    ///
    /// - Parameter responses: for what goes to the client before the engine's own reply.
    func perform(_ request: Engine.Request, _ responses: ResponseStream) async -> Engine.Answer

    /// The connection is gone; nothing is performed any more. Called once.
    func closed() async
}

/// Makes the two halves of a new connection. The waker lives as long as the connection.
public struct SessionFactory<Served: Session>: Sendable {
    public var make: @Sendable (ConnectionFacts, ConnectionWaker) -> (engine: Served.Engine, session: Served)

    public init(
        make: @escaping @Sendable (ConnectionFacts, ConnectionWaker) -> (engine: Served.Engine, session: Served)
    ) {
        self.make = make
    }
}
