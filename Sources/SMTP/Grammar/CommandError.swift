/// Why a command line was not performed.
struct CommandError: Error, Equatable {
    var reply: Reply
    /// Where the next command starts is not known: the connection ends.
    var endsSession = false

    init(_ reply: Reply, endsSession: Bool = false) {
        self.reply = reply
        self.endsSession = endsSession
    }

    static let unknownCommand = CommandError(Reply(500, "5.5.2", "Command not known"))
    static let lineTooLong = CommandError(Reply(500, "5.5.2", "Line too long"), endsSession: true)
    /// RFC 5321 §2.3.8: a line ends with CR LF, and neither stands anywhere else.
    static let bareLineEnd = CommandError(Reply(500, "5.5.2", "Bare CR or LF in a command"), endsSession: true)
    static let badChunk = CommandError(
        Reply(501, "5.5.4", "BDAT wants a number of octets, and LAST with the last of them"), endsSession: true)
    static let noArgument = CommandError(Reply(501, "5.5.4", "This command takes no argument"))

    static func syntax(_ text: String) -> CommandError { CommandError(Reply(501, "5.5.4", text)) }
}
