/// The form that SMTP, IMAP and POP3 share: base64, a line each way.
extension ServerExchange {
    /// Begins with the argument behind the mechanism's name.
    ///
    ///     initial-response = base64 / "="                 ; RFC 4954 §8, RFC 9051 §9, RFC 5034 §8
    ///
    /// "=" stands for an empty response, and nil says that there was no argument.
    public mutating func start(initialResponseText text: (some Collection<UInt8>)?) -> Step {
        guard let text else { return start(initialResponse: nil) }
        if text.elementsEqual("=".utf8) { return start(initialResponse: []) }
        // An argument cannot be an empty text: that was two spaces, or a space at the line's end.
        guard !text.isEmpty else { return fail(.malformedBase64) }
        do throws(Base64.Failure) {
            return start(initialResponse: try Base64.decode(text, octetsMax: Self.clientOctetsMax))
        } catch {
            return fail(error == .tooLong ? .tooLong : .malformedBase64)
        }
    }

    /// Begins without an initial response.
    public mutating func start() -> Step { start(initialResponse: nil) }

    /// Takes the client's line, without its CR LF: base64, nothing for an empty response, or "*" to cancel.
    public mutating func respond(line: some Collection<UInt8>) -> Step {
        if line.elementsEqual("*".utf8) { return fail(.cancelled) }
        do throws(Base64.Failure) {
            return respond(try Base64.decode(line, octetsMax: Self.clientOctetsMax))
        } catch {
            return fail(error == .tooLong ? .tooLong : .malformedBase64)
        }
    }
}
