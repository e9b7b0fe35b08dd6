import IMAP
import MailCore
import Testing

@testable import IMAPServer

@Suite struct SortedHitsTests {
    /// What a client makes of ADDTO and REMOVEFROM (RFC 5267 §4.3.3, §4.3.4).
    struct Client {
        var results: [UID]

        mutating func add(_ pieces: [SortedHits.Piece]) throws {
            for piece in pieces {
                try #require(1...results.count + 1 ~= piece.position)
                results.insert(contentsOf: piece.uids, at: piece.position - 1)
            }
        }

        mutating func remove(_ pieces: [SortedHits.Piece]) throws {
            for piece in pieces {
                let start = piece.position - 1
                try #require(start >= 0 && start + piece.uids.count <= results.count)
                #expect(Array(results[start...].prefix(piece.uids.count)) == piece.uids)
                results.removeSubrange(start..<start + piece.uids.count)
            }
        }
    }

    @Test("what the client is told step by step makes of its result what ours is", arguments: 1...40)
    func agrees(_ seed: UInt64) throws {
        var random = Random(state: seed)
        // The order of a sort: any, and always the same.
        let rank = Array(1...200).shuffled(using: &random)
        func sorted(_ uids: [Int]) -> [UID] {
            uids.sorted { rank[$0 - 1] < rank[$1 - 1] }.map { UID(UInt32($0)) }
        }
        var members = Set((1...200).filter { _ in Bool.random(using: &random) })
        var hits = SortedHits([Sort.Criterion(.size)], sorted(Array(members)))
        var client = Client(results: hits.order)
        for _ in 0..<20 {
            let gone = members.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
            members.subtract(gone)
            try client.remove(hits.remove(UIDRuns(gone.map { UInt32($0)...UInt32($0) })))
            let come = (1...200).filter { !members.contains($0) && Int.random(in: 0..<4, using: &random) == 0 }
            let places = sorted(come).map { new in
                hits.order.count { rank[Int($0.rawValue) - 1] < rank[Int(new.rawValue) - 1] }
            }
            try client.add(hits.insert(sorted(come), at: places))
            members.formUnion(come)
            #expect(client.results == hits.order)
            #expect(hits.order == sorted(Array(members)))
        }
    }

    private struct Random: RandomNumberGenerator {
        var state: UInt64

        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }
}
