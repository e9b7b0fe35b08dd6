extension Configuration {
    /// The configuration file, every key at this value and explained; what `Config/postino.yaml` holds is made by it.
    public var file: String {
        var text = "# Postino's configuration: every key, its value and its reason. `postino config test` checks it.\n"
        var section: String?
        for key in Key.all {
            if key.section != section {
                section = key.section
                if let section { text += "\n\(section):\n" }
            } else if section == nil {
                text += "\n"
            }
            let indent = key.section == nil ? "" : "  "
            for line in Self.wrapped(key.reason, width: 100) { text += "\(indent)# \(line)\n" }
            let values = key.show(self)
            if key.isList {
                text += "\(indent)\(key.lastName): [\(values.map(Self.quoted).joined(separator: ", "))]\n"
            } else {
                text += "\(indent)\(key.lastName): \(Self.quoted(values.first ?? ""))\n"
            }
        }
        return text
    }

    /// Quoted unless it is a plain word or number.
    private static func quoted(_ value: String) -> String {
        let isPlain =
            !value.isEmpty
            && value.utf8.allSatisfy { octet in
                switch octet {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        if isPlain { return value }
        return "\"" + value.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + word.count + 1 > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
