import Glibc
import NIOCore
import Testing

/// A transcript: its lines as (word before the colon, text behind it), comments left out.
///
/// `C:` and `S:` are lines with CR LF; `R:` are octets as they stand, with the escapes \r \n \\; the other words are
/// the players' own.
struct Script: Sendable, CustomTestStringConvertible {
    struct Line: Sendable {
        var number: Int
        var word: String
        var text: String
    }

    var name: String
    var lines: [Line]

    var testDescription: String { name }

    init(name: String, text: String) {
        self.name = name
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let text = parts.count > 1 ? String(parts[1].first == " " ? parts[1].dropFirst() : parts[1]) : ""
            return Line(number: index + 1, word: String(parts[0]), text: text)
        }
    }

    /// All transcripts of a folder below Transcripts, by name.
    static func all(in folder: String, beside file: String = #filePath) -> [Script] {
        let path = "\(file.split(separator: "/").dropLast().map { "/" + $0 }.joined())/Transcripts/\(folder)"
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var scripts: [Script] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(".txt"), let text = read("\(path)/\(name)") else { continue }
            scripts.append(Script(name: String(name.dropLast(4)), text: text))
        }
        return scripts.sorted { $0.name < $1.name }
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&octets, 1, octets.count, file)
        return String(decoding: octets[..<count], as: UTF8.self)
    }

    static func unescaped(_ text: String) -> String {
        var result = ""
        var iterator = text.makeIterator()
        while let character = iterator.next() {
            guard character == "\\" else {
                result.append(character)
                continue
            }
            switch iterator.next() {
            case "r": result.unicodeScalars.append("\r")
            case "n": result.unicodeScalars.append("\n")
            case let other?: result.append(other)
            case nil: break
            }
        }
        return result
    }

    static func escaped(_ text: some Sequence<UInt8>) -> String {
        var octets: [UInt8] = []
        for octet in text {
            switch octet {
            case 0x0d: octets += Array("\\r".utf8)
            case 0x0a: octets += Array("\\n".utf8)
            default: octets.append(octet)
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}

/// Cuts octets into chunks; `Int.max` leaves them whole.
func chunks(_ octets: [UInt8], of size: Int) -> [ByteBuffer] {
    guard size < octets.count else { return octets.isEmpty ? [] : [ByteBuffer(bytes: octets)] }
    return stride(from: 0, to: octets.count, by: size).map { start in
        ByteBuffer(bytes: octets[start..<min(start + size, octets.count)])
    }
}
