import CUnbound
import Glibc
import Observation

/// The resolver's thread: the one place where libunbound is called. Not Sendable, made for one thread.
final class LookupWorker {
    /// A look-up under way. The library's callback gets a pointer to it; `pending` keeps it alive until then.
    final class Pending {
        let question: Question
        let deadline: Int64
        unowned let worker: LookupWorker
        var number: Int32 = 0

        init(_ question: Question, deadline: Int64, worker: LookupWorker) {
            self.question = question
            self.deadline = deadline
            self.worker = worker
        }
    }

    private static let lookups = Counter("postino_dns_lookups_total", help: "Look-ups handed to the DNS resolver.")
    private static let failures = Counter(
        "postino_dns_failures_total", help: "Look-ups that ended without a usable answer, those out of time included.")

    private let inbox: LookupInbox
    private let context: UnboundContext
    private let millisecondsMax: Int
    private var pending: [UInt64: Pending] = [:]
    /// Every look-up has the same limit: the first started is the first to run out. Finished ones stay until then.
    private var deadlines: [(at: Int64, identifier: UInt64)] = []
    private var deadlinesPassed = 0

    init(inbox: LookupInbox, context: UnboundContext, _ configuration: UnboundConfiguration) {
        self.inbox = inbox
        self.context = context
        millisecondsMax = max(1, configuration.lookupMillisecondsMax)
    }

    func run() {
        while let orders = inbox.take() {
            for order in orders {
                switch order {
                case .start(let question): start(question)
                case .cancel(let identifier): abandon(identifier, "the look-up was cancelled")
                }
            }
            expire()
            waitForEvents()
        }
        for order in inbox.close() {
            if case .start(let question) = order { answer(question, .temporaryFailure("the resolver was stopped")) }
        }
        for identifier in Array(pending.keys) { abandon(identifier, "the resolver was stopped") }
    }

    private func start(_ question: Question) {
        Self.lookups.increment()
        let deadline = Self.milliseconds() + Int64(millisecondsMax)
        let lookup = Pending(question, deadline: deadline, worker: self)
        let failure = ub_resolve_async(
            context.pointer, DomainName.masterFileText(question.name), Int32(question.type.rawValue), 1,
            Unmanaged.passUnretained(lookup).toOpaque(),
            { argument, error, result in
                guard let argument else { return }
                let lookup = Unmanaged<Pending>.fromOpaque(argument).takeUnretainedValue()
                defer { if let result { ub_resolve_free(result) } }
                lookup.worker.finish(lookup.question.identifier, Answer(error: error, result: result?.pointee))
            }, &lookup.number)
        guard failure == 0 else {
            return answer(question, .temporaryFailure(String(cString: ub_strerror(failure))))
        }
        pending[question.identifier] = lookup
        deadlines.append((deadline, question.identifier))
    }

    private func finish(_ identifier: UInt64, _ result: Answer) {
        guard let lookup = pending.removeValue(forKey: identifier) else { return }
        answer(lookup.question, result)
    }

    /// The callback of a cancelled look-up is not called.
    private func abandon(_ identifier: UInt64, _ reason: String) {
        guard let lookup = pending[identifier] else { return }
        ub_cancel(context.pointer, lookup.number)
        finish(identifier, .temporaryFailure(reason))
    }

    private func answer(_ question: Question, _ answer: Answer) {
        if case .temporaryFailure = answer { Self.failures.increment() }
        inbox.release()
        question.continuation.resume(returning: answer)
    }

    private func expire() {
        let now = Self.milliseconds()
        while deadlinesPassed < deadlines.count, deadlines[deadlinesPassed].at <= now {
            abandon(deadlines[deadlinesPassed].identifier, "no answer within \(millisecondsMax) ms")
            deadlinesPassed += 1
        }
        if pending.isEmpty {
            deadlines.removeAll(keepingCapacity: true)
            deadlinesPassed = 0
        } else if deadlinesPassed > 1_024, deadlinesPassed * 2 > deadlines.count {
            deadlines.removeFirst(deadlinesPassed)
            deadlinesPassed = 0
        }
    }

    private func waitForEvents() {
        var descriptors = [
            pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ub_fd(context.pointer), events: Int16(POLLIN), revents: 0),
        ]
        var timeout: Int32 = -1
        if deadlinesPassed < deadlines.count {
            timeout = Int32(clamping: max(0, deadlines[deadlinesPassed].at - Self.milliseconds()))
        }
        poll(&descriptors, 2, timeout)
        if descriptors[1].revents != 0 { ub_process(context.pointer) }
    }

    /// Of the monotonic clock.
    private static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}
