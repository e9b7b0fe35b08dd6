import NIOCore
import SASL

extension ServerSession {
    /// Carries out a command where its state takes it.
    mutating func perform(_ command: Command, into output: inout ByteBuffer) throws(CommandError) {
        // Not `if let transaction`: a second owner would make each DELE copy the marks.
        if let count = transaction?.count {
            try perform(command, count, into: &output)
        } else {
            try performBeforeLogin(command, into: &output)
        }
    }

    /// The AUTHORIZATION state (RFC 1939 §4, RFC 2595 §4, RFC 5034 §4, RFC 6856).
    private mutating func performBeforeLogin(
        _ command: Command, into output: inout ByteBuffer
    ) throws(CommandError) {
        let user: [UInt8]? = if case .authorization(let user) = state { user } else { nil }
        if command != .capa { state = .authorization(user: nil) }
        switch command {
        case .capa: writeCapabilities(into: &output)
        case .quit:
            Reply.ok("Goodbye").write(into: &output)
            state = .closed
        case .stls:
            guard configuration.offersTLS, !isTLSActive else { throw .misplaced }
            Reply.ok("Begin TLS").write(into: &output)
            state = .startingTLS
        case .user(let name):
            guard takesLogin else { throw .loginNeedsTLS }
            // The same for every name: who exists is nobody's business.
            Reply.ok("Password, please").write(into: &output)
            state = .authorization(user: name)
        case .pass(let password):
            guard takesLogin else { throw .loginNeedsTLS }
            // RFC 1939 §7: immediately after a successful USER.
            guard let user else { throw .misplaced }
            authenticate(user, password, into: &output)
        case .auth(let authentication):
            guard takesLogin else { throw .loginNeedsTLS }
            startExchange(authentication, into: &output)
        case .lang(let tag): chooseLanguage(tag, into: &output)
        case .utf8: enableUTF8(into: &output)
        case .apop: Reply.error("APOP is not offered").write(into: &output)
        case .stat, .list, .retr, .dele, .noop, .rset, .top, .uidl: throw .misplaced
        }
    }

    /// The TRANSACTION state (RFC 1939 §5, §7).
    private mutating func perform(
        _ command: Command, _ count: Int, into output: inout ByteBuffer
    ) throws(CommandError) {
        switch command {
        case .capa: writeCapabilities(into: &output)
        case .lang(let tag): chooseLanguage(tag, into: &output)
        case .stat: writeStatus(into: &output)
        case .noop: Reply.ok("Nothing done").write(into: &output)
        case .rset:
            transaction?.removeMarks()
            Reply.ok("Maildrop has \(count) messages").write(into: &output)
        case .quit: state = .committing
        case .list(nil): beginListing(into: &output)
        case .uidl(nil): beginNaming(into: &output)
        case .list(.some(let number)):
            guard let index = find(number, into: &output) else { return }
            writeSize(of: index, into: &output)
        case .uidl(.some(let number)):
            guard let index = find(number, into: &output) else { return }
            state = .namingOne(index)
        case .retr(let number):
            guard let index = find(number, into: &output) else { return }
            state = .sending(.retrieve(index, isUTF8: isUTF8))
        case .top(let number, let lines):
            guard let index = find(number, into: &output) else { return }
            state = .sending(.top(index, lines: lines, isUTF8: isUTF8))
        case .dele(let number):
            guard let index = find(number, into: &output) else { return }
            transaction?.markAsDeleted(index)
            Reply.ok("Message \(number) is marked as deleted").write(into: &output)
        // RFC 6856 §2: UTF8 before login only.
        case .user, .pass, .apop, .auth, .stls, .utf8: throw .misplaced
        }
    }

    var takesLogin: Bool { isTLSActive || configuration.allowsCleartextLogin }

    /// The index of a message that is there and has no mark (RFC 1939 §5); else says that there is none.
    private func find(_ number: Int, into output: inout ByteBuffer) -> Int? {
        guard let transaction, number >= 1, number <= transaction.count else {
            Reply.error("No such message").write(into: &output)
            return nil
        }
        guard !transaction.isDeleted(number - 1) else {
            Reply.error("Message \(number) is already deleted").write(into: &output)
            return nil
        }
        return number - 1
    }
}
