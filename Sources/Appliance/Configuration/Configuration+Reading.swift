import Glibc
import Yams

extension Configuration {
    /// Larger files are no configuration.
    static let fileOctetsMax = 1_048_576

    /// Reads a file. Unknown and repeated keys, values of the wrong kind, anchors, aliases and tags are errors.
    public init(file path: String) throws(ConfigurationError) {
        try self.init(text: try Self.read(path), file: path)
    }

    /// - Parameter file: for error messages.
    public init(text: String, file: String) throws(ConfigurationError) {
        self.init()
        let root: Node?
        // Anchors live as long as the parser does.
        let parser: Parser
        do {
            // No rules: a value is the text that stands there, and its key says what kind it is.
            parser = try Parser(yaml: text, resolver: .basic)
            root = try parser.singleRoot()
        } catch let error as YamlError {
            throw Self.syntaxError(error, file)
        } catch {
            throw ConfigurationError(file: file, line: 0, column: 0, problem: "\(error)")
        }
        if let root { try read(root, section: nil, file) }
        withExtendedLifetime(parser) {}
        guard !hostname.isEmpty else {
            throw ConfigurationError(file: file, line: 0, column: 0, problem: "the key hostname is missing")
        }
        guard certificateFile.isEmpty == keyFile.isEmpty else {
            throw ConfigurationError(file: file, line: 0, column: 0, problem: "tls.certificate and tls.key go together")
        }
    }

    private mutating func read(_ node: Node, section: String?, _ file: String) throws(ConfigurationError) {
        try Self.refuseReferences(node, file)
        guard case .mapping(let mapping) = node else {
            throw Self.error(node, file, "\(section ?? "the file") must hold keys with values")
        }
        for (nameNode, value) in mapping {
            guard case .scalar(let name) = nameNode else {
                throw Self.error(nameNode, file, "a key must be a plain word")
            }
            let full = section.map { "\($0).\(name.string)" } ?? name.string
            if let key = Key.all.first(where: { $0.name == full }) {
                try read(value, key, file)
            } else if section == nil, Key.all.contains(where: { $0.section == full }) {
                try read(value, section: full, file)
            } else {
                throw Self.error(nameNode, file, "unknown key \(full)")
            }
        }
    }

    private mutating func read(_ node: Node, _ key: Key, _ file: String) throws(ConfigurationError) {
        try Self.refuseReferences(node, file)
        var values: [String] = []
        switch node {
        case .scalar(let scalar) where !key.isList: values = [scalar.string]
        case .sequence(let sequence) where key.isList:
            for item in sequence {
                try Self.refuseReferences(item, file)
                guard case .scalar(let scalar) = item else {
                    throw Self.error(item, file, "\(key.name) must be a list of plain values")
                }
                values.append(scalar.string)
            }
        default: throw Self.error(node, file, "\(key.name) must be \(key.isList ? "a list" : "one value")")
        }
        do {
            try key.read(&self, values)
        } catch {
            throw Self.error(
                node, file, "\(key.name) must be \(error.expected), not \"\(values.joined(separator: ", "))\"")
        }
    }

    /// An alias can make a small file a large one, and a tag can change what a value is: neither is needed here.
    private static func refuseReferences(_ node: Node, _ file: String) throws(ConfigurationError) {
        if case .alias = node { throw error(node, file, "aliases are not taken") }
        if node.anchor != nil { throw error(node, file, "anchors are not taken") }
        if ![Tag.Name.str, .map, .seq].map(\.rawValue).contains(node.tag.description) {
            throw error(node, file, "tags are not taken")
        }
    }

    private static func error(_ node: Node, _ file: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(file: file, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0, problem: problem)
    }

    private static func syntaxError(_ error: YamlError, _ file: String) -> ConfigurationError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ConfigurationError(file: file, line: mark.line, column: mark.column, problem: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            ConfigurationError(
                file: file, line: context.mark.line, column: context.mark.column,
                problem: "the key \(duplicates.joined(separator: ", ")) stands twice")
        default: ConfigurationError(file: file, line: 0, column: 0, problem: "\(error)")
        }
    }

    private static func read(_ path: String) throws(ConfigurationError) -> String {
        func failed(_ what: String) -> ConfigurationError {
            ConfigurationError(file: path, line: 0, column: 0, problem: "\(what): \(String(cString: strerror(errno)))")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failed("cannot be opened") }
        defer { close(file) }
        var octets: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while octets.count <= fileOctetsMax {
            let count = Glibc.read(file, &part, part.count)
            guard count >= 0 else { throw failed("cannot be read") }
            if count == 0 {
                guard let text = String(validating: octets, as: UTF8.self) else {
                    throw ConfigurationError(file: path, line: 0, column: 0, problem: "is not UTF-8")
                }
                return text
            }
            octets += part[..<count]
        }
        throw ConfigurationError(file: path, line: 0, column: 0, problem: "is larger than \(fileOctetsMax) octets")
    }
}
