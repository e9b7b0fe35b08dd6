/// Which messages the documents of an index are: runs of message ids without a gap, in ascending order.
struct DocumentRuns: Equatable, Sendable {
    private struct Run: Equatable {
        var first: Int64
        var count: Int
        /// The document that the first is.
        var document: Int
    }

    private var runs: [Run] = []
    private(set) var count = 0

    /// Adds documents whose messages come behind all others.
    mutating func append(_ first: Int64, count added: Int) {
        runs.append(Run(first: first, count: added, document: count))
        count += added
    }

    func document(of message: Int64) -> Int? {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = low + (high - low) / 2
            if runs[middle].first <= message { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let run = runs[low - 1]
        let offset = message - run.first
        return offset < run.count ? run.document + Int(offset) : nil
    }
}

/// Which messages an index knows whole.
struct IndexCoverage: Sendable {
    let documents: DocumentRuns
    /// Of these it may lack something.
    let partial: Set<Int>
}

/// What an index tells of a needle.
public final class IndexAnswer: Sendable {
    let coverage: IndexCoverage
    /// Documents that hold the needle, or without `isProof` those that may.
    let hits: Bits
    let isProof: Bool

    init(coverage: IndexCoverage, hits: Bits, isProof: Bool) {
        self.coverage = coverage
        self.hits = hits
        self.isProof = isProof
    }

    /// The same where the needle is to be in a certain field: what holds it somewhere is to be looked at.
    public var withoutProof: IndexAnswer { IndexAnswer(coverage: coverage, hits: hits, isProof: false) }

    /// Whether the message holds the needle; nil when that must be looked up in the message itself.
    public func verdict(_ message: Int64) -> Bool? {
        guard let document = coverage.documents.document(of: message) else { return nil }
        if hits.contains(document) { return isProof ? true : nil }
        return coverage.partial.contains(document) ? nil : false
    }
}

/// Where a needle is looked for.
public enum SearchScope: Hashable, Sendable {
    case header
    case body
    /// Header or body.
    case text
}
