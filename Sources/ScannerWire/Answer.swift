// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later

/// What the scanner says to the request of the same `id`.
public struct Answer: Equatable, Sendable {
    public enum Body: Equatable, Sendable {
        case scan(ScanResult)
        case spf(SPFReply)
        case status(Status)
        /// The outcome of `reload`: nil when new signatures are in use.
        case reloaded(problem: String?)
        /// The scanner's own queue is full.
        case busy
    }

    public var id: UInt32
    public var body: Body

    public init(id: UInt32, _ body: Body) {
        self.id = id
        self.body = body
    }

    /// The datagram, or nil when a list exceeds its bound. Texts are cut.
    public var datagram: [UInt8]? {
        switch body {
        case .scan(let result):
            var writer = Writer(kind: 1, id: id)
            result.write(into: &writer)
            return writer.datagram
        case .spf(let reply):
            var writer = Writer(kind: 2, id: id)
            reply.write(into: &writer)
            return writer.datagram
        case .status(let status):
            var writer = Writer(kind: 3, id: id)
            status.write(into: &writer)
            return writer.datagram
        case .reloaded(let problem):
            var writer = Writer(kind: 4, id: id)
            writer.text(problem ?? "")
            return writer.datagram
        case .busy: return Writer(kind: 5, id: id).datagram
        }
    }

    /// Nil for whatever is not a datagram of this version.
    public init?(_ datagram: [UInt8]) {
        var reader = Reader(datagram)
        do throws(Malformed) {
            let (kind, id) = try reader.head()
            self.id = id
            switch kind {
            case 1: body = .scan(try ScanResult(&reader))
            case 2: body = .spf(try SPFReply(&reader))
            case 3: body = .status(try Status(&reader))
            case 4:
                let problem = try reader.text()
                body = .reloaded(problem: problem.isEmpty ? nil : problem)
            case 5: body = .busy
            default: return nil
            }
        } catch { return nil }
        guard reader.isAtEnd else { return nil }
    }
}
