extension Outcome {
    /// For scripts: an array for a table, an object for a record, an object of both for several reports; for a change
    /// without a report `{"message": …}`.
    public var json: String {
        switch reports.count {
        case 0: return "{\"message\": \(JSONText.quoted(message))}"
        case 1: return reports[0].json
        default:
            let members = reports.map { "\(JSONText.quoted($0.name)): \($0.json)" }
            return "{\(members.joined(separator: ",\n "))}"
        }
    }
}

extension Report {
    /// A key for every column, in their order; null where there is no value.
    public var json: String {
        let objects = rows.map(object)
        switch shape {
        case .record: return objects.first ?? "{}"
        case .table: return objects.isEmpty ? "[]" : "[\(objects.joined(separator: ",\n "))]"
        }
    }

    private func object(_ row: [String?]) -> String {
        let members = columns.indices.map { index in
            "\(JSONText.quoted(columns[index].name)): \(value(row, index))"
        }
        return "{\(members.joined(separator: ", "))}"
    }

    private func value(_ row: [String?], _ index: Int) -> String {
        guard index < row.count, let cell = row[index] else { return "null" }
        switch columns[index].kind {
        case .text: return JSONText.quoted(cell)
        case .integer, .octets: return Int64(cell).map(String.init) ?? "null"
        case .boolean: return cell == "true" ? "true" : "false"
        case .time: return Int64(cell).map { JSONText.quoted(Self.timestamp($0)) } ?? "null"
        }
    }
}

extension Failure {
    public var json: String {
        let members = [
            "\"code\": \(code.rawValue)", "\"word\": \(JSONText.quoted(word))", "\"tried\": \(JSONText.quoted(tried))",
            "\"obstacle\": \(JSONText.quoted(obstacle))", "\"next\": \(JSONText.quoted(next))",
        ]
        return "{\"error\": {\(members.joined(separator: ", "))}}"
    }
}

/// JSON strings (RFC 8259 §7), written by hand so that keys stay in the order of their columns.
enum JSONText {
    static func quoted(_ text: String) -> String {
        var octets: [UInt8] = [UInt8(ascii: "\"")]
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): octets += [UInt8(ascii: "\\"), octet]
            case UInt8(ascii: "\n"): octets += "\\n".utf8
            case UInt8(ascii: "\t"): octets += "\\t".utf8
            case UInt8(ascii: "\r"): octets += "\\r".utf8
            case ..<0x20, 0x7f:
                octets += "\\u00".utf8
                octets.append("0123456789abcdef".utf8.map { $0 }[Int(octet >> 4)])
                octets.append("0123456789abcdef".utf8.map { $0 }[Int(octet & 15)])
            default: octets.append(octet)
            }
        }
        octets.append(UInt8(ascii: "\""))
        return String(decoding: octets, as: UTF8.self)
    }
}
