/// Something listed or shown, before it is made into text or JSON.
public struct Report: Codable, Equatable, Sendable {
    public enum Shape: String, Codable, Sendable {
        /// Any number of rows.
        case table
        /// One row, shown downwards.
        case record
    }

    public struct Column: Codable, Equatable, Sendable {
        public enum Kind: String, Codable, Sendable {
            case text
            case integer
            /// "true" or "false".
            case boolean
            /// A number of octets, shown with a unit.
            case octets
            /// Seconds since 1970-01-01T00:00:00Z, shown as RFC 3339 wants it.
            case time
        }

        /// The key in JSON, in lower camel case.
        public var name: String
        /// The heading.
        public var title: String
        public var kind: Kind

        public init(_ name: String, _ title: String, _ kind: Kind = .text) {
            self.name = name
            self.title = title
            self.kind = kind
        }
    }

    /// The key in JSON when there are several reports.
    public var name: String
    public var shape: Shape
    public var columns: [Column]
    /// As many cells as columns; numbers in decimal.
    public var rows: [[String?]]

    public init(_ name: String, columns: [Column], rows: [[String?]]) {
        self.name = name
        shape = .table
        self.columns = columns
        self.rows = rows
    }

    public init(_ name: String, record: [(column: Column, value: String?)]) {
        self.name = name
        shape = .record
        columns = record.map(\.column)
        rows = [record.map(\.value)]
    }
}
