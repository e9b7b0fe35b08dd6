import MailCore

/// One key of the configuration file: what it is called, what it takes, and why it is there.
struct Key: Sendable {
    /// Why a value cannot be taken: completes "… must be".
    struct Wrong: Error, Equatable {
        var expected: String
    }

    /// "section.key", or "key" at the top.
    let name: String
    /// For the reader of the file: what it does, its unit, its bounds.
    let reason: String
    /// A list in the file; else one value.
    let isList: Bool
    let read: @Sendable (inout Configuration, [String]) throws(Wrong) -> Void
    let show: @Sendable (Configuration) -> [String]

    var section: String? { name.contains(".") ? name.split(separator: ".").first.map(String.init) : nil }
    var lastName: String { name.split(separator: ".").last.map(String.init) ?? name }
}

extension Key {
    static func text(
        _ name: String, _ path: any WritableKeyPath<Configuration, String> & Sendable, _ expected: String,
        _ reason: String,
        where isValid: @escaping @Sendable (String) -> Bool
    ) -> Key {
        Key(
            name: name, reason: reason, isList: false,
            read: { (configuration, values) throws(Wrong) in
                guard let value = values.first, isValid(value) else { throw Wrong(expected: expected) }
                configuration[keyPath: path] = value
            }, show: { [$0[keyPath: path]] })
    }

    /// An absolute path; empty where `isOptional`.
    static func path(
        _ name: String, _ path: any WritableKeyPath<Configuration, String> & Sendable, isOptional: Bool = false,
        _ reason: String
    ) -> Key {
        text(name, path, "an absolute path" + (isOptional ? " or empty" : ""), reason) { value in
            value.isEmpty ? isOptional : value.hasPrefix("/") && !value.utf8.contains(0) && value.utf8.count < 1_024
        }
    }

    static func number(
        _ name: String, _ path: any WritableKeyPath<Configuration, Int> & Sendable, _ bounds: ClosedRange<Int>,
        _ reason: String
    ) -> Key {
        Key(
            name: name, reason: reason, isList: false,
            read: { (configuration, values) throws(Wrong) in
                guard let text = values.first, let value = Int(text), String(value) == text, bounds.contains(value)
                else {
                    throw Wrong(expected: "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
                }
                configuration[keyPath: path] = value
            }, show: { [String($0[keyPath: path])] })
    }

    static func port(_ name: String, _ path: any WritableKeyPath<Configuration, Int> & Sendable, _ reason: String)
        -> Key
    {
        number(name, path, 0...65_535, reason)
    }

    static func flag(_ name: String, _ path: any WritableKeyPath<Configuration, Bool> & Sendable, _ reason: String)
        -> Key
    {
        Key(
            name: name, reason: reason, isList: false,
            read: { (configuration, values) throws(Wrong) in
                switch values.first {
                case "true": configuration[keyPath: path] = true
                case "false": configuration[keyPath: path] = false
                default: throw Wrong(expected: "true or false")
                }
            }, show: { [$0[keyPath: path] ? "true" : "false"] })
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Configuration, Choice> & Sendable, _ reason: String
    ) -> Key {
        let names = Choice.allCases.map(\.rawValue)
        return Key(
            name: name, reason: reason, isList: false,
            read: { (configuration, values) throws(Wrong) in
                guard let value = values.first.flatMap(Choice.init(rawValue:)) else {
                    throw Wrong(expected: "one of " + names.joined(separator: ", "))
                }
                configuration[keyPath: path] = value
            }, show: { [$0[keyPath: path].rawValue] })
    }

    static func networks(
        _ name: String, _ path: any WritableKeyPath<Configuration, [IPNetwork]> & Sendable, _ reason: String
    ) -> Key {
        Key(
            name: name, reason: reason, isList: true,
            read: { (configuration, values) throws(Wrong) in
                var networks: [IPNetwork] = []
                for value in values {
                    guard let network = IPNetwork(value) else {
                        throw Wrong(expected: "a list of networks like 192.0.2.0/24")
                    }
                    networks.append(network)
                }
                configuration[keyPath: path] = networks
            }, show: { $0[keyPath: path].map(\.description) })
    }

    static func hostPort(
        _ name: String, _ path: any WritableKeyPath<Configuration, HostPort?> & Sendable, _ reason: String
    ) -> Key {
        Key(
            name: name, reason: reason, isList: false,
            read: { (configuration, values) throws(Wrong) in
                guard let text = values.first, !text.isEmpty else { return configuration[keyPath: path] = nil }
                guard let value = HostPort(text) else { throw Wrong(expected: "HOST:PORT or empty") }
                configuration[keyPath: path] = value
            }, show: { [$0[keyPath: path]?.description ?? ""] })
    }
}
