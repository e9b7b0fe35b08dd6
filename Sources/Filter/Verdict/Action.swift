/// What the sender is told when a message is not taken; SMTPServer makes its reply of it.
public struct Refusal: Hashable, Sendable {
    /// 550 and the like, or 451 for later.
    public var code: Int
    /// RFC 3463.
    public var enhancedCode: String
    /// Printable ASCII.
    public var text: String

    public init(_ code: Int, _ enhancedCode: String, _ text: String) {
        self.code = code
        self.enhancedCode = enhancedCode
        self.text = text
    }
}

/// What is to happen to a message, or to one recipient's copy of it.
public enum Action: Hashable, Sendable {
    case accept
    case junk
    /// Kept apart, for it may be dangerous. There is no quarantine yet: it goes to Junk.
    case quarantine
    case refuse(Refusal)
    /// To be asked again later.
    case `defer`(Refusal)

    /// Delivered, this copy goes to Junk.
    public var isForJunk: Bool { self == .junk || self == .quarantine }

    var name: String {
        switch self {
        case .accept: "accept"
        case .junk: "junk"
        case .quarantine: "quarantine"
        case .refuse: "refuse"
        case .defer: "defer"
        }
    }
}

/// The one reply that DATA has for all recipients (RFC 5321 §4.2.1 knows no other).
public enum DataReply: Hashable, Sendable {
    case accept
    case refuse(Refusal)
    case `defer`(Refusal)
}
