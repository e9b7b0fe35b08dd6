import MailCore
import Testing

@Suite("UIDRuns")
struct UIDRunsTests {
    @Test("RFC 9051 §2.3.1.2: the sequence number is the rank of the UID, in both directions")
    func ranks() {
        let runs = UIDRuns([1...3, 7...7, 10...12])
        #expect(runs.count == 7)
        #expect([1, 3, 7, 10, 12].map { runs.rank(of: UID($0)) } == [1, 3, 4, 5, 7])
        #expect([4, 8, 13, 0].map { runs.rank(of: UID($0)) } == [nil, nil, nil, nil])
        #expect((0...8).map { runs.select($0)?.rawValue } == [nil, 1, 2, 3, 7, 10, 11, 12, nil])
        #expect([1, 4, 7, 8, 11, 99].map { runs.countBelow(UID($0)) } == [0, 3, 3, 4, 5, 7])
    }

    @Test("ranges in any order that overlap are one ascending set")
    func normalises() {
        #expect(UIDRuns([5...9, 1...2, 3...3, 8...11]).ranges == [1...3, 5...11])
        #expect(UIDRuns([1...UInt32.max, 5...5]).ranges == [1...UInt32.max])
        var runs = UIDRuns([4...UInt32.max])
        runs.append(UID(UInt32.max))
        #expect(runs.count == Int(UInt32.max) - 3)
    }

    @Test("removing keeps what is between the holes, up to both ends of the numbers")
    func removes() {
        var runs = UIDRuns([1...10, 20...30])
        runs.remove([3...4, 9...22, 30...40])
        #expect(runs.ranges == [1...2, 5...8, 23...29])
        let wasThere = [runs.remove(UID(3)), runs.remove(UID(5))]
        #expect(wasThere == [false, true])
        #expect(runs.rank(of: UID(6)) == 3)
        var all = UIDRuns([0...UInt32.max])
        all.remove([0...0, UInt32.max...UInt32.max])
        #expect(all.ranges == [1...(UInt32.max - 1)])
    }

    @Test("agrees with a sorted array in 2,000 random steps")
    func agreesWithModel() {
        var random = FixedRandom(state: 7)
        var runs = UIDRuns()
        var model: [UInt32] = []
        var next: UInt32 = 1
        for _ in 0..<2_000 {
            switch random.next() % 3 {
            case 0:
                next += UInt32(random.next() % 3) + 1
                runs.append(UID(next))
                model.append(next)
            case 1:
                let low = UInt32(random.next() % UInt64(next))
                let high = low + UInt32(random.next() % 5)
                runs.remove([low...high])
                model.removeAll { (low...high).contains($0) }
            default:
                let low = UInt32(random.next() % UInt64(next))
                let part = runs.intersection(low...(low + 9))
                var found: [UInt32] = []
                part.forEach { found.append($0.rawValue) }
                #expect(found == model.filter { $0 >= low && $0 <= low + 9 })
            }
            #expect(runs.count == model.count)
        }
        for (index, uid) in model.enumerated() {
            #expect(runs.rank(of: UID(uid)) == index + 1)
            #expect(runs.select(index + 1) == UID(uid))
        }
    }
}

/// A fixed sequence of numbers.
private struct FixedRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
