import Glibc
import Observation

/// What one run of some work took.
struct Sample {
    var wallSeconds: Double
    /// User and system time of the process.
    var cpuSeconds: Double
    /// Sorted, of the single operations in milliseconds; empty when they are not told apart.
    var latencies: [Double] = []
    var counts: [String: Int] = [:]
}

/// One line of the table: the medians of several runs.
struct Figure {
    var name: String
    /// Messages, rows or calls in one run.
    var operations: Int
    var samples: [Sample]

    var line: String {
        let wall = median(samples.map(\.wallSeconds))
        let cpu = median(samples.map(\.cpuSeconds))
        var text = pad(name, 34) + pad(rate(Double(operations) / wall) + "/s", 14)
        text += pad(fixed(wall * 1_000) + " ms", 14) + pad(fixed(cpu * 1_000) + " ms", 14)
        text += pad(fixed(cpu * 1_000_000 / Double(operations)) + " µs", 12)
        let all = samples.flatMap(\.latencies).sorted()
        if !all.isEmpty {
            text += pad("\(fixed(all[all.count / 2])) / \(fixed(all[all.count * 99 / 100])) ms", 20)
        }
        for key in (samples.first?.counts ?? [:]).keys.sorted() {
            let value = median(samples.map { Double($0.counts[key] ?? 0) }) / Double(operations)
            text += "\(key) \(fixed(value, digits: 3)) "
        }
        return text
    }

    static let heading =
        pad("work", 34) + pad("rate", 14) + pad("wall", 14) + pad("cpu", 14) + pad("cpu each", 12) + "p50 / p99"
}

private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}

func fixed(_ value: Double, digits: Int = 2) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let number = Int((value * scale).rounded())
    let rest = "\(abs(number) % Int(scale))"
    return "\(number / Int(scale)).\(String(repeating: "0", count: digits - rest.count))\(rest)"
}

private func rate(_ value: Double) -> String { value >= 100 ? "\(Int(value.rounded()))" : fixed(value) }

/// Runs `body` and tells what it took.
func measured(
    counting counters: [String] = [], _ body: () async throws -> [Double]
) async throws -> Sample {
    let before = (wall: now(), cpu: cpuTime(), counts: current(counters))
    let latencies = try await body()
    let after = (wall: now(), cpu: cpuTime(), counts: current(counters))
    return Sample(
        wallSeconds: after.wall - before.wall, cpuSeconds: after.cpu - before.cpu, latencies: latencies.sorted(),
        counts: after.counts.merging(before.counts) { $0 - $1 })
}

private func current(_ counters: [String]) -> [String: Int] {
    var counts: [String: Int] = [:]
    for counter in Counter.snapshot() where counters.contains(counter.name) {
        counts[String(counter.name.dropFirst("postino_store_".count).dropLast("_total".count))] = counter.value
    }
    return counts
}

func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func cpuTime() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}
