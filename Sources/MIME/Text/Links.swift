/// Hosts of URLs, for a classifier.
public enum Links {
    /// The hosts of all `scheme://host` in a text, lower case, in their order, each once.
    public static func hosts(in text: String, max: Int = 1000) -> [String] {
        var text = text
        return text.withUTF8 { utf8 in
            let view = Octets(UnsafeRawBufferPointer(utf8))
            var result: [String] = []
            var seen: Set<String> = []
            var position = 0
            while result.count < max, let colon = view.firstIndex(of: UInt8(ascii: ":"), in: position..<view.count) {
                position = colon + 1
                guard colon > 0, view[colon - 1].isLetter, view[colon + 1] == UInt8(ascii: "/"),
                    view[colon + 2] == UInt8(ascii: "/"), let host = authority(view, from: colon + 3)
                else { continue }
                if seen.insert(host).inserted { result.append(host) }
            }
            return result
        }
    }

    /// The host of one URL; nil when it names none (a relative link, "mailto:", "cid:").
    static func host(of url: [UInt8]) -> String? {
        url.withUnsafeBytes { bytes in
            let view = Octets(bytes)
            var start = 0
            while view[start].isBlank, start < view.count { start += 1 }
            let colon = view.firstIndex(of: UInt8(ascii: ":"), in: start..<min(view.count, start + 32))
            if let colon, view[start..<colon].allSatisfy({ $0.isLetter || $0.isDigit }) { start = colon + 1 }
            guard isSlash(view[start]), isSlash(view[start + 1]) else { return nil }
            return authority(view, from: start + 2)
        }
    }

    /// Browsers take a backslash for a slash.
    private static func isSlash(_ octet: UInt8) -> Bool { octet == UInt8(ascii: "/") || octet == UInt8(ascii: "\\") }

    /// RFC 3986 §3.2: user information, host and port up to what ends them; at most 255 octets.
    private static func authority(_ view: Octets, from start: Int) -> String? {
        var hostStart = start
        var end = start
        var portStart: Int?
        scan: while end < view.count, end - start <= 512 {
            let octet = view[end]
            switch octet {
            case UInt8(ascii: "@"):
                hostStart = end + 1
                portStart = nil
            case UInt8(ascii: ":"): portStart = portStart ?? end
            case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\""),
                UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ")"), UInt8(ascii: ","),
                UInt8(ascii: ";"):
                break scan
            default: if octet.isBlank { break scan }
            }
            end += 1
        }
        var hostEnd = portStart ?? end
        while hostEnd > hostStart, view[hostEnd - 1] == UInt8(ascii: ".") { hostEnd -= 1 }
        guard hostStart < hostEnd, hostEnd - hostStart <= 255 else { return nil }
        return view.lowered(hostStart..<hostEnd)
    }
}
