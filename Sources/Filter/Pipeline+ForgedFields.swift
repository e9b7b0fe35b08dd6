public import MIME
import MailAuth
import NIOCore

extension Pipeline {
    /// The fields of a received message that pass themselves off as ours: Authentication-Results with our authserv-id
    /// (RFC 8601 §5) and all whose name begins with `X-Postino-`. The receiver cuts them out before it stages the
    /// message.
    ///
    /// - Returns: where they stand in `message.octets`, line ends included; ascending, apart from each other.
    /// - Complexity: O(octets of the header).
    public static func forgedFields(in message: Message, authservID: String) -> [Range<Int>] {
        // Its parser's bounds are no leave to hide a field behind them.
        if message.header.isCut { return scanned(message, authservID) }
        return message.header.fields.filter { field in
            let name = message.header.name(of: field)
            if name.utf8.count > ownPrefix.count, name.utf8.prefix(ownPrefix.count).elementsEqual(ownPrefix, by: isSame)
            {
                return true
            }
            guard name.utf8.count == AuthenticationResults.fieldName.utf8.count,
                name.utf8.elementsEqual(AuthenticationResults.fieldName.lowercased().utf8, by: isSame)
            else { return false }
            let lines = message.header.lines(of: field).readableBytesView
            return !AuthenticationResults.foreignFields(in: lines, claiming: [authservID]).isEmpty
        }.map(\.lines)
    }

    private static func isSame(_ octet: UInt8, _ lowered: UInt8) -> Bool {
        ((0x41...0x5a).contains(octet) ? octet | 0x20 : octet) == lowered
    }

    private static func scanned(_ message: Message, _ authservID: String) -> [Range<Int>] {
        guard message.headerOctets > 0,
            let header = message.octets.viewBytes(
                at: message.octets.readerIndex, length: message.headerOctets)
        else { return [] }
        let results = AuthenticationResults.foreignFields(in: header, claiming: [authservID])
        return (results + ownFields(in: header)).sorted { $0.lowerBound < $1.lowerBound }
    }

    private static let ownPrefix = Array("x-postino-".utf8)

    private static func ownFields(in header: ByteBufferView) -> [Range<Int>] {
        var found: [Range<Int>] = []
        header.withUnsafeBytes { octets in
            var start = 0
            while start < octets.count, octets[start] != 0x0d, octets[start] != 0x0a {
                let end = fieldEnd(octets, from: start)
                let isOurs =
                    end - start > ownPrefix.count
                    && zip(octets[start..<end], ownPrefix).allSatisfy(isSame)
                if isOurs { found.append(start..<end) }
                start = end
            }
        }
        return found
    }

    /// Behind the line feed that no white space follows (RFC 5322 §2.2.3).
    private static func fieldEnd(_ octets: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while let lineFeed = octets[position...].firstIndex(of: 0x0a) {
            position = lineFeed + 1
            guard position < octets.count, octets[position] == 0x20 || octets[position] == 0x09 else { return position }
        }
        return octets.count
    }
}
