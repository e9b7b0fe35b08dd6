import Glibc
import Testing

/// Runs other programs' checks of what we made.
enum Shell {
    static func has(_ program: String) -> Bool { run("command -v \(program)") }

    /// Did the command end with 0?
    @discardableResult
    static func run(_ command: String) -> Bool { system("( \(command) ) >/dev/null 2>&1") == 0 }

    static func temporaryFolder() throws -> String {
        var name = Array("/tmp/postino-certificates-XXXXXX".utf8CString)
        try #require(mkdtemp(&name) != nil)
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fputs(text, file) >= 0)
    }

    static func octets(of path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 65_536)
        octets.removeLast(octets.count - fread(&octets, 1, octets.count, file))
        return octets
    }

    static func text(of path: String) throws -> String { String(decoding: try octets(of: path), as: UTF8.self) }
}
