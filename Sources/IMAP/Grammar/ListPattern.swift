/// A mailbox name with wildcards (RFC 3501 §6.3.8): "*" matches anything, "%" anything but the delimiter.
public struct ListPattern: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case octet(UInt8)
        case any
        case anyInLevel
    }

    /// As the client meant it: its reference in front, UTF-8.
    public let text: String
    private let tokens: [Token]

    public static let octetsMax = 1_024
    /// Runs of wildcards count as one.
    public static let wildcardsMax = 16

    /// Nil when it is longer than `octetsMax` or holds more than `wildcardsMax` wildcards.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.octetsMax else { return nil }
        var tokens: [Token] = []
        var wildcards = 0
        for octet in Self.inboxRaised(text).utf8 {
            let token = Self.token(octet)
            switch (token, tokens.last) {
            case (.octet, _):
                tokens.append(token)
            case (.any, .any), (.anyInLevel, .any), (.anyInLevel, .anyInLevel):
                continue
            case (.any, .anyInLevel):
                tokens[tokens.count - 1] = .any
            default:
                tokens.append(token)
                wildcards += 1
            }
        }
        guard wildcards <= Self.wildcardsMax else { return nil }
        self.text = text
        self.tokens = tokens
    }

    /// The pattern of `LIST reference pattern`: a pattern that begins at the root forgets the reference.
    public init?(reference: String, pattern: String) {
        self.init(pattern.utf8.first == .slash ? String(pattern.dropFirst()) : reference + pattern)
    }

    /// The name itself when there is no wildcard in it.
    public var literalName: String? {
        tokens.allSatisfy { if case .octet = $0 { true } else { false } } ? Self.inboxRaised(text) : nil
    }

    /// Whether it ends in "%", so that levels above existing mailboxes are listed too (RFC 3501 §6.3.8).
    public var endsInLevelWildcard: Bool { tokens.last == .anyInLevel }

    /// Whether the whole name matches.
    ///
    /// - Complexity: at most the product of both lengths, whatever the pattern (the states of an automaton are followed
    ///   side by side, none twice).
    public func matches(_ name: String) -> Bool {
        if tokens == [.any] { return true }
        // RFC 3501 §5.1: also where a wildcard stands for a part of the word.
        let octetsOfInbox = Self.isInboxOrBelow(name) ? 5 : 0
        var active: [Int] = []
        enter(0, &active)
        var following: [Int] = []
        for (position, octet) in name.utf8.enumerated() {
            following.removeAll(keepingCapacity: true)
            for state in active where state < tokens.count {
                switch tokens[state] {
                case .octet(let wanted) where wanted == octet || position < octetsOfInbox && wanted.uppercased == octet:
                    enter(state + 1, &following)
                case .any: enter(state, &following)
                case .anyInLevel where octet != .slash: enter(state, &following)
                case .octet, .anyInLevel: break
                }
            }
            if following.isEmpty { return false }
            swap(&active, &following)
        }
        return active.last == tokens.count
    }

    /// Adds a state and, since a wildcard may match nothing, those behind it. States come in ascending order.
    private func enter(_ state: Int, _ states: inout [Int]) {
        var state = state
        while true {
            if let last = states.last, last >= state { return }
            states.append(state)
            guard state < tokens.count, tokens[state] == .any || tokens[state] == .anyInLevel else { return }
            state += 1
        }
    }

    private static func token(_ octet: UInt8) -> Token {
        switch octet {
        case UInt8(ascii: "*"): .any
        case UInt8(ascii: "%"): .anyInLevel
        default: .octet(octet)
        }
    }

    /// RFC 3501 §5.1: INBOX is INBOX in any case.
    private static func inboxRaised(_ text: String) -> String {
        guard text.utf8.count >= 5, text.utf8.prefix(5).map(\.uppercased) == Array("INBOX".utf8) else { return text }
        let raised = "INBOX" + String(decoding: text.utf8.dropFirst(5), as: UTF8.self)
        return isInboxOrBelow(raised) ? raised : text
    }

    private static func isInboxOrBelow(_ name: String) -> Bool {
        guard name.utf8.starts(with: "INBOX".utf8) else { return false }
        let rest = name.utf8.dropFirst(5)
        return rest.isEmpty || rest.first == .slash
    }
}
