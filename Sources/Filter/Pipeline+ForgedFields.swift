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
                    && zip(octets[start..<end], ownPrefix).allSatisfy {
                        (0x41...0x5a).contains($0) ? $0 | 0x20 == $1 : $0 == $1
                    }
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
