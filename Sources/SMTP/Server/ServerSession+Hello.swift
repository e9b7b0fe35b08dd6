import MailCore
import NIOCore
import SASL

extension ServerSession {
    /// EHLO and HELO; in a transaction they end it as RSET does (RFC 5321 §4.1.4).
    mutating func hello(_ name: String, isExtended: Bool, _ output: inout ByteBuffer) {
        helo = name
        self.isExtended = isExtended
        state = .commanding(.ready)
        // RFC 2034 §4: no enhanced codes here.
        Reply(250, nil, lines: [configuration.hostname] + (isExtended ? extensions : [])).write(into: &output)
    }

    private var extensions: [String] {
        var keywords = ["PIPELINING", "SIZE \(configuration.messageOctetsMax)", "8BITMIME", "ENHANCEDSTATUSCODES"]
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
        case .inTransaction: refuse(.notInTransaction, &output)
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
