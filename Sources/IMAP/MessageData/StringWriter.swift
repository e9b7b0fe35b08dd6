public import NIOCore

/// Writes strings in the form that their octets allow (RFC 9051 §4.3).
public enum StringWriter {
    /// A quoted string no longer than this; a longer one is a literal.
    static let quotedOctetsMax = 1024

    /// `nstring`: NIL for nil.
    public static func write(_ value: ByteBuffer?, into output: inout ByteBuffer) {
        guard let value else {
            output.writeStaticString("NIL")
            return
        }
        value.withUnsafeReadableBytes { write($0, into: &output) }
    }

    /// `nstring`: NIL for nil.
    public static func write(_ value: [UInt8]?, into output: inout ByteBuffer) {
        guard let value else {
            output.writeStaticString("NIL")
            return
        }
        value.withUnsafeBytes { write($0, into: &output) }
    }

    /// `string`
    public static func write(_ value: String, into output: inout ByteBuffer) {
        var value = value
        value.withUTF8 { write(UnsafeRawBufferPointer($0), into: &output) }
    }

    /// Quoted if all octets are printable US-ASCII or tabs, else a literal: neither form may hold NUL, which is left out.
    private static func write(_ octets: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        guard octets.count <= quotedOctetsMax, octets.allSatisfy({ ($0 >= 0x20 && $0 < 0x7f) || $0 == 0x09 }) else {
            let withoutNUL = octets.contains(0) ? [UInt8](octets.lazy.filter { $0 != 0 }) : nil
            output.writeString("{\(withoutNUL?.count ?? octets.count)}\r\n")
            if let withoutNUL { output.writeBytes(withoutNUL) } else { output.writeBytes(octets) }
            return
        }
        output.writeInteger(UInt8(ascii: "\""))
        if octets.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            for octet in octets {
                if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") {
                    output.writeInteger(UInt8(ascii: "\\"))
                }
                output.writeInteger(octet)
            }
        } else {
            output.writeBytes(octets)
        }
        output.writeInteger(UInt8(ascii: "\""))
    }
}
