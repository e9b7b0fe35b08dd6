/// One request to the writer, and where its outcome goes.
///
/// `@unchecked Sendable`: made by the caller, then owned by the queue and the writer's thread.
final class WriteRequest: @unchecked Sendable {
    let octets: Int
    let prepare: (() throws -> Void)?
    let perform: (WriteTransaction) throws -> Void
    /// Called once, on the writer's thread.
    let finish: (Result<Void, any Error>) -> Void
    var failure: (any Error)?

    init(
        octets: Int, prepare: (() throws -> Void)?, perform: @escaping (WriteTransaction) throws -> Void,
        finish: @escaping (Result<Void, any Error>) -> Void
    ) {
        self.octets = octets
        self.prepare = prepare
        self.perform = perform
        self.finish = finish
    }
}

/// Carries a value from the writer's thread to the caller. `@unchecked Sendable`: written before `finish`, read after it.
final class Box<Content>: @unchecked Sendable {
    var content: Content?
}
