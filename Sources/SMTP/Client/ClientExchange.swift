import NIOCore
import SASL

/// The client's side of AUTH PLAIN (RFC 4616) or LOGIN.
struct ClientExchange: Sendable {
    private enum Remaining: Sendable {
        case plainMessage
        case loginName
        case loginPassword
        case nothing
    }

    private let credentials: Credentials
    private var remaining: Remaining

    /// Nil when the server offers neither mechanism.
    init?(_ credentials: Credentials, offered: [String]) {
        self.credentials = credentials
        if offered.contains(Mechanism.plain.rawValue) {
            remaining = .plainMessage
        } else if offered.contains(Mechanism.login.rawValue) {
            remaining = .loginName
        } else {
            return nil
        }
    }

    mutating func start(into output: inout ByteBuffer) {
        switch remaining {
        case .plainMessage:
            let message = plainMessage
            output.writeStaticString("AUTH PLAIN")
            // RFC 4954 §4: the initial response stands in the command while that is not longer than 512 octets.
            guard message.count <= 300 else { return output.writeLineEnd() }
            output.writeStaticString(" ")
            Base64.encode(message, into: &output)
            output.writeLineEnd()
            remaining = .nothing
        case .loginName, .loginPassword, .nothing: output.writeStaticString("AUTH LOGIN\r\n")
        }
    }

    /// Answers a 334; false when nothing is left to say.
    mutating func respond(into output: inout ByteBuffer) -> Bool {
        let octets: [UInt8]
        switch remaining {
        case .plainMessage: (octets, remaining) = (plainMessage, .nothing)
        case .loginName: (octets, remaining) = (Array(credentials.authenticationIdentity.utf8), .loginPassword)
        case .loginPassword: (octets, remaining) = (Array(credentials.password.utf8), .nothing)
        case .nothing: return false
        }
        Base64.encode(octets, into: &output)
        output.writeLineEnd()
        return true
    }

    private var plainMessage: [UInt8] {
        var message = Array((credentials.authorizationIdentity ?? "").utf8)
        message.append(0)
        message += Array(credentials.authenticationIdentity.utf8)
        message.append(0)
        message += Array(credentials.password.utf8)
        return message
    }
}

extension ByteBuffer {
    mutating func writeLineEnd() { writeStaticString("\r\n") }
}
