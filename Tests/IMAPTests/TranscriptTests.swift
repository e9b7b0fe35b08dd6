import Glibc
import Testing

@testable import IMAP

/// The dialogues of Transcripts/, each with its citation in its first line. The format is told in Transcript.swift.
@Suite struct TranscriptTests {
    static let folder =
        String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex)) + "/Transcripts"

    static let names: [String] = {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".txt") { names.append(name) }
        }
        return names.sorted()
    }()

    @Test("the dialogues are there") func areThere() { #expect(Self.names.count >= 25) }

    @Test("a dialogue goes as written, whatever pieces its octets come in", arguments: names, [Int.max, 7, 1])
    func plays(_ name: String, octetsAtOnce: Int) throws {
        let transcript = Transcript(try #require(Self.read(name)))
        #expect(Player.play(transcript, octetsAtOnce: octetsAtOnce) == transcript.output)
    }

    static func read(_ name: String) -> String? {
        guard let file = fopen("\(folder)/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&octets, 1, octets.count, file)
        return String(decoding: octets[..<count], as: UTF8.self)
    }
}
