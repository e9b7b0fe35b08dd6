public import NIOCore

extension Header {
    /// The header in US-ASCII, for a reader that knows no other (RFC 6858 §2); nil when it is that already, or when it is
    /// no UTF-8: such mail was sent against all standards, and is shown as it came.
    ///
    /// Lines in US-ASCII stay as they are, octet by octet. Texts become encoded words (RFC 2047). An address that cannot be
    /// written becomes one that can be nobody's, with the true one beside it for people to read. Parameters are encoded
    /// (RFC 2231). What is neither is left out.
    public func inASCII() -> ByteBuffer? {
        octets.withOctets { view -> ByteBuffer? in
            guard !view[range].allSatisfy({ $0 < 0x80 }), String(validating: view[range], as: UTF8.self) != nil else {
                return nil
            }
            var result = ByteBuffer()
            for field in fields {
                if view[field.lines].allSatisfy({ $0 < 0x80 }) {
                    result.writeBytes(view[field.lines])
                } else if !field.name.isEmpty, view[field.name].allSatisfy({ $0 < 0x80 }) {
                    var builder = HeaderBuilder()
                    append(field, view.string(field.name), to: &builder)
                    result.writeImmutableBuffer(builder.octets)
                }
            }
            result.writeBytes(view[linesRange.upperBound..<range.upperBound].filter { $0 < 0x80 })
            return result
        }
    }

    private func append(_ field: Field, _ name: String, to builder: inout HeaderBuilder) {
        switch name.lowercased() {
        case "subject", "comments", "content-description":
            builder.append(name, text: EncodedWords.decode(unfolded(field)))
        case "from", "sender", "reply-to", "to", "cc", "bcc", "return-path", "resent-from", "resent-sender",
            "resent-reply-to", "resent-to", "resent-cc", "resent-bcc":
            let mailboxes = AddressList(parsing: value(of: field)).mailboxes.map(\.inASCII)
            if !mailboxes.isEmpty { builder.append(name, mailboxes: mailboxes) }
        case "content-type":
            guard let type = ContentType(parsing: value(of: field)) else { return }
            append(name, "\(type.type)/\(type.subtype)", type.parameters, to: &builder)
        case "content-disposition":
            guard let disposition = Disposition(parsing: value(of: field)) else { return }
            append(name, disposition.kind, disposition.parameters, to: &builder)
        default: break
        }
    }

    private func append(_ name: String, _ value: String, _ parameters: Parameters, to builder: inout HeaderBuilder) {
        guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return }
        let plain = parameters.raw.compactMap { parameter -> (name: String, value: String)? in
            guard parameter.name.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
            if parameter.value.allSatisfy({ $0 < 0x80 }) {
                return (parameter.name, String(decoding: parameter.value, as: UTF8.self))
            }
            // One that is encoded already is nothing that can be read with octets above 127 in it.
            guard !parameter.name.contains("*") else { return nil }
            return (parameter.name, EncodedWords.decode(parameter.value))
        }
        builder.append(name, value: value, parameters: plain)
    }
}

extension AddressList.Mailbox {
    /// RFC 6858 §2.1: where the address itself is beyond US-ASCII, one below ".invalid", which no one can have.
    fileprivate var inASCII: AddressList.Mailbox {
        guard !localPart.allSatisfy({ $0 < 0x80 }) || !domain.allSatisfy({ $0 < 0x80 }) else { return self }
        let address = String(decoding: localPart + [UInt8(ascii: "@")] + domain, as: UTF8.self)
        let shown = name.map { $0.isEmpty ? address : "\($0) <\(address)>" } ?? address
        return AddressList.Mailbox(
            displayName: Array(shown.utf8), localPart: Array("invalid".utf8),
            domain: Array("internationalized-address.invalid".utf8))
    }
}
