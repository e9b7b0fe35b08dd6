// SPDX-License-Identifier: GPL-2.0-or-later

import Glibc
import ScannerWire

/// The process that has the signatures, forks workers and answers requests. See `Root`.
///
/// One loop: it never parses a message, and waits for nothing but its poll (and, for a moment, for a killed worker).
final class Generation {
    let options: Options
    let engine: Engine
    let number: UInt32
    let client = Channel(descriptor: 3)
    let control = Channel(descriptor: 4)
    let temporary: TemporaryFolder
    var slots: [Slot] = []
    var scans = Queue<Waiting>()
    var questions = Queue<Waiting>()
    var isRetiring = false
    /// Why newer signatures are not in use.
    var reloadProblem = ""
    /// Workers forked so far, for the names of their folders.
    var forks = 0
    /// Requests given to workers so far.
    var turns = 0
    /// Workers that died one after another with nothing to do: the fault is not in a message.
    var deathsInARow = 0

    /// Requests that may wait here; the mail server keeps its own, longer queue.
    static let queueMax = 256
    /// A worker is replaced after so many messages, which bounds what libclamav may leak.
    static let servedMax = 1_000
    static let spfMilliseconds = 2_000

    static func start(_ options: Options, number: UInt32, isFirst: Bool) -> Never {
        let control = Channel(descriptor: 4)
        switch Engine.load(options, mayBeEmpty: isFirst) {
        case .failure(let error):
            control.send(ControlWord.failed(error.text).octets)
            _exit(0)
        case .success(let engine):
            if !engine.problem.isEmpty { Log.line(engine.problem) }
            Generation(options, engine, number).run()
        }
    }

    private init(_ options: Options, _ engine: Engine, _ number: UInt32) {
        self.options = options
        self.engine = engine
        self.number = number
        temporary = TemporaryFolder(path: options.temporary)
    }

    private func run() -> Never {
        for index in 0...options.workers {
            guard let slot = makeWorker(isForSPF: index == options.workers) else { leave("cannot fork a worker") }
            slots.append(slot)
        }
        control.send(ControlWord.ready.octets)
        while !isRetiring || !scans.isEmpty || !questions.isEmpty || slots.contains(where: { !$0.isIdle }) {
            awaitEvents()
            stopLongWork()
            dispatch()
        }
        leave(nil)
    }

    private func awaitEvents() {
        var polled = [pollfd(fd: control.descriptor, events: Int16(POLLIN), revents: 0)]
        polled.append(pollfd(fd: isRetiring ? -1 : client.descriptor, events: Int16(POLLIN), revents: 0))
        polled += slots.map { pollfd(fd: $0.channel.descriptor, events: Int16(POLLIN), revents: 0) }
        _ = poll(&polled, nfds_t(polled.count), waitMilliseconds())
        // The root first: after its word no request may be taken.
        if polled[0].revents != 0 { readControl() }
        for index in slots.indices where polled[index + 2].revents != 0 { readWorker(index) }
        if polled[1].revents != 0, !isRetiring { readRequests() }
    }

    private func waitMilliseconds() -> Int32 {
        let deadlines = slots.compactMap(\.task?.deadline)
        guard let next = deadlines.min() else { return -1 }
        return Int32(clamping: max(0, min(next - Clock.now(), 1_000)))
    }

    private func readControl() {
        switch control.receive(waiting: false) {
        case .nothing: break
        case .end: leave("the root died")
        case .datagram(let octets, _):
            switch ControlWord(octets) {
            case .retire:
                isRetiring = true
                control.send(ControlWord.retired.octets)
            case .problem(let text): reloadProblem = text
            case .ready, .failed, .retired, .reload, nil: break
            }
        }
    }

    /// Ends this process and all its workers.
    func leave(_ problem: String?) -> Never {
        if let problem { Log.line(problem) }
        for slot in slots { discard(slot) }
        _exit(problem == nil ? 0 : 70)
    }
}
