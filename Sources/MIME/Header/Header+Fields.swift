public import NIOCore

extension Header {
    /// The lines of the fields with one of these names (HEADER.FIELDS, RFC 9051 §6.4.5.1) in the order of the header,
    /// without an empty line behind them.
    public func lines(named names: [String]) -> ByteBuffer { lines { names.containsMatch(of: $0, in: $1) } }

    /// The lines of all other fields (HEADER.FIELDS.NOT). Lines that are no fields belong to them.
    public func lines(notNamed names: [String]) -> ByteBuffer { lines { !names.containsMatch(of: $0, in: $1) } }

    private func lines(where isWanted: (Range<Int>, Octets) -> Bool) -> ByteBuffer {
        octets.withOctets { view in
            var result = ByteBuffer()
            for field in fields where isWanted(field.name, view) {
                result.writeBytes(view[field.lines])
                // The last line of a message may lack its ending; what comes behind must start a line.
                if view[field.lines.upperBound - 1] != .lineFeed { result.writeStaticString("\r\n") }
            }
            return result
        }
    }

    /// The addresses of all fields of that name together (RFC 5322 §4.5.3).
    public func addresses(_ name: String, limit: Int = AddressList.itemsMax) -> AddressList {
        var list = AddressList()
        for field in all(name) { list.append(parsing: value(of: field), limit: limit) }
        return list
    }

    /// The time of the Date field; nil when it is missing or unreadable.
    public var date: DateTime? { first("Date").flatMap { DateTime(parsing: value(of: $0)) } }

    /// The Message-ID without its angle brackets.
    public var messageID: String? { messageIDs("Message-ID", max: 1).first }

    /// The message identifiers in a References or In-Reply-To field, without their angle brackets, in their order.
    public func messageIDs(_ name: String, max: Int = MessageIDs.max) -> [String] {
        first(name).map { MessageIDs.parse(value(of: $0), max: max) } ?? []
    }

    /// The subject with its encoded words decoded; nil without a Subject field.
    public var subject: String? { text("Subject") }
}

extension [String] {
    fileprivate func containsMatch(of name: Range<Int>, in view: Octets) -> Bool {
        contains { view.equals(name, ignoringCaseOf: $0) } && !name.isEmpty
    }
}
