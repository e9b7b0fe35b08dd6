/// Writes the field of a signature, folded at 78 octets (RFC 5322 §2.1.1), its `b=` last and empty until it is signed.
struct SignatureFieldText {
    private static let lineOctetsMax = 78

    private let name: String
    private var value = ""
    private var column: Int

    init(_ name: String) {
        self.name = name
        column = name.utf8.count + 1
    }

    mutating func append(_ tag: String, _ text: String) {
        // There is always room for it.
        if !value.isEmpty {
            value += ";"
            column += 1
        }
        put("\(tag)=\(text)", isApart: true)
    }

    /// `h=`, folded behind its colons.
    mutating func append(headerNames names: [String]) {
        append("h", (names.first ?? "") + (names.count > 1 ? ":" : ""))
        for (index, name) in names.enumerated().dropFirst() {
            put(name + (index + 1 < names.count ? ":" : ""), isApart: false)
        }
    }

    /// The field as it is signed.
    mutating func finish() -> FieldOctets {
        append("b", "")
        return FieldOctets(name, value)
    }

    /// The field with its signature and its final CR LF.
    func text(_ digits: String) -> String {
        var text = value
        var column = column
        var rest = digits[...]
        while !rest.isEmpty {
            if column >= Self.lineOctetsMax {
                text += "\r\n\t"
                column = 8
            }
            let piece = rest.prefix(Self.lineOctetsMax - column)
            text += piece
            column += piece.utf8.count
            rest = rest.dropFirst(piece.count)
        }
        return "\(name):\(text)\r\n"
    }

    private mutating func put(_ text: String, isApart: Bool) {
        let octets = text.utf8.count + (isApart ? 1 : 0)
        if column + octets + 1 > Self.lineOctetsMax {
            value += "\r\n\t" + text
            column = 8 + text.utf8.count
        } else {
            value += (isApart ? " " : "") + text
            column += octets
        }
    }
}
