/// Asks the DNS. The whole process has one, made by Appliance and handed to whoever looks something up.
public protocol Resolver: Sendable {
    /// One look-up in class IN, CNAME records followed.
    ///
    /// - Parameters:
    ///   - name: labels between dots, a final dot or none; any octet but a dot may stand in a label. A name that cannot
    ///     exist (an empty label, one above 63 octets, above 255 in all; RFC 1035 §2.3.4) is a `nameError` unasked.
    /// - Returns: within the resolver's time limit; soon after the task is cancelled a temporary failure.
    func query(_ name: String, _ type: RecordType) async -> Answer
}

/// The types that mail asks for, with their numbers in the wire format.
public enum RecordType: UInt16, Hashable, Sendable, CaseIterable {
    case a = 1
    case ns = 2
    case cname = 5
    case soa = 6
    case ptr = 12
    case mx = 15
    case txt = 16
    case aaaa = 28
    case dnskey = 48
    case tlsa = 52
}

/// What the DNS says to one question.
public enum Answer: Equatable, Sendable {
    /// At least one record.
    case records(RecordSet)
    /// The name exists and has no record of the type.
    case noData(isSecure: Bool)
    /// The name does not exist (NXDOMAIN).
    case nameError(isSecure: Bool)
    /// There was an answer and DNSSEC proves it wrong. Its data is withheld: RFC 4035 §5.5 has it treated like
    /// SERVFAIL.
    case bogus(String)
    /// No usable answer in time. The text is for the log.
    case temporaryFailure(String)
}

/// The records of one name and type.
public struct RecordSet: Equatable, Sendable {
    /// RDATA of each record in wire format, names in it uncompressed.
    public var data: [[UInt8]]
    /// The name that has the records: the one asked for, or where its CNAME records lead. No final dot.
    public var canonicalName: String
    public var ttlSeconds: Int
    /// DNSSEC proves it, from the root's key down.
    public var isSecure: Bool

    public init(data: [[UInt8]], canonicalName: String, ttlSeconds: Int, isSecure: Bool) {
        self.data = data
        self.canonicalName = canonicalName
        self.ttlSeconds = ttlSeconds
        self.isSecure = isSecure
    }
}
