import Glibc
import Testing

/// The dialogues of Transcripts/, each with its citation in its first line. The format is told in Player.swift.
@Suite(.serialized) struct DialogueTests {
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

    @Test("a dialogue goes as written", arguments: names)
    func plays(_ name: String) async throws {
        let dialogue = Dialogue(try #require(Self.read(name)))
        try await Fixture.with { fixture in
            let played = try await dialogue.play(fixture.services)
            for (turn, wanted) in zip(played, dialogue.turns) {
                #expect(turn.expected == wanted.expected, "\(turn.client): \(turn.said ?? "(woken)")")
            }
        }
    }

    static func read(_ name: String) -> String? {
        guard let file = fopen("\(folder)/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&octets, 1, octets.count, file)
        return String(decoding: octets[..<count], as: UTF8.self)
    }
}
