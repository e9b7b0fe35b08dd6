/// Writes JSON (RFC 8259), value by value; whatever text it is given, the outcome is one valid text in UTF-8.
struct JSONText {
    private(set) var text = ""
    private var needsComma = false

    mutating func object(_ key: String? = nil, _ members: (inout JSONText) -> Void) {
        open(key, "{")
        members(&self)
        close("}")
    }

    mutating func array(_ key: String? = nil, _ elements: (inout JSONText) -> Void) {
        open(key, "[")
        elements(&self)
        close("]")
    }

    mutating func string(_ key: String?, _ value: String) {
        begin(key)
        quote(value)
    }

    mutating func integer(_ key: String?, _ value: Int64) {
        begin(key)
        text += "\(value)"
    }

    /// Four digits behind the point; never "nan" or "inf", which JSON does not know.
    mutating func number(_ key: String?, _ value: Double) {
        begin(key)
        text += PlainText.fixed(value, digits: 4)
    }

    mutating func boolean(_ key: String?, _ value: Bool) {
        begin(key)
        text += value ? "true" : "false"
    }

    private mutating func open(_ key: String?, _ bracket: String) {
        begin(key)
        text += bracket
        needsComma = false
    }

    private mutating func close(_ bracket: String) {
        text += bracket
        needsComma = true
    }

    private mutating func begin(_ key: String?) {
        if needsComma { text += "," }
        needsComma = true
        guard let key else { return }
        quote(key)
        text += ":"
    }

    private mutating func quote(_ value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
