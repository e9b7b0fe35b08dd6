/// Character references of HTML.
enum HTMLEntities {
    /// Adds the text of `range` with its references decoded; unknown ones stay as they stand.
    static func decode(_ view: Octets, _ range: Range<Int>, into output: inout [UInt8]) {
        var position = range.lowerBound
        while let ampersand = view.firstIndex(of: UInt8(ascii: "&"), in: position..<range.upperBound) {
            output.append(contentsOf: view[position..<ampersand])
            if let (scalar, end) = reference(view, ampersand + 1..<range.upperBound) {
                // A no-break space separates words like any other.
                let shown: Unicode.Scalar = scalar == "\u{a0}" ? " " : scalar
                output.append(contentsOf: UTF8.encode(shown) ?? UTF8.encodedReplacementCharacter)
                position = end
            } else {
                output.append(UInt8(ascii: "&"))
                position = ampersand + 1
            }
        }
        output.append(contentsOf: view[position..<range.upperBound])
    }

    /// The character of a reference behind its "&", and where it ends. The semicolon may lack.
    private static func reference(_ view: Octets, _ range: Range<Int>) -> (Unicode.Scalar, Int)? {
        let isNumber = !range.isEmpty && view[range.lowerBound] == UInt8(ascii: "#")
        var end = range.lowerBound + (isNumber ? 1 : 0)
        let limit = min(range.upperBound, range.lowerBound + 32)
        while end < limit, view[end].isLetter || view[end].isDigit { end += 1 }
        let scalar =
            isNumber
            ? number(view, range.lowerBound + 1..<max(range.lowerBound + 1, end))
            : named[view.string(range.lowerBound..<end)]
        guard let scalar else { return nil }
        return (scalar, end < range.upperBound && view[end] == UInt8(ascii: ";") ? end + 1 : end)
    }

    private static func number(_ view: Octets, _ digits: Range<Int>) -> Unicode.Scalar? {
        let isHex = !digits.isEmpty && view[digits.lowerBound].asciiLowered == UInt8(ascii: "x")
        var value: UInt32 = 0
        let significant = isHex ? digits.dropFirst() : digits
        guard !significant.isEmpty else { return nil }
        for octet in view[significant] {
            guard let digit = octet.hexValue, isHex || digit < 10 else { return nil }
            value = value * (isHex ? 16 : 10) + UInt32(digit)
            if value > 0x10ffff { return "\u{fffd}" }
        }
        if (0x80...0x9f).contains(value) { value = UInt32(Charset.windows1252[Int(value - 0x80)]) }
        guard value > 0 else { return "\u{fffd}" }
        return Unicode.Scalar(value) ?? "\u{fffd}"
    }

    private static let named: [String: Unicode.Scalar] = {
        var result: [String: Unicode.Scalar] = [
            "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "AMP": "&", "LT": "<", "GT": ">", "QUOT": "\"",
            "OElig": "\u{152}", "oelig": "\u{153}", "Scaron": "\u{160}", "scaron": "\u{161}", "Yuml": "\u{178}",
            "fnof": "\u{192}", "circ": "\u{2c6}", "tilde": "\u{2dc}", "ensp": " ", "emsp": " ", "thinsp": " ",
            "zwnj": "\u{200c}", "zwj": "\u{200d}", "lrm": "\u{200e}", "rlm": "\u{200f}", "ndash": "\u{2013}",
            "mdash": "\u{2014}", "lsquo": "\u{2018}", "rsquo": "\u{2019}", "sbquo": "\u{201a}", "ldquo": "\u{201c}",
            "rdquo": "\u{201d}", "bdquo": "\u{201e}", "dagger": "\u{2020}", "Dagger": "\u{2021}", "bull": "\u{2022}",
            "hellip": "\u{2026}", "permil": "\u{2030}", "prime": "\u{2032}", "Prime": "\u{2033}",
            "lsaquo": "\u{2039}", "rsaquo": "\u{203a}", "euro": "\u{20ac}", "trade": "\u{2122}", "larr": "\u{2190}",
            "uarr": "\u{2191}", "rarr": "\u{2192}", "darr": "\u{2193}", "harr": "\u{2194}", "rArr": "\u{21d2}",
            "minus": "\u{2212}", "infin": "\u{221e}", "ne": "\u{2260}", "le": "\u{2264}", "ge": "\u{2265}",
            "check": "\u{2713}", "star": "\u{2606}", "hearts": "\u{2665}", "alpha": "\u{3b1}", "beta": "\u{3b2}",
            "gamma": "\u{3b3}", "delta": "\u{3b4}", "pi": "\u{3c0}", "mu": "\u{3bc}", "Omega": "\u{3a9}",
        ]
        let names = latin1.split(separator: " ")
        for (offset, name) in names.enumerated() {
            result[String(name)] = Unicode.Scalar(UInt32(160 + offset))
        }
        return result
    }()

    /// U+00A0 to U+00FF in their order.
    private static let latin1 = """
        nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr \
        deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest \
        Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml \
        ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig \
        agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml \
        eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml
        """
}
