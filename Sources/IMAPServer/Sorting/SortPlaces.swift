import IMAP
import MIME
import MailCore
import MessageStore

/// Finds where messages belong in a result that is sorted already.
struct SortPlaces: Sendable {
    let scan: HeaderScan
    let sorted: SortedHits

    /// Up to so many are looked for by halving, which reads a few messages for each; for more all are read once.
    static let fewMax = 32

    /// The messages in their order, and how many of those that are there come before each.
    func find(_ added: UIDRuns) async throws -> (uids: [UID], places: [Int]) {
        let new = try await keys(added).values.sorted { $0.precedes($1, sorted.criteria) }
        let places = new.count > Self.fewMax ? try await placesOfMany(new) : try await placesOfFew(new)
        return (new.map(\.uid), places)
    }

    private func placesOfFew(_ new: [SortKeys]) async throws -> [Int] {
        var places: [Int] = []
        var known: [UID: SortKeys?] = [:]
        for keys in new {
            var (low, high) = (places.last ?? 0, sorted.order.count)
            while low < high {
                var middle = low + (high - low) / 2
                // One that another session expunged just now has nothing to compare with: the next behind it has.
                var probe = try await self.keys(of: sorted.order[middle], &known)
                while probe == nil, middle + 1 < high {
                    middle += 1
                    probe = try await self.keys(of: sorted.order[middle], &known)
                }
                guard let probe else {
                    high = low + (high - low) / 2
                    continue
                }
                if probe.precedes(keys, sorted.criteria) { low = middle + 1 } else { high = low + (high - low) / 2 }
            }
            places.append(low)
        }
        return places
    }

    private func placesOfMany(_ new: [SortKeys]) async throws -> [Int] {
        let known = try await keys(UIDRuns(sorted.order.map { $0.rawValue...$0.rawValue }))
        var places: [Int] = []
        var place = 0
        for keys in new {
            while place < sorted.order.count, known[sorted.order[place]]?.precedes(keys, sorted.criteria) ?? true {
                place += 1
            }
            places.append(place)
        }
        return places
    }

    private func keys(of uid: UID, _ known: inout [UID: SortKeys?]) async throws -> SortKeys? {
        if let found = known[uid] { return found }
        let found = try await keys(UIDRuns([uid.rawValue...uid.rawValue]))[uid]
        known[uid] = .some(found)
        return found
    }

    private func keys(_ uids: UIDRuns) async throws -> [UID: SortKeys] {
        var keys: [UID: SortKeys] = [:]
        let criteria = sorted.criteria
        try await scan.forEach(uids, headers: criteria.contains(where: \.key.needsHeader)) { summary, header in
            keys[summary.uid] = SortKeys(criteria, summary, header)
        }
        return keys
    }
}
