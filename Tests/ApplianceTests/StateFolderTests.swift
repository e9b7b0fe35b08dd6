import Glibc
import Testing

@testable import Appliance

@Suite struct StateFolderTests {
    private func temporary() -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        return "\(base)/postino-state-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    }

    @Test("A folder has one holder at a time, and is free when that one is gone")
    func locks() throws {
        let path = temporary()
        var first: StateFolder? = try StateFolder(path, creating: true)
        #expect(throws: StateFolder.Failure.inUse(path: path)) { try StateFolder(path, creating: true) }
        #expect(first != nil)
        first = nil
        let second = try StateFolder(path, creating: false)
        try SmallFile.write("x", to: second.file("a"))
        try second.makeFolder("b")
        try SmallFile.write("y", to: second.file("b/c"))
        #expect(SmallFile.read(second.file("b/c")) == "y")
        try second.empty()
        #expect(StateFolder.names(in: path) == ["lock"])
        unlink(second.file("lock"))
        rmdir(path)
    }

    @Test("A folder that is missing is said to be")
    func misses() {
        let path = temporary()
        #expect(throws: StateFolder.Failure.missing(path: path)) { try StateFolder(path, creating: false) }
    }
}
