// SPDX-License-Identifier: GPL-2.0-or-later

import Glibc
import ScannerWire

/// The process that the mail server started. It parses nothing of a stranger and loads no signature:
///
///     root ── generation ── worker, worker, …, worker for SPF
///
/// A *generation* is forked from here, loads the signatures, and forks its workers, which share its pages. It reads
/// requests from the socket to the mail server and answers them itself. For new signatures the root forks another
/// generation while the old one serves. When the new one has loaded, it begins to read the same socket; only then the
/// old one is told to read no more, to finish what it has, and to leave. So there is no moment without a reader (each
/// datagram goes to exactly one), nothing is handed over, a file that cannot be loaded (or that crashes libclamav)
/// costs only the new process, and all memory of the old signatures goes back to the system. The price: for a while
/// both sets are in memory.
///
/// When the serving generation dies, the root leaves too, and the mail server starts the whole anew.
final class Root {
    struct Serving {
        var pid: pid_t
        var control: Channel
        var startedAt: Int
    }

    let options: Options
    let client = Channel(descriptor: 3)
    private var serving: Serving?
    private var loading: Serving?
    private var leaving: [Serving] = []
    private var loads: UInt32 = 0
    /// Reloads that the load under way will answer, and those that came too late for it.
    private var waiting: [UInt32] = []
    private var waitingForNext: [UInt32] = []
    /// Done, but the old generation may still take a request.
    private var toAnswer: [UInt32] = []
    private var folder: SignatureFolder
    /// The folder as last seen, when it differs from `folder`: a change is taken up once it stands still.
    private var changed: SignatureFolder?
    private var lookedAt = Clock.now()
    private static let loadSecondsMax = 600

    init(_ options: Options) {
        self.options = options
        folder = SignatureFolder(options.signatures)
    }

    func run() -> Never {
        signal(SIGPIPE, SIG_IGN)
        if let problem = TemporaryFolder(path: options.temporary).prepare() { leave(problem, 78) }
        guard load() else { leave("cannot fork: \(Log.lastError)", 71) }
        while true {
            awaitEvents()
            watchFolder()
            stopLongLoad()
        }
    }

    private func awaitEvents() {
        var polled = [pollfd(fd: client.descriptor, events: 0, revents: 0)]
        let generations = [serving, loading].compactMap { $0 } + leaving
        polled += generations.map { pollfd(fd: $0.control.descriptor, events: Int16(POLLIN), revents: 0) }
        _ = poll(&polled, nfds_t(polled.count), Int32(clamping: options.checkSeconds * 1_000))
        if polled[0].revents != 0 { followClient() }
        for (generation, entry) in zip(generations, polled.dropFirst()) where entry.revents != 0 {
            read(from: generation)
        }
    }

    /// The mail server is gone, or wants no more of us: the generations see the same, and tidy up.
    private func followClient() -> Never {
        let deadline = Clock.now() + 1_000
        for generation in [serving, loading].compactMap({ $0 }) + leaving {
            var end = pollfd(fd: generation.control.descriptor, events: 0, revents: 0)
            _ = poll(&end, 1, Int32(clamping: max(0, deadline - Clock.now())))
            Child.kill(generation.pid)
        }
        leave(nil, 0)
    }

    private func read(from generation: Serving) {
        switch generation.control.receive(waiting: false) {
        case .nothing: break
        case .end: ended(generation)
        case .datagram(let octets, let descriptor):
            if descriptor >= 0 { close(descriptor) }
            switch ControlWord(octets) {
            case .ready: ready(generation)
            case .failed(let problem): failed(problem, in: generation)
            case .retired: answerReloads()
            case .reload(let id): reload(id)
            case .retire, .problem, nil: break
            }
        }
    }

    private func ready(_ generation: Serving) {
        guard generation.pid == loading?.pid else { return }
        loading = nil
        toAnswer += waiting
        waiting = waitingForNext
        waitingForNext = []
        let old = serving
        serving = generation
        if let old {
            leaving.append(old)
            old.control.send(ControlWord.retire.octets)
        }
        if !waiting.isEmpty { startLoad() }
    }

    /// A generation says that it could not load, and leaves.
    private func failed(_ problem: String, in generation: Serving) {
        guard generation.pid == loading?.pid else { return }
        loading = nil
        leaving.append(generation)
        failed(problem)
        if serving == nil { leave("cannot start", 70) }
        if !waiting.isEmpty { startLoad() }
    }

    private func failed(_ problem: String) {
        Log.line(problem)
        serving?.control.send(ControlWord.problem(problem).octets)
        for id in waiting { client.send(Answer(id: id, .reloaded(problem: problem))) }
        waiting = waitingForNext
        waitingForNext = []
    }

    /// Called when the old generation reads no more: whatever the mail server asks next, the new one answers.
    private func answerReloads() {
        for id in toAnswer { client.send(Answer(id: id, .reloaded(problem: nil))) }
        toAnswer = []
    }

    private func reload(_ id: UInt32) {
        if loading != nil { return waitingForNext.append(id) }
        waiting.append(id)
        startLoad()
    }

    private func startLoad() {
        if !load() { failed("cannot fork: \(Log.lastError)") }
    }

    private func load() -> Bool {
        folder = SignatureFolder(options.signatures)
        changed = nil
        guard let (mine, theirs) = Channel.pair() else { return false }
        loads += 1
        let (number, isFirst, options) = (loads, serving == nil, options)
        let pid = Child.fork(keeping: [client.descriptor, theirs.descriptor]) {
            Generation.start(options, number: number, isFirst: isFirst)
        }
        theirs.close()
        guard let pid else {
            mine.close()
            return false
        }
        loading = Serving(pid: pid, control: mine, startedAt: Clock.now())
        return true
    }

    private func ended(_ generation: Serving) {
        generation.control.close()
        let signal = Child.kill(generation.pid)
        if generation.pid == serving?.pid { leave("the serving process died (signal \(signal))", 70) }
        leaving.removeAll { $0.pid == generation.pid }
        guard generation.pid == loading?.pid else { return answerReloads() }
        loading = nil
        failed("the process that loaded the signatures died (signal \(signal))")
        if serving == nil { leave("cannot start", 70) }
        if !waiting.isEmpty { startLoad() }
    }

    private func watchFolder() {
        guard loading == nil, Clock.now() - lookedAt >= options.checkSeconds * 1_000 else { return }
        lookedAt = Clock.now()
        let now = SignatureFolder(options.signatures)
        if now == folder { return changed = nil }
        if now == changed { return startLoad() }
        changed = now
    }

    private func stopLongLoad() {
        guard let loading, Clock.now() - loading.startedAt > Self.loadSecondsMax * 1_000 else { return }
        Log.line("loading the signatures took more than \(Self.loadSecondsMax) s")
        ended(loading)
    }

    private func leave(_ problem: String?, _ status: Int32) -> Never {
        if let problem { Log.line(problem) }
        exit(status)
    }
}
