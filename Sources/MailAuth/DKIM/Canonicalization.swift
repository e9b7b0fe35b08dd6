/// How much a message may change on its way (RFC 6376 §3.4).
enum Canonicalization: String, Hashable, Sendable {
    case simple
    case relaxed

    /// Reads `c=`: of the header, and behind a slash of the body.
    ///
    ///     sig-c-tag-alg = ( "simple" / "relaxed" ) [ "/" ( "simple" / "relaxed" ) ]   ; without the second: simple
    static func pair(_ text: String) -> (header: Canonicalization, body: Canonicalization)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let header = Canonicalization(rawValue: String(parts[0])) else {
            return nil
        }
        guard parts.count == 2 else { return (header, .simple) }
        return Canonicalization(rawValue: String(parts[1])).map { (header, $0) }
    }

    /// Appends a header field in canonical form (RFC 6376 §3.4.1, §3.4.2), without its last CR LF.
    func append(_ field: FieldOctets, to output: inout [UInt8]) {
        switch self {
        case .simple:
            for octet in field.line {
                // Our receiver makes a line end of a lone LF; what did not come through it is read the same way.
                if octet == 0x0a, output.last != 0x0d { output.append(0x0d) }
                output.append(octet)
            }
        case .relaxed:
            output += field.name.map { $0.isASCIIUpper ? $0 | 0x20 : $0 }
            output.append(UInt8(ascii: ":"))
            Self.appendRelaxed(field.value, to: &output)
        }
    }

    /// Line ends are taken out, runs of white space become one space, and there is none at either end.
    private static func appendRelaxed(_ value: ArraySlice<UInt8>, to output: inout [UInt8]) {
        let start = output.count
        var needsSpace = false
        for octet in value {
            switch octet {
            case 0x20, 0x09: needsSpace = true
            case 0x0d, 0x0a: break
            default:
                if needsSpace, output.count > start { output.append(0x20) }
                needsSpace = false
                output.append(octet)
            }
        }
    }
}
