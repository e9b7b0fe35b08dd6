/// How the pipeline works. Every stage has its time; when that is over the stage has failed, and what follows is said
/// here.
public struct Options: Sendable {
    /// Our host name: the authserv-id (RFC 8601 §2.5) and SPF's receiver.
    public var hostName: String
    /// From this probability on a message goes to Junk.
    public var junkProbability = 0.9
    /// Without a scanner's answer: false defers (451 4.7.1), true delivers with a mark.
    public var deliversUnscanned = false
    /// Received fields (RFC 5321 §6.3): one more is a loop.
    public var hopsMax = 50
    /// For SPF, for signatures, for DMARC's policy and for the reverse name, all side by side. Afterwards: temperror, no
    /// weight.
    public var authenticationMilliseconds = 5_000
    /// Domains (`d=`) of ARC sealers whose word is taken that DMARC passed when the message came to them: lists and
    /// forwarders that change what they send on. Nobody by default.
    public var trustedSealers: [String] = []
    /// Afterwards: as without a scanner.
    public var antivirusMilliseconds = 45_000
    /// Afterwards: delivered unscored.
    public var classifierMilliseconds = 5_000

    public init(hostName: String) { self.hostName = hostName }
}
