/// The replies that the server session gives by itself. Each is made once.
extension Reply {
    /// RFC 5321 §4.1.1.11.
    static let parameterUnknown = Reply(555, "5.5.4", "Parameter not known")
    static let ok = Reply(250, "2.0.0", "Ok")
    static let senderOK = Reply(250, "2.1.0", "Sender ok")
    static let recipientOK = Reply(250, "2.1.5", "Recipient ok")
    static let dataGoAhead = Reply(354, nil, "End with <CR><LF>.<CR><LF>")
    /// RFC 5321 §3.5.3: 252 for what is not verified.
    static let notVerified = Reply(252, "2.0.0", "Not verified here; send mail and see")
    static let notExpanded = Reply(502, "5.5.1", "EXPN is not served")
    static let help = Reply(214, "2.0.0", "RFC 5321 says it all")
    static let startTLSGoAhead = Reply(220, "2.0.0", "Begin TLS")

    static let helloIsLHLO = Reply(500, "5.5.1", "LMTP is spoken here: send LHLO")
    /// RFC 5321 §4.3.1: the client waits for the greeting.
    static let spokeFirst = Reply(554, "5.5.1", "You spoke before the greeting")
    static let helloFirst = Reply(503, "5.5.1", "Send EHLO first")
    static let mailFirst = Reply(503, "5.5.1", "Send MAIL first")
    static let nestedMail = Reply(503, "5.5.1", "Send RSET before another MAIL")
    static let noRecipients = Reply(554, "5.5.1", "No valid recipients")
    /// RFC 2033 §4.2: in LMTP it must be 503.
    static let noRecipientsByLMTP = Reply(503, "5.5.1", "No valid recipients")
    /// RFC 3030 §2: between two chunks nothing but the next one, or the end of the transaction.
    static let chunksBegun = Reply(503, "5.5.1", "Send BDAT or RSET")
    static let binaryWantsChunks = Reply(503, "5.5.1", "BODY=BINARYMIME wants BDAT")
    static let tooManyChunks = Reply(552, "5.3.4", "Too many chunks")
    static let notInTransaction = Reply(503, "5.5.1", "Not inside a transaction")
    static let serviceRefused = Reply(503, "5.5.1", "No service here; send QUIT")

    static let startTLSNotServed = Reply(502, "5.5.1", "STARTTLS is not served here")
    static let tlsAlready = Reply(503, "5.5.1", "TLS is on already")
    /// RFC 3207 §4.
    static let startTLSFirst = Reply(530, "5.7.0", "Send STARTTLS first")
    /// RFC 4954 §6.
    static let authenticationRequired = Reply(530, "5.7.0", "Authentication required")
    static let encryptionRequired = Reply(538, "5.7.11", "AUTH is taken under TLS only")
    static let authenticationNotServed = Reply(502, "5.5.1", "AUTH is not served here")
    static let authenticatedAlready = Reply(503, "5.5.1", "Authenticated already")
    static let mechanismUnknown = Reply(504, "5.5.4", "Mechanism not known")
    static let authenticationOK = Reply(235, "2.7.0", "Welcome")
    static let authenticationFailed = Reply(535, "5.7.8", "Authentication failed")
    static let authenticationCancelled = Reply(501, "5.7.0", "Authentication cancelled")
    static let authenticationMalformed = Reply(501, "5.5.2", "Authentication response not understood")
    static let authenticationTooLong = Reply(500, "5.5.6", "Authentication response too long")

    static let messageTooBig = Reply(552, "5.3.4", "Message too big")
    static let tooManyRecipients = Reply(452, "4.5.3", "Too many recipients")
    static let bareLineEndInMessage = Reply(550, "5.6.0", "Bare CR or LF in the message (RFC 5321 2.3.8)")
    /// RFC 6531 §3.5.
    static let addressNotASCII = Reply(553, "5.6.7", "Such an address wants SMTPUTF8 in MAIL")
    static let localError = Reply(451, "4.3.0", "Temporary failure, try again later")
}
