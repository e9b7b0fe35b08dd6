public import Antivirus
public import DNS
public import Execution
public import MailAuth
public import SpamScoring

/// Whom the stages ask. A stage whose service is nil is left out, and says so.
public struct Services: Sendable {
    public var resolver: any Resolver
    /// For DMARC; without it that stage is left out.
    public var suffixes: PublicSuffixList?
    public var scanner: (any MessageScanning)?
    /// How many signatures the scanner has, nil when that is not known now; asked now and then, so that "clean" is not
    /// said by a scanner without any.
    public var signatureCount: (@Sendable () async -> Int?)?
    /// SPF once more, by libspf2; never decides and is never waited for.
    public var secondOpinion: (any SPFConsulting)?
    public var classifier: (any MessageScoring)?
    /// Opens and reads spooled messages.
    public var files: BlockingPool
    /// Verifies signatures; nil for wherever the caller is.
    public var cpu: BlockingPool?

    public init(
        resolver: any Resolver, suffixes: PublicSuffixList? = nil, scanner: (any MessageScanning)? = nil,
        signatureCount: (@Sendable () async -> Int?)? = nil, secondOpinion: (any SPFConsulting)? = nil,
        classifier: (any MessageScoring)? = nil, files: BlockingPool, cpu: BlockingPool? = nil
    ) {
        self.resolver = resolver
        self.suffixes = suffixes
        self.scanner = scanner
        self.signatureCount = signatureCount
        self.secondOpinion = secondOpinion
        self.classifier = classifier
        self.files = files
        self.cpu = cpu
    }
}
