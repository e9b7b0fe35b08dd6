/// A stranger's words made fit for a log line or a header's comment.
enum PlainText {
    /// Printable ASCII as it is, "?" for all else, cut at `max` octets.
    static func printable(_ text: some StringProtocol, max: Int) -> String {
        String(
            decoding: text.utf8.prefix(max).map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
