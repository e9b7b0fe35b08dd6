import CUnbound
import Execution
import Glibc

/// libunbound: recursion, validation and a cache, or a client of a configured resolver.
///
/// One thread of ours owns the library's context; look-ups come to it through a list and are woken by an eventfd, and
/// libunbound works in a thread of its own beside it. No caller ever blocks.
public final class UnboundResolver: Resolver {
    private let inbox: LookupInbox

    /// Starts the resolver's thread. Sends nothing before the first look-up.
    ///
    /// - Throws: when a file cannot be read or an address is none.
    public init(_ configuration: UnboundConfiguration) throws(ResolverError) {
        let context = try UnboundContext(configuration)
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw ResolverError(operation: "eventfd", reason: String(cString: strerror(errno)))
        }
        inbox = LookupInbox(descriptor: descriptor, outstandingMax: configuration.outstandingMax)
        let worker = Handover(LookupWorker(inbox: inbox, context: context, configuration))
        Thread.start(name: "dns") { worker.value.run() }
    }

    deinit {
        stop()
    }

    public func query(_ name: String, _ type: RecordType) async -> Answer {
        guard DomainName.isQueryable(name) else { return .nameError(isSecure: false) }
        guard let identifier = inbox.reserve() else {
            return .temporaryFailure("too many look-ups at once, or stopped")
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                inbox.put(.start(Question(identifier: identifier, name: name, type: type, continuation: continuation)))
                // Cancelled before it was started: onCancel came too early to be of use.
                if Task.isCancelled { inbox.put(.cancel(identifier)) }
            }
        } onCancel: {
            inbox.put(.cancel(identifier))
        }
    }

    /// Ends the thread; look-ups under way and those to come are temporary failures. May be called more than once.
    public func stop() {
        inbox.stop()
    }
}

/// Carries a value into the one thread that uses it from then on.
private struct Handover<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
