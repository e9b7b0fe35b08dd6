import NIOCore

/// RFC 6856: names and texts beyond ASCII.
extension ServerSession {
    /// UTF8 (§2): from now on headers go out as they came in. To who does not say it they are shown in US-ASCII by the
    /// rules of RFC 6858; sizes are those of the message as it is (RFC 6858 §4).
    mutating func enableUTF8(into output: inout ByteBuffer) {
        isUTF8 = true
        Reply.ok("UTF8 enabled").write(into: &output)
    }

    /// LANG (§3): the texts of this server are in English.
    func chooseLanguage(_ tag: [UInt8]?, into output: inout ByteBuffer) {
        guard let tag else {
            Reply.ok("Language listing follows:").write(into: &output)
            output.writeStaticString("en English\r\ni-default Default language\r\n.\r\n")
            return
        }
        let wanted = String(decoding: tag, as: UTF8.self).lowercased()
        switch wanted {
        // §3.2: "*" is the server's own choice. A tag stands for all that it begins (RFC 4647 §3.4).
        case "*", "i-default": Reply.ok("i-default Language changed").write(into: &output)
        case "en",
            _ where wanted.hasPrefix("en-"):
            Reply.ok("en Language changed").write(into: &output)
        default: Reply.error("That language is not spoken here").write(into: &output)
        }
    }
}
