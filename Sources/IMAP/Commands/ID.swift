/// One pair of what a client tells of itself (RFC 2971 §3.1).
public struct IDField: Hashable, Sendable {
    /// At most 30 octets.
    public var name: String
    /// At most 1,024 octets.
    public var value: String?

    public init(_ name: String, _ value: String?) {
        self.name = name
        self.value = value
    }

    /// RFC 2971 §3.3.
    public static let countMax = 30
    public static let nameOctetsMax = 30
    public static let valueOctetsMax = 1_024
}

extension CommandSyntax {
    /// `id = "ID" SP id-params-list` (RFC 2971 §4)
    static let id = CommandSyntax("ID", in: .any) { p throws(SyntaxError) in
        try p.space()
        if p.take(word: "NIL") { return .request(.id([])) }
        let fields = try p.list(of: "id-params-list", max: IDField.countMax, emptyAllowed: true) {
            p throws(SyntaxError) in
            let name = try p.string()
            try p.space()
            let value = try p.nstring()
            guard name.count <= IDField.nameOctetsMax else {
                throw SyntaxError.limitExceeded("octets of an ID field", max: IDField.nameOctetsMax)
            }
            guard value?.count ?? 0 <= IDField.valueOctetsMax else {
                throw SyntaxError.limitExceeded("octets of an ID value", max: IDField.valueOctetsMax)
            }
            return IDField(String(decoding: name, as: UTF8.self), value.map { String(decoding: $0, as: UTF8.self) })
        }
        return .request(.id(fields))
    }
}
