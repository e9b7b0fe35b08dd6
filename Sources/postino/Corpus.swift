import Control
import Glibc

/// The messages that `spam learn` is given: single files, mbox files, and folders of either (Maildir among them).
struct Corpus {
    /// Octets of one file; an mbox is read whole.
    static let fileOctetsMax = 1 << 30

    /// Calls `body` with each message; its line endings are CR LF then, as they were on their way.
    static func forEach(
        _ paths: [String], _ body: ([UInt8]) async throws(Failure) -> Void
    ) async throws(Failure) {
        for path in paths {
            for file in path == "-" ? ["-"] : try files(path, depth: 0) {
                let octets = try InputFile.read(file, octetsMax: fileOctetsMax)
                for message in messages(octets) where !message.isEmpty { try await body(message) }
            }
        }
    }

    /// The file itself, or all in the folder and below it in the order of their names.
    private static func files(_ path: String, depth: Int) throws(Failure) -> [String] {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw InputFile.failure(path, String(cString: strerror(errno))) }
        if facts.st_mode & S_IFMT == S_IFREG { return [path] }
        guard facts.st_mode & S_IFMT == S_IFDIR, depth < 16 else { return [] }
        guard let folder = opendir(path) else { throw InputFile.failure(path, String(cString: strerror(errno))) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        closedir(folder)
        var found: [String] = []
        for name in names.sorted() { found += try files("\(path)/\(name)", depth: depth + 1) }
        return found
    }

    /// An mbox (RFC 4155) in its messages, anything else as the one that it is.
    static func messages(_ octets: [UInt8]) -> [[UInt8]] {
        let separator = Array("From ".utf8)
        guard octets.starts(with: separator) else { return [withCRLF(octets[...], isQuoting: false)] }
        var messages: [[UInt8]] = []
        var start = 0
        var line = 0
        var isAfterBlank = true
        while line < octets.count {
            let end = octets[line...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? octets.count
            if isAfterBlank, octets[line..<end].starts(with: separator) {
                if line > start { messages.append(withCRLF(octets[start..<line], isQuoting: true)) }
                start = end
            }
            isAfterBlank = end - line <= 2 && octets[line..<end].allSatisfy { $0 == 10 || $0 == 13 }
            line = end
        }
        if start < octets.count { messages.append(withCRLF(octets[start...], isQuoting: true)) }
        return messages
    }

    /// Bare LF becomes CR LF.
    ///
    /// - Parameter isQuoting: a ">" was put in front of each "From " that begins a line (mboxrd); it is taken away.
    private static func withCRLF(_ octets: ArraySlice<UInt8>, isQuoting: Bool) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(octets.count + octets.count / 32)
        for line in octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            lines += isQuoting && isQuoted(line) ? line.dropFirst() : line
            if lines.last != UInt8(ascii: "\r") { lines.append(UInt8(ascii: "\r")) }
            lines.append(UInt8(ascii: "\n"))
        }
        // The split gives an empty line behind the last LF.
        return octets.last == UInt8(ascii: "\n") ? lines.dropLast(2) : lines
    }

    private static func isQuoted(_ line: ArraySlice<UInt8>) -> Bool {
        line.first == UInt8(ascii: ">") && line.drop { $0 == UInt8(ascii: ">") }.starts(with: "From ".utf8)
    }
}
