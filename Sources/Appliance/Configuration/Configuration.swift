public import MailCore

/// Everything that is set once for a server. What changes daily (domains, mailboxes, aliases) is in the store.
///
/// Each property is a key of the configuration file; `Key.all` has its name, its bounds and its reason.
public struct Configuration: Equatable, Sendable {
    public enum AntivirusFailure: String, CaseIterable, Sendable {
        case `defer`, deliver
    }

    public enum BareLineEnds: String, CaseIterable, Sendable {
        case repair, refuse
    }

    public enum LogLevel: String, CaseIterable, Sendable {
        case debug, info, notice, warning, error
    }

    public var hostname = ""
    public var state = "/var/lib/postino"
    public var user = "postino"
    public var logLevel = LogLevel.info

    public var listenHost = "::"
    public var smtpPort = 25
    public var submissionPort = 587
    public var submissionsPort = 465
    public var lmtpHost = "127.0.0.1"
    public var lmtpPort = 0
    public var imapPort = 143
    public var imapsPort = 993
    public var pop3Port = 110
    public var pop3sPort = 995
    public var httpHost = "127.0.0.1"
    public var httpPort = 8_025

    public var certificateFile = ""
    public var keyFile = ""
    public var authoritiesFile = ""

    public var messageOctetsMax = 52_428_800
    public var recipientsMax = 1_000
    public var connectionsMax = 20_000
    public var connectionsPerAddressMax = 100
    public var connectionsPerNetworkMax = 1_000
    public var messagesPerAddressHour = 2_000
    public var recipientsPerAddressHour = 10_000
    public var messagesPerNetworkHour = 10_000
    public var messagesPerHour = 0
    public var guessesPerAddressHour = 200
    public var greetingDelaySeconds = 1

    public var accountMessagesPerHour = 1_000
    public var accountMessagesPerDay = 5_000
    public var accountRecipientsPerHour = 5_000
    public var accountRecipientsPerDay = 20_000
    public var accountStrangersPerHour = 500
    public var accountStrangersPerDay = 2_000
    public var checksFrom = true
    public var hidesClient = false
    public var bareLineEnds = BareLineEnds.repair

    public var idleKeepAliveSeconds = 120
    public var isCompressionOn = false
    public var pop3LoginDelaySeconds = 0

    public var keepDeletedDays = 14
    public var traceDays = 90
    public var reserveMebioctets = 512
    public var cacheMebioctets = 48

    public var trustedNetworks: [IPNetwork] = []
    public var proxyNetworks: [IPNetwork] = []
    public var dnsResolver: HostPort?
    public var trustAnchorFile = ""
    public var relay: HostPort?
    public var routes: [String] = []
    public var usesMTASTS = true
    public var sendsTLSReports = true
    public var keyRotationDays = 0
    public var keepFinishedDays = 14

    public var isFilterOn = true
    public var signaturesFolder = "/var/lib/clamav"
    public var whenAntivirusFails = AntivirusFailure.defer
    public var trustedSealers: [String] = []

    public var backupFolder = ""
    public var backupEveryHours = 24
    public var backupKeepSets = 14

    public init() {}
}

/// "host:port", an IPv6 address in brackets.
public struct HostPort: Equatable, Sendable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, (1...65_535).contains(port) else { return nil }
        self.init(host: String(host), port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
