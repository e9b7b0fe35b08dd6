import MIME
import SMTP

extension Bounce {
    /// What happened, in plain words, and what its reader can do.
    var explanation: String {
        var text = opening
        for fate in fates {
            text += "  \(fate.recipient)\n"
            if isOfSuccess { continue }
            text += "    \(Self.meaning(of: fate.reply))\n"
            let speaker = remoteHost.map { "The server \($0) said" } ?? "The answer was"
            text += "    \(speaker): \(fate.reply)\n\n"
        }
        if isOfSuccess { text += "\n" }
        return text + closing + "\n-- \nThe mail server \(hostname)\n"
    }

    private var isOfSuccess: Bool {
        switch kind {
        case .relayed, .delivered: true
        case .failed, .delayed: false
        }
    }

    private var opening: String {
        switch kind {
        case .failed: "Your message could not be delivered to:\n\n"
        case .delayed: "Your message has not been delivered yet to:\n\n"
        case .relayed: "Your message was handed to another server for:\n\n"
        case .delivered: "Your message is in the mailbox of:\n\n"
        }
    }

    private var closing: String {
        let which =
            switch returned {
            case .header: "The header of your message follows, so that you can tell which it was.\n"
            case .whole: "Your message follows.\n"
            }
        switch kind {
        case .failed: return "It is not tried again. " + which
        case .delayed(let until):
            let end = DateTime(unixSeconds: until).rfc5322
            return "You need not send it again: it is tried further until \(end). If that does not\n"
                + "help you will be told. " + which
        case .relayed:
            return "That server does not say when it has delivered a message, so you will hear no more of it\n"
                + "unless it fails. " + which
        case .delivered: return "This says nothing of whether it was read. " + which
        }
    }

    /// What a person can make of an enhanced status code (RFC 3463).
    static func meaning(of reply: Reply) -> String {
        let code = reply.enhancedCode.map { String($0.dropFirst(2)) } ?? ""
        return switch code {
        case "1.1": "There is no mailbox of this name. Check the address for a typing error."
        case "1.2", "1.10", "4.4": "The domain behind the @ takes no mail. Check it for a typing error."
        case "2.1": "The mailbox is closed."
        case "2.2": "The mailbox is full. Try again when its owner has made room."
        case "3.4", "2.3": "The message is too large for the other server."
        case "4.6": "Mail for this domain leads in a circle. Whoever runs the domain must mend that."
        case "4.1", "4.2", "4.3", "4.7": "The other server could not be reached so far."
        case "6.3", "6.7": "The other server cannot take this kind of message."
        case "7.30", "7.5": "No connection could be had that is as safe as is asked for."
        case let other where other.hasPrefix("7."): "The other server refused the message by its rules."
        default:
            reply.isTemporary
                ? "The other server put it off again and again." : "The other server refused it."
        }
    }
}
