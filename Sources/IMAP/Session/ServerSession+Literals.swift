import MailCore
import NIOCore

/// Literals (RFC 3501 §4.3, RFC 7888).
extension ServerSession {
    /// A line announced a literal: take it, or refuse the command.
    mutating func announced(_ literal: CommandFramer.Announcement, into output: inout ByteBuffer) {
        if case .refusing(let pending, let completion, let left) = phase {
            return refuse(pending, completion, literal, octetsMax: left, into: &output)
        }
        var parser = parser(framer.command)
        var pending = Pending(tag: "*", name: "command")
        do throws(SyntaxError) {
            pending.tag = try parser.tag()
            pending.name = "command"
            if isAuthenticated, parser.announcesMessage() {
                pending.name = try parser.commandName()
                if let objection = objection(to: pending.name) {
                    return refuse(pending, objection, literal, into: &output)
                }
                return begin(pending, try append(framer.command), literal, into: &output)
            }
            pending.name = try parser.commandName()
        } catch {
            return refuse(pending, error.completion, literal, into: &output)
        }
        if let objection = objection(to: pending.name) {
            return refuse(pending, objection, literal, into: &output)
        }
        let max = isAuthenticated ? configuration.literalOctetsMax : configuration.literalOctetsMaxBeforeLogin
        guard literal.octets <= max - framer.literalOctets else {
            let refusal = Completion(.bad, .tooBig, "The literals of a command have at most \(max) octets")
            return refuse(pending, refusal, literal, into: &output)
        }
        guard framer.literals < configuration.literalsMax else {
            return refuse(
                pending, .bad("More than \(configuration.literalsMax) literals in a command"), literal, into: &output)
        }
        framer.accept(literal)
        if literal.isSynchronizing { output.writeStaticString("+ go ahead\r\n") }
    }

    /// Answers a command that announces a literal which shall not be had.
    ///
    /// A synchronising literal is not sent then; another one is, and is dropped, with all of the command behind it.
    mutating func refuse(
        _ pending: Pending, _ completion: Completion, _ literal: CommandFramer.Announcement,
        octetsMax: Int? = nil, into output: inout ByteBuffer
    ) {
        if literal.isSynchronizing {
            framer.reset()
            return complete(pending, completion, into: &output)
        }
        let left = octetsMax ?? swallowOctetsMax
        guard literal.octets <= left else { return end(.tooBig, "The literal is too long", into: &output) }
        framer.skip(octets: literal.octets)
        phase = .refusing(pending, completion, octetsLeft: left - literal.octets)
    }

    /// A stranger is not listened to for long.
    private var swallowOctetsMax: Int {
        isAuthenticated ? configuration.swallowOctetsMax : configuration.lineOctetsMaxBeforeLogin
    }
}
