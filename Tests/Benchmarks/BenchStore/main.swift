import Glibc
import MailCore
import MessageStore
import NIOCore

// Measures the store alone: swift run -c release BenchStore [FOLDER] [--quick] [--only=deliver-64,mailbox].
// Prints medians of three runs.

let arguments = CommandLine.arguments.dropFirst()
let isQuick = arguments.contains("--quick")
let only = arguments.first { $0.hasPrefix("--only=") }.map { $0.dropFirst(7).split(separator: ",").map(String.init) }
let parent = arguments.first { !$0.hasPrefix("--") } ?? "/tmp"
let rounds = isQuick ? 1 : 3
let scale = isQuick ? 10 : 1
let counters = ["postino_store_commits_total", "postino_store_syncs_total"]

func show(_ figure: Figure) {
    print(figure.line)
    fflush(nil)
}

/// Delivery of small messages by a number of producers.
func deliveries(producers: Int, count: Int) async throws {
    var samples: [Sample] = []
    for _ in 0..<rounds {
        let house = try await House(in: parent, accounts: 200)
        _ = try await house.deliver(try await house.staged(200, octets: 8_192), producers: producers)
        let messages = try await house.staged(count, octets: 8_192)
        samples.append(
            try await measured(counting: counters) {
                try await house.deliver(messages, producers: producers)
            })
        await house.close()
    }
    show(Figure(name: "deliver 8 KiB, \(producers) producers", operations: count, samples: samples))
}

/// Small messages of four paced producers while 20 MiB messages arrive.
func beside() async throws {
    var samples: [Sample] = []
    for _ in 0..<rounds {
        let house = try await House(in: parent, accounts: 200)
        let large = Letter.octets(0, octets: 20 << 20)
        let small = try await house.staged(1_600 / scale, octets: 8_192)
        samples.append(
            try await measured {
                try await withThrowingTaskGroup(of: [Double].self) { group in
                    group.addTask {
                        for _ in 0..<(20 / scale + 2) {
                            let staged = try await house.store.stage(large)
                            try await house.store.deliver(staged, to: [LocalCopy(account: house.accounts[0])])
                        }
                        return []
                    }
                    group.addTask {
                        try await house.deliver(small, producers: 4, pauseMilliseconds: 5)
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
            })
        await house.close()
    }
    show(Figure(name: "deliver 8 KiB beside 20 MiB ones", operations: 1_600 / scale, samples: samples))
}

/// Work on one mailbox of many messages; what it changes is changed back before the next run.
func mailbox(_ count: Int) async throws {
    let house = try await House(in: parent, accounts: 1)
    let store = house.store
    let account = house.accounts[0]
    _ = try await house.deliver(try await house.staged(count, octets: 4_096), producers: 64)
    let inbox = try await house.inbox(account).id
    let all: ClosedRange<UInt32> = 1...UInt32(count)

    func measure(_ name: String, operations: Int = count, _ body: () async throws -> Void) async throws {
        var samples: [Sample] = []
        for _ in 0..<rounds {
            samples.append(
                try await measured {
                    try await body()
                    return []
                })
        }
        show(Figure(name: name, operations: operations, samples: samples))
    }

    func pages(_ limit: Int, _ body: (ClosedRange<UInt32>) async throws -> UInt32?) async throws {
        var next: UInt32 = 1
        while next <= all.upperBound, let last = try await body(next...all.upperBound) { next = last + 1 }
    }

    try await measure("list UIDs") { _ = try await store.uids(of: inbox) }
    try await measure("list UID, flags, size, date") {
        try await pages(10_000) {
            try await store.summaries(of: inbox, uids: $0, limit: 10_000).last?.uid.rawValue
        }
    }
    try await measure("list with envelope and structure") {
        try await pages(1_000) {
            try await store.page(
                of: inbox, account: account, uids: $0, limit: 1_000, want: [.envelope, .structure]
            ).entries.last?.summary.uid.rawValue
        }
    }
    try await measure("list with header fields") {
        try await pages(1_000) {
            try await store.page(of: inbox, account: account, uids: $0, limit: 1_000, want: [.headerFields])
                .entries.last?.summary.uid.rawValue
        }
    }
    try await measure("read bodies, 100 at once", operations: 2_000) {
        for start in stride(from: 1, to: min(2_000, count), by: 100) as StrideTo<Int> {
            let rows = try await store.details(
                of: inbox, account: account, uids: UInt32(start)...UInt32(start + 99), limit: 100, want: [.body])
            _ = try await store.octets(of: rows.compactMap(\.body))
        }
    }
    var isSet = false
    try await measure("set or clear a flag on all") {
        isSet.toggle()
        _ = try await store.storeFlags(
            mailbox: inbox, uids: [all], operation: isSet ? .add : .remove, flags: .flagged)
    }
    let part = UInt32(min(10_000, count / 5))
    let archive = try await store.mailbox(of: account, named: "Archive").id
    try await measure("copy", operations: Int(part)) {
        _ = try await store.copy(from: inbox, uids: [1...part], to: archive, account: account)
    }
    var first: UInt32 = 1
    try await measure("expunge", operations: Int(part)) {
        _ = try await store.expunge(mailbox: archive, uids: [first...(first + part - 1)], onlyDeleted: false)
        first += part
    }
    var moved: UInt32 = 1
    try await measure("move", operations: Int(part)) {
        _ = try await store.move(from: inbox, uids: [moved...(moved + part - 1)], to: archive, account: account)
        moved += part
    }
    await house.close()
}

/// Three of four messages go; then the segments are written anew.
func compaction(_ count: Int) async throws {
    var samples: [Sample] = []
    var octets = 0
    for _ in 0..<rounds {
        let house = try await House(in: parent, accounts: 1)
        _ = try await house.deliver(try await house.staged(count, octets: 8_192), producers: 64)
        try await house.store.sealOpenSegment()
        let inbox = try await house.inbox(house.accounts[0]).id
        _ = try await house.store.expunge(
            mailbox: inbox, uids: (1...UInt32(count)).filter { $0 % 4 != 0 }.map { $0...$0 }, onlyDeleted: false)
        try await house.store.setRetention(days: 0, of: DomainID(rawValue: 1))
        try await Task.sleep(for: .seconds(1))
        var options = MessageStore.UpkeepOptions()
        options.retentionDays = 0
        options.compactionOctetsPerSecondMax = 0
        let upkeep = Upkeep(store: house.store, options: options)
        let before = try await house.store.space().octets
        samples.append(
            try await measured {
                try await upkeep.runOnce()
                return []
            })
        octets = Int(before)
        await upkeep.stop()
        await house.close()
    }
    show(Figure(name: "purge and compact \(octets >> 20) MiB", operations: count, samples: samples))
}

func run(_ name: String, _ body: () async throws -> Void) async throws {
    if only?.contains(name) ?? true { try await body() }
}

print(Figure.heading)
for (producers, count) in [(1, 2_000), (4, 6_000), (20, 20_000), (64, 30_000)] {
    try await run("deliver-\(producers)") { try await deliveries(producers: producers, count: count / scale) }
}
try await run("beside") { try await beside() }
try await run("mailbox") { try await mailbox(50_000 / scale) }
try await run("compaction") { try await compaction(20_000 / scale) }
