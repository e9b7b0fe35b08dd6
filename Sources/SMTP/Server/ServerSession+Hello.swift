import MailCore
import NIOCore
import SASL

extension ServerSession {
    enum Hello { case helo, ehlo, lhlo }

    /// EHLO, HELO and LMTP's LHLO; in a transaction they end it as RSET does (RFC 5321 §4.1.4).
    mutating func hello(_ name: String, _ hello: Hello, _ phase: Phase, _ output: inout ByteBuffer) {
        // RFC 2033 §4.1: LMTP has its own word, and no other.
        guard configuration.role != .lmtp || hello == .lhlo else { return refuse(.helloIsLHLO, &output) }
        guard configuration.role == .lmtp || hello != .lhlo else {
            return refuse(CommandError.unknownCommand.reply, &output)
        }
        helo = name
        isExtended = hello != .helo
        // RFC 2034 §4: no enhanced codes here.
        endTransaction(
            phase, Reply(250, nil, lines: [configuration.hostname] + (isExtended ? extensions : [])), &output)
    }

    private var extensions: [String] {
        var keywords = ["PIPELINING", "SIZE \(configuration.messageOctetsMax)", "8BITMIME", "SMTPUTF8"]
        keywords += ["CHUNKING", "BINARYMIME", "DSN", "LIMITS RCPTMAX=\(configuration.recipientsMax)"]
        // RFC 8689 §2: under TLS only.
        if tls != nil { keywords.append("REQUIRETLS") }
        keywords.append("ENHANCEDSTATUSCODES")
        if tls == nil, configuration.isSTARTTLSOffered { keywords.append("STARTTLS") }
        if let tls, configuration.role == .submission, login == nil {
            let mechanisms = Mechanism.offered(scram: configuration.offersSCRAM, isBound: tls.endPoint != nil)
            keywords.append("AUTH \(mechanisms.map(\.rawValue).joined(separator: " "))")
        }
        return keywords
    }

    mutating func quit(_ output: inout ByteBuffer) {
        end(Reply(221, "2.0.0", "\(configuration.hostname) Goodbye"), into: &output)
    }

    mutating func startTLS(_ phase: Phase, _ output: inout ByteBuffer) {
        guard configuration.isSTARTTLSOffered else { return refuse(.startTLSNotServed, &output) }
        guard tls == nil else { return refuse(.tlsAlready, &output) }
        switch phase {
        case .connected: refuse(.helloFirst, &output)
        case .inTransaction, .betweenChunks: refuse(.notInTransaction, &output)
        case .ready:
            Reply.startTLSGoAhead.write(into: &output)
            state = .startingTLS
        }
    }

    /// RFC 3207 §4.2: what was said in clear is forgotten.
    mutating func started(_ facts: TLSFacts) {
        tls = facts
        guard case .startingTLS = state else { return }
        helo = ""
        login = nil
        state = .commanding(.connected)
    }
}
