import Glibc
import MessageStore
import OutboundQueue
import Synchronization

// Measures the queue with its store, over real connections to a next hop in the same process:
//     swift run -c release BenchQueue [FOLDER] [--messages=100000] [--domains=1000] [--relay]
// All are put off once, listed, and then sent. With --relay one relay takes everything.

let arguments = CommandLine.arguments.dropFirst()

func number(_ name: String, _ usual: Int) -> Int {
    arguments.first { $0.hasPrefix("--\(name)=") }.flatMap { Int($0.dropFirst(name.count + 3)) } ?? usual
}

func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

/// Largest so far, in MiB.
func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss >> 10
}

func show(_ what: String, _ count: Int, _ wall: Double, _ cpu: Double) {
    let each = Int(cpu * 1e6 / Double(max(1, count)))
    let rate = Int(Double(count) / wall)
    print("\(what): \(count) in \(Int(wall * 1_000)) ms, \(rate)/s, \(each) µs of CPU each, peak \(peakMemory()) MiB")
    fflush(nil)
}

let messages = number("messages", 100_000)
let domains = number("domains", 1_000)
let isRelayed = arguments.contains("--relay")
let house = try House(in: arguments.first { !$0.hasPrefix("--") } ?? "/tmp")
let sink = try await Sink()

func measured(_ what: String, _ body: () async throws -> Int) async throws {
    let (wall, cpu, theirs) = (now(), cpuSeconds(), try await sink.cpuSeconds())
    let count = try await body()
    let ours = cpuSeconds() - cpu - (try await sink.cpuSeconds() - theirs)
    show(what, count, now() - wall, ours)
}

/// Runs the queue until every message was tried once more.
func attempts(isTaking: Bool, left: Int) async throws -> Int {
    let before = sink.counts.attempts.load(ordering: .relaxed)
    sink.counts.isTaking.store(isTaking, ordering: .relaxed)
    let runner = try house.runner(port: sink.port, relayed: isRelayed)
    await runner.start()
    while sink.counts.attempts.load(ordering: .relaxed) < before + messages {
        try await Task.sleep(for: .milliseconds(20))
    }
    // What they said is still to be written down.
    while try await house.store.queueCounts().waiting + house.store.queueCounts().leased != left {
        try await Task.sleep(for: .milliseconds(20))
    }
    await runner.stop(withinSeconds: 1)
    return messages
}

do {
    try await measured("queued") {
        try await house.fill(messages, domains: domains, octets: 4_096)
        return messages
    }
    try await measured("put off") { try await attempts(isTaking: false, left: messages) }
    for limit in [1_000, 10_000] {
        try await measured("listed") { try await house.store.listQueue(limit: limit).count }
    }
    try await measured("listed of one domain") {
        try await house.store.listQueue(.init(routeDomain: "d7.test"), limit: 1_000).count
    }
    house.clock.add(86_400, ordering: .relaxed)
    try await measured("sent") { try await attempts(isTaking: true, left: 0) }
    let connections = sink.counts.connections.load(ordering: .relaxed)
    print("\(connections) connections")
} catch {
    print("failed: \(error)")
}
try await sink.stop()
await house.close()
