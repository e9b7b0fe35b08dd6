/// RFC 3501 §5.1.3: the international naming convention, both ways.
enum ModifiedUTF7 {
    /// The UTF-8 of a name in modified UTF-7; nil unless it is the one spelling that the RFC allows:
    ///
    /// - printable US-ASCII stands for itself, "&" is "&-", nothing else begins with a bare "&";
    /// - base64 (of UTF-16 big-endian, "," for "/", no padding) is used only for what is not printable US-ASCII;
    /// - the bits behind the last character are zero, and no base64 run follows another directly.
    static func decode(_ name: some Collection<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        text.reserveCapacity(name.count)
        var rest = name[...]
        var runEndedHere = false
        while let octet = rest.popFirst() {
            guard octet == ampersand else {
                guard (0x20...0x7e).contains(octet) else { return nil }
                text.append(octet)
                runEndedHere = false
                continue
            }
            guard let end = rest.firstIndex(of: hyphen) else { return nil }
            let digits = rest[..<end]
            rest = rest[rest.index(after: end)...]
            if digits.isEmpty {
                text.append(ampersand)
                runEndedHere = false
            } else {
                guard !runEndedHere, let units = utf16(digits), append(units, to: &text) else { return nil }
                runEndedHere = true
            }
        }
        return text
    }

    /// The modified UTF-7 of a text.
    static func encode(_ text: String) -> [UInt8] {
        var name: [UInt8] = []
        var units: [UInt16] = []
        for scalar in text.unicodeScalars {
            guard (0x20...0x7e).contains(scalar.value) else {
                units.append(contentsOf: Unicode.UTF16.encode(scalar) ?? .init())
                continue
            }
            flush(&units, to: &name)
            name.append(UInt8(truncatingIfNeeded: scalar.value))
            if scalar == "&" { name.append(hyphen) }
        }
        flush(&units, to: &name)
        return name
    }

    private static let ampersand = UInt8(ascii: "&")
    private static let hyphen = UInt8(ascii: "-")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xff, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    private static func utf16(_ digits: some Collection<UInt8>) -> [UInt16]? {
        var units: [UInt16] = []
        var bits: UInt32 = 0
        var held = 0
        for digit in digits {
            let value = values[Int(digit)]
            guard value != 0xff else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0x3f_ffff
            held += 6
            if held >= 16 {
                held -= 16
                units.append(UInt16(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        // Fewer than six bits are left, and all of them zero.
        guard held < 6, bits & ((1 << UInt32(held)) - 1) == 0 else { return nil }
        return units
    }

    /// False when a surrogate stands alone or a character could have stood for itself.
    private static func append(_ units: [UInt16], to text: inout [UInt8]) -> Bool {
        var decoder = UTF16()
        var iterator = units.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar):
                guard !(0x20...0x7e).contains(scalar.value) else { return false }
                text.append(contentsOf: Unicode.UTF8.encode(scalar) ?? .init())
            case .emptyInput: return true
            case .error: return false
            }
        }
    }

    private static func flush(_ units: inout [UInt16], to name: inout [UInt8]) {
        guard !units.isEmpty else { return }
        name.append(ampersand)
        var bits: UInt32 = 0
        var held = 0
        for unit in units {
            bits = (bits << 16 | UInt32(unit)) & 0x3f_ffff
            held += 16
            while held >= 6 {
                held -= 6
                name.append(alphabet[Int(bits >> UInt32(held) & 0x3f)])
            }
        }
        if held > 0 { name.append(alphabet[Int(bits << UInt32(6 - held) & 0x3f)]) }
        name.append(hyphen)
        units.removeAll(keepingCapacity: true)
    }
}
