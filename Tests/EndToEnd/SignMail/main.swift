// Signs messages as Postino does, for other programs to verify. Reads a message, writes it with fields in front.
//
//     SignMail key rsa|ed25519 DOMAIN SELECTOR FILE          makes a key; says the name of its record and its text
//     SignMail dkim DOMAIN SELECTOR FILE [SELECTOR FILE]     one signature with each key
//     SignMail arc DOMAIN SELECTOR FILE none|pass|fail TEXT  seals; TEXT is what Authentication-Results would say
import Glibc
import MIME
import MailAuth
import MailCrypto
import NIOCore

func fail(_ why: String) -> Never {
    write(Array("SignMail: \(why)\n".utf8), to: STDERR_FILENO)
    exit(1)
}

func write(_ octets: [UInt8], to descriptor: Int32) {
    var rest = octets[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { exit(1) }
        rest = rest.dropFirst(count)
    }
}

func read(_ file: UnsafeMutablePointer<FILE>?) -> [UInt8] {
    guard let file else { fail("a file cannot be read") }
    var octets: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&piece, 1, piece.count, file)
        if count == 0 { return octets }
        octets += piece[..<count]
    }
}

func key(_ domain: String, _ selector: String, _ path: String) throws -> DKIMKey {
    let pem = String(decoding: read(fopen(path, "r")), as: UTF8.self)
    return try DKIMKey(domain: domain, selector: selector, key: SigningKey(pem: pem))
}

func makeKey(_ kind: KeyKind, _ domain: String, _ selector: String, _ path: String) throws {
    let key = try DKIMKey(domain: domain, selector: selector, key: SigningKey(generating: kind))
    guard let file = fopen(path, "wx") else { fail("\(path) cannot be made") }
    fputs(try key.key.pem(), file)
    fclose(file)
    print(key.recordName, try key.recordText())
}

/// The fields to put in front of the message.
func fields(_ arguments: [String], _ message: Message) async throws -> ByteBuffer {
    let (body, now) = (InMemoryBody(of: message), Int64(time(nil)))
    let first = try key(arguments[1], arguments[2], arguments[3])
    switch arguments[0] {
    case "dkim":
        let second = arguments.count > 5 ? [try key(arguments[1], arguments[4], arguments[5])] : []
        return try await DKIMSigner([first] + second).sign(message.header, body: body, unixSeconds: now)
    case "arc":
        guard let status = ARCStatus(rawValue: arguments[4]),
            let results = AuthenticationResults(parsing: Array(arguments[5].utf8))
        else { fail("no such state of a chain, or no results") }
        return try await ARCSealer(first).seal(
            message.header, body: body, results: results, status: status, unixSeconds: now)
    default: fail("unknown command")
    }
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 4 else { fail("too few arguments") }
if arguments[0] == "key" {
    guard arguments.count == 5, let kind = KeyKind(rawValue: arguments[1]) else { fail("no such kind of key") }
    try makeKey(kind, arguments[2], arguments[3], arguments[4])
} else {
    guard arguments[0] != "arc" || arguments.count == 6 else { fail("too few arguments") }
    let message = Message(parsing: ByteBuffer(bytes: read(fopen("/dev/stdin", "r"))))
    var output = try await fields(arguments, message)
    output.writeImmutableBuffer(message.octets)
    write(Array(output.readableBytesView), to: STDOUT_FILENO)
}
