// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later

/// What the server asks of the scanner. Its answer bears the same `id`.
public struct Request: Equatable, Sendable {
    public enum Body: Equatable, Sendable {
        /// Scan the octets of the descriptor that goes with the datagram.
        case scan(ScanKind)
        /// Evaluate SPF with the DNS answers at hand.
        case spf(SPFQuestion)
        case status
        /// Load the signatures again; answered when the new ones are in use or could not be loaded.
        case reload
    }

    public var id: UInt32
    public var body: Body

    public init(id: UInt32, _ body: Body) {
        self.id = id
        self.body = body
    }

    /// The datagram, or nil when the question exceeds a bound.
    public var datagram: [UInt8]? {
        switch body {
        case .scan(let kind):
            var writer = Writer(kind: 1, id: id)
            writer.integer(kind.rawValue)
            return writer.datagram
        case .spf(let question):
            var writer = Writer(kind: 2, id: id)
            question.write(into: &writer)
            return writer.datagram
        case .status: return Writer(kind: 3, id: id).datagram
        case .reload: return Writer(kind: 4, id: id).datagram
        }
    }

    /// Nil for whatever is not a datagram of this version.
    public init?(_ datagram: [UInt8]) {
        var reader = Reader(datagram)
        do throws(Malformed) {
            let (kind, id) = try reader.head()
            self.id = id
            switch kind {
            case 1:
                guard let scan = ScanKind(rawValue: try reader.integer()) else { return nil }
                body = .scan(scan)
            case 2: body = .spf(try SPFQuestion(&reader))
            case 3: body = .status
            case 4: body = .reload
            default: return nil
            }
        } catch { return nil }
        guard reader.isAtEnd else { return nil }
    }
}

/// How the octets are to be read.
public enum ScanKind: UInt8, Equatable, Sendable {
    /// A whole Internet message, whatever its first header field is.
    case message = 1
    /// A file of a type that libclamav finds out.
    case file = 2
}
