// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later

/// A name and a type to look up.
public struct DNSQuestion: Hashable, Sendable {
    /// As RFC 1035 §3.2.2 and RFC 3596 number them.
    public enum Kind: UInt16, Sendable {
        case a = 1
        case ptr = 12
        case mx = 15
        case txt = 16
        case aaaa = 28
    }

    /// In lower case, without a dot at the end.
    public var name: String
    public var kind: Kind

    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    func write(into writer: inout Writer) {
        writer.name(name)
        writer.integer(kind.rawValue)
    }

    init(_ reader: inout Reader) throws(Malformed) {
        name = try reader.text(max: Bounds.nameOctetsMax)
        guard let kind = Kind(rawValue: try reader.integer()) else { throw Malformed() }
        self.kind = kind
    }
}

/// What DNS said.
public enum DNSReply: Equatable, Sendable {
    /// A: 4 octets each; AAAA: 16; MX and PTR: the host's name; TXT: the joined strings.
    case records([[UInt8]])
    /// NXDOMAIN.
    case notFound
    case noData
    case temporaryFailure

    func write(into writer: inout Writer) {
        switch self {
        case .records(let records):
            writer.integer(UInt8(0))
            writer.list(records, max: Bounds.dnsRecordsMax) { $0.counted($1, max: Bounds.dnsRecordOctetsMax) }
        case .notFound: writer.integer(UInt8(1))
        case .noData: writer.integer(UInt8(2))
        case .temporaryFailure: writer.integer(UInt8(3))
        }
    }

    init(_ reader: inout Reader) throws(Malformed) {
        switch try reader.integer(UInt8.self) {
        case 0:
            self = .records(
                try reader.list(max: Bounds.dnsRecordsMax) { (reader) throws(Malformed) in
                    try reader.counted(max: Bounds.dnsRecordOctetsMax)
                })
        case 1: self = .notFound
        case 2: self = .noData
        case 3: self = .temporaryFailure
        default: throw Malformed()
        }
    }
}

/// A client, what it said of itself, and the DNS answers known so far.
public struct SPFQuestion: Equatable, Sendable {
    public struct Known: Equatable, Sendable {
        public var question: DNSQuestion
        public var reply: DNSReply

        public init(_ question: DNSQuestion, _ reply: DNSReply) {
            self.question = question
            self.reply = reply
        }
    }

    /// 4 or 16 octets.
    public var client: [UInt8]
    public var helo: String
    /// Without angle brackets; empty for the null reverse path.
    public var mailFrom: String
    public var known: [Known]

    public init(client: [UInt8], helo: String, mailFrom: String, known: [Known]) {
        self.client = client
        self.helo = helo
        self.mailFrom = mailFrom
        self.known = known
    }

    func write(into writer: inout Writer) {
        writer.counted(client, max: 16)
        writer.name(helo)
        writer.name(mailFrom, max: Bounds.pathOctetsMax)
        writer.list(known, max: Bounds.dnsAnswersMax) {
            $1.question.write(into: &$0)
            $1.reply.write(into: &$0)
        }
    }

    init(_ reader: inout Reader) throws(Malformed) {
        client = try reader.counted(max: 16)
        helo = try reader.text(max: Bounds.nameOctetsMax)
        mailFrom = try reader.text(max: Bounds.pathOctetsMax)
        known = try reader.list(max: Bounds.dnsAnswersMax) { (reader) throws(Malformed) in
            Known(try DNSQuestion(&reader), try DNSReply(&reader))
        }
    }
}

/// A result, or what must be looked up first.
public enum SPFReply: Equatable, Sendable {
    case result(SPFResult)
    case missing([DNSQuestion])
    /// libspf2 gave no answer.
    case failed(String)

    func write(into writer: inout Writer) {
        switch self {
        case .result(let result): writer.integer(result.rawValue)
        case .missing(let questions):
            writer.integer(UInt8(100))
            writer.list(questions, max: Bounds.missingMax) { $1.write(into: &$0) }
        case .failed(let reason):
            writer.integer(UInt8(101))
            writer.text(reason)
        }
    }

    init(_ reader: inout Reader) throws(Malformed) {
        switch try reader.integer(UInt8.self) {
        case 100:
            self = .missing(
                try reader.list(max: Bounds.missingMax) { (reader) throws(Malformed) in try DNSQuestion(&reader) })
        case 101: self = .failed(try reader.text())
        case let value:
            guard let result = SPFResult(rawValue: value) else { throw Malformed() }
            self = .result(result)
        }
    }
}

/// RFC 7208 §2.6.
public enum SPFResult: UInt8, Equatable, Sendable {
    case none = 1
    case neutral, pass, fail, softfail, temperror, permerror
}
