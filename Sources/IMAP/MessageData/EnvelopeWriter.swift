public import MIME
public import NIOCore

/// Writes the ENVELOPE of a message (RFC 9051 §7.5.2).
public enum EnvelopeWriter {
    public static func write(_ message: MIME.Message, into output: inout ByteBuffer) {
        write(message.header, into: &output)
    }

    /// Of a message inside another, too.
    public static func write(_ header: MIME.Header, into output: inout ByteBuffer) {
        let from = header.firstAddresses("From")
        output.writeStaticString("(")
        StringWriter.write(header.unfolded("Date"), into: &output)
        output.writeStaticString(" ")
        StringWriter.write(header.unfolded("Subject"), into: &output)
        output.writeStaticString(" ")
        write(from, into: &output)
        // An empty or missing Sender or Reply-To is what From is.
        for name in ["Sender", "Reply-To"] {
            let addresses = header.firstAddresses(name)
            output.writeStaticString(" ")
            write(addresses.isEmpty ? from : addresses, into: &output)
        }
        for name in ["To", "Cc", "Bcc"] {
            output.writeStaticString(" ")
            write(header.addresses(name), into: &output)
        }
        output.writeStaticString(" ")
        StringWriter.write(header.unfolded("In-Reply-To"), into: &output)
        output.writeStaticString(" ")
        StringWriter.write(header.unfolded("Message-ID"), into: &output)
        output.writeStaticString(")")
    }

    /// `"(" 1*address ")" / nil`
    static func write(_ list: AddressList, into output: inout ByteBuffer) {
        guard !list.isEmpty else {
            output.writeStaticString("NIL")
            return
        }
        output.writeStaticString("(")
        for item in list.items {
            switch item {
            case .mailbox(let mailbox): write(mailbox, into: &output)
            case .group(let name, let members):
                // A group begins with an address without a host and ends with one without host and mailbox.
                output.writeStaticString("(NIL NIL ")
                StringWriter.write(name, into: &output)
                output.writeStaticString(" NIL)")
                for member in members { write(member, into: &output) }
                output.writeStaticString("(NIL NIL NIL NIL)")
            }
        }
        output.writeStaticString(")")
    }

    /// An empty host stands for a missing one: NIL would begin a group.
    private static func write(_ mailbox: AddressList.Mailbox, into output: inout ByteBuffer) {
        output.writeStaticString("(")
        StringWriter.write(mailbox.displayName, into: &output)
        output.writeStaticString(" ")
        StringWriter.write(mailbox.route, into: &output)
        output.writeStaticString(" ")
        StringWriter.write(mailbox.localPart, into: &output)
        output.writeStaticString(" ")
        StringWriter.write(mailbox.domain, into: &output)
        output.writeStaticString(")")
    }
}

extension MIME.Header {
    /// Of the one field that there may be (RFC 5322 §3.6); further ones are not looked at.
    fileprivate func firstAddresses(_ name: String) -> AddressList {
        first(name).map { AddressList(parsing: value(of: $0)) } ?? AddressList()
    }
}
