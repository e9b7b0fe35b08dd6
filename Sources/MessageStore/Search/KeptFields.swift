/// The header fields of a message that are kept apart (`HeaderFields`), being looked at; valid only inside the closure that
/// it was handed to. One object is used for one message after the other.
public final class KeptFields {
    /// Nil when they are not kept.
    fileprivate var lines: UnsafeRawBufferPointer?
    private var value: [UInt8] = []

    init() {}

    /// Looks at the fields of one message.
    ///
    /// - Parameter stored: as `HeaderFields.stored` made them.
    func with<Outcome>(_ stored: UnsafeRawBufferPointer, _ body: (KeptFields) -> Outcome) -> Outcome {
        lines = stored.first == 1 ? UnsafeRawBufferPointer(rebasing: stored.dropFirst()) : nil
        defer { lines = nil }
        return body(self)
    }

    /// Whether a field of that name, one of `HeaderFields.names`, holds the text, or with an empty one: whether there is
    /// such a field. Nil when that must be looked up in the message.
    ///
    /// - Parameter name: lower case.
    public func holds(_ needle: Needle, inFieldsNamed name: [UInt8]) -> Bool? {
        guard let lines else { return nil }
        var text: [UInt8] = []
        swap(&text, &value)
        defer { swap(&text, &value) }
        func isWanted(_ value: UnsafeRawBufferPointer) -> Bool {
            if needle.isEmpty { return true }
            text.removeAll(keepingCapacity: true)
            HeaderValue.append(value, to: &text)
            return needle.isIn(text)
        }
        return HeaderLines.contain(name, in: lines, where: isWanted)
    }
}
