import NIOCore

extension ServerSession {
    /// STAT (RFC 1939 §5).
    func writeStatus(into output: inout ByteBuffer) {
        guard let transaction else { return }
        Reply.ok("\(transaction.remainingCount) \(transaction.remainingOctets)").write(into: &output)
    }

    /// LIST with a number (RFC 1939 §5).
    func writeSize(of index: Int, into output: inout ByteBuffer) {
        guard let transaction else { return }
        output.writeStaticString("+OK ")
        output.writeScanListing(index: index, octets: transaction.maildrop.sizes[index])
    }

    /// LIST (RFC 1939 §5).
    mutating func beginListing(into output: inout ByteBuffer) {
        guard let transaction else { return }
        Reply.ok("\(transaction.remainingCount) messages (\(transaction.remainingOctets) octets)").write(into: &output)
        state = .listing(0)
    }

    /// Writes the listing until it ends or until the client should take what is there.
    mutating func continueListing(from first: Int, into output: inout ByteBuffer) {
        guard let transaction else { return }
        var index = first
        output.reserveCapacity(minimumWritableBytes: Self.outputOctetsMax)
        while index < transaction.count, output.readableBytes < Self.outputOctetsMax {
            if !transaction.isDeleted(index) {
                output.writeScanListing(index: index, octets: transaction.maildrop.sizes[index])
            }
            index += 1
        }
        if index < transaction.count {
            state = .listing(index)
        } else {
            output.writeStaticString(".\r\n")
            state = .transaction
        }
    }

    /// UIDL (RFC 1939 §7).
    mutating func beginNaming(into output: inout ByteBuffer) {
        if transaction?.count == 0 {
            output.writeStaticString("+OK Unique-ids follow\r\n.\r\n")
        } else {
            state = .naming(0)
        }
    }

    /// Takes the unique-ids of the messages from `first` on.
    mutating func continueNaming(from first: Int, _ identifiers: UniqueIDs, into output: inout ByteBuffer) {
        guard let transaction else { return }
        // Said only now: before the first of them were there it could still have become an error.
        if first == 0 { output.writeStaticString("+OK Unique-ids follow\r\n") }
        for position in 0..<identifiers.count where !transaction.isDeleted(first + position) {
            output.writeDecimal(UInt64(first + position + 1))
            output.writeInteger(UInt8(ascii: " "))
            identifiers.write(position, into: &output)
            output.writeStaticString("\r\n")
        }
        if first + identifiers.count < transaction.count {
            state = .naming(first + identifiers.count)
        } else {
            output.writeStaticString(".\r\n")
            state = .transaction
        }
    }

    /// UIDL with a number (RFC 1939 §7).
    mutating func writeName(of index: Int, _ identifiers: UniqueIDs, into output: inout ByteBuffer) {
        output.writeStaticString("+OK ")
        output.writeDecimal(UInt64(index + 1))
        output.writeInteger(UInt8(ascii: " "))
        identifiers.write(0, into: &output)
        output.writeStaticString("\r\n")
        state = .transaction
    }
}
