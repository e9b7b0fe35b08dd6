import Glibc
import Testing

@testable import Control

@Suite("Lines on a stream socket")
struct ConnectionTests {
    private func pair() -> (Connection, Int32) {
        var ends: [Int32] = [0, 0]
        precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        return (Connection(descriptor: ends[0]), ends[1])
    }

    private func feed(_ text: String, to descriptor: Int32) {
        let octets = Array(text.utf8)
        precondition(send(descriptor, octets, octets.count, 0) == octets.count)
    }

    @Test("Lines and octets are told apart, in one piece and octet by octet", arguments: [1_000, 1])
    func lines(_ pieceOctets: Int) throws {
        let (connection, peer) = pair()
        let all = Array("first\n\n12345last\n".utf8)
        for start in stride(from: 0, to: all.count, by: pieceOctets) {
            feed(String(decoding: all[start..<min(all.count, start + pieceOctets)], as: UTF8.self), to: peer)
        }
        close(peer)
        #expect(try connection.readLine() == Array("first".utf8))
        #expect(try connection.readLine() == [])
        #expect(try connection.readOctets(5) == Array("12345".utf8))
        #expect(try connection.readLine() == Array("last".utf8))
        #expect(try connection.readLine() == nil)
    }

    @Test("A line at the bound is read, one octet more is refused")
    func bound() throws {
        let (connection, peer) = pair()
        feed("1234567\n", to: peer)
        #expect(try connection.readLine(octetsMax: 8) == Array("1234567".utf8))
        feed("12345678\n", to: peer)
        #expect(throws: Connection.Problem.tooLong(octetsMax: 8)) { try connection.readLine(octetsMax: 8) }
        close(peer)
    }

    @Test("A line without end is refused at the bound")
    func endless() throws {
        let (connection, peer) = pair()
        feed("12345678", to: peer)
        #expect(throws: Connection.Problem.tooLong(octetsMax: 8)) { try connection.readLine(octetsMax: 8) }
        close(peer)
    }

    @Test("An end in the middle of a line or of a body is an error")
    func cut() throws {
        let (connection, peer) = pair()
        feed("half", to: peer)
        close(peer)
        #expect(throws: Connection.Problem.closed) { try connection.readLine() }
        #expect(throws: Connection.Problem.closed) { try connection.readOctets(5) }
    }

    @Test("Writing to one who left is an error, not a signal")
    func gone() {
        let (connection, peer) = pair()
        close(peer)
        #expect(throws: Connection.Problem.closed) { try connection.write(Array(repeating: 0, count: 10)) }
    }
}
