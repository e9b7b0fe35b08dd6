import Antivirus
import Glibc

/// A scanner with a folder of its own, ended and removed after use.
struct Fixture {
    let folder: String
    var configuration: ScannerConfiguration

    var signatures: String { "\(folder)/signatures" }

    init(signatures names: [String] = ["postino-test.hdb", "postino-test.ndb"]) throws {
        var template = Array("/tmp/postino-antivirus-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Problem(text: "no temporary folder") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        mkdir("\(folder)/signatures", 0o755)
        configuration = ScannerConfiguration(
            signatureFolder: "\(folder)/signatures", temporaryFolder: "\(folder)/work")
        configuration.executable = try Self.executable()
        configuration.workers = 2
        configuration.restartMilliseconds = 10
        for name in names { try add(Self.read(Self.sources + "/Config/test-signatures/" + name), as: name) }
    }

    struct Problem: Error { var text: String }

    func add(_ octets: [UInt8], as name: String) throws {
        let file = open("\(signatures)/.\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        defer { close(file) }
        guard write(file, octets, octets.count) == octets.count else { throw Problem(text: "cannot write \(name)") }
        rename("\(signatures)/.\(name)", "\(signatures)/\(name)")
    }

    /// Runs a test with a scanner, then stops it and removes the folder.
    func withScanner(_ body: (Scanner) async throws -> Void) async throws {
        let scanner = Scanner(configuration)
        do { try await body(scanner) } catch {
            await scanner.stop()
            Self.remove(folder)
            throw error
        }
        await scanner.stop()
        Self.remove(folder)
    }

    static func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { throw Problem(text: "no file \(path)") }
        defer { close(file) }
        var octets = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(file, &octets, octets.count)
        return Array(octets.prefix(max(count, 0)))
    }

    /// A file with these octets, gone afterwards.
    static func withFile(
        _ octets: [UInt8], _ before: (Int32) -> Void, then body: (Int32) async throws -> Void
    ) async throws {
        let file = fileno(tmpfile())
        defer { close(file) }
        guard write(file, octets, octets.count) == octets.count else { throw Problem(text: "cannot write a file") }
        before(file)
        try await body(file)
    }

    /// The names in a folder, sorted.
    static func entries(_ path: String) throws -> [String] {
        guard let folder = opendir(path) else { throw Problem(text: "no folder \(path)") }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ path: String) {
        for name in (try? entries(path)) ?? [] { remove("\(path)/\(name)") }
        _ = Glibc.remove(path)
    }

    /// The package's folder, where this file really lies.
    static let sources: String = {
        guard let path = realpath(#filePath, nil) else { return "." }
        defer { free(path) }
        return String(cString: path).split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3).joined(separator: "/")
    }()

    /// Beside the test bundle, which the test process has among its arguments or is itself.
    private static func executable() throws -> String {
        var candidates = [ScannerConfiguration.besideThisProgram]
        for argument in CommandLine.arguments {
            guard let slash = argument.lastIndex(of: "/") else { continue }
            candidates.append(argument[...slash] + "postino-scanner")
        }
        candidates.append(sources + "/.build/debug/postino-scanner")
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else {
            throw Problem(text: "postino-scanner is not built; looked for \(candidates)")
        }
        return found
    }
}
