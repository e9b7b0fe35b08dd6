/// Messages to scan. The EICAR text is put together here, so that this file is none.
enum Samples {
    static let eicar = Array((#"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR"# + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").utf8)
    static let clean = message([], "Good morning\r\n")

    static func message(_ fields: [String], _ body: String) -> [UInt8] {
        let head = ["From: ann@example.org", "To: bob@example.net", "Subject: a test", "MIME-Version: 1.0"] + fields
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    /// A message with a text and one attachment in base64.
    static func attaching(_ octets: [UInt8], name: String, before: [String] = []) -> [UInt8] {
        let lines = base64(octets)
        let body = """
            --=_b\r
            Content-Type: text/plain\r
            \r
            See the attachment.\r
            --=_b\r
            Content-Type: application/octet-stream; name="\(name)"\r
            Content-Transfer-Encoding: base64\r
            Content-Disposition: attachment; filename="\(name)"\r
            \r
            \(lines)\r
            --=_b--\r

            """
        let message = message(["Content-Type: multipart/mixed; boundary=\"=_b\""], body)
        return Array((before.joined(separator: "\r\n") + (before.isEmpty ? "" : "\r\n")).utf8) + message
    }

    static func base64(_ octets: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        var column = 0
        for start in stride(from: 0, to: octets.count, by: 3) {
            let group = octets[start..<min(start + 3, octets.count)]
            var value = 0
            for octet in group { value = value << 8 | Int(octet) }
            value <<= 8 * (3 - group.count)
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[value >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
            }
            column += 4
            if column == 76 { text += [13, 10] }
            column %= 76
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A zip archive of files that are stored as they are, or given as raw deflate data with their length and CRC.
    struct ZipFile {
        var name: String
        var data: [UInt8]
        var method: UInt16 = 0
        var octets: Int
        var crc: UInt32
        var flags: UInt16 = 0

        init(stored octets: [UInt8], name: String, flags: UInt16 = 0) {
            self.name = name
            self.flags = flags
            data = octets
            self.octets = octets.count
            crc = Samples.crc32(octets)
        }

        init(deflated data: [UInt8], octets: Int, crc: UInt32, name: String) {
            self.name = name
            self.data = data
            self.octets = octets
            self.crc = crc
            method = 8
        }
    }

    static func zip(_ files: [ZipFile]) -> [UInt8] {
        var archive: [UInt8] = []
        var directory: [UInt8] = []
        func little(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        for file in files {
            let common =
                little(20, 2) + little(Int(file.flags), 2) + little(Int(file.method), 2) + little(0, 4)
                + little(Int(file.crc), 4) + little(file.data.count, 4) + little(file.octets, 4)
                + little(file.name.utf8.count, 2) + little(0, 2)
            directory +=
                [0x50, 0x4b, 1, 2] + little(20, 2) + common + little(0, 10) + little(archive.count, 4) + file.name.utf8
            archive += [0x50, 0x4b, 3, 4] + common + Array(file.name.utf8) + file.data
        }
        return archive + directory + [0x50, 0x4b, 5, 6] + little(0, 4) + little(files.count, 2) + little(files.count, 2)
            + little(directory.count, 4) + little(archive.count, 4) + little(0, 2)
    }

    /// Many empty files, made by repeating one entry with its number in its name.
    static func zip(entries: Int) -> [UInt8] {
        var archive: [UInt8] = []
        var directory: [UInt8] = []
        for number in 0..<entries {
            var name = Array("00000.txt".utf8)
            var rest = number
            for index in (0..<5).reversed() {
                name[index] = UInt8(0x30 + rest % 10)
                rest /= 10
            }
            let offset = withUnsafeBytes(of: UInt32(archive.count).littleEndian) { Array($0) }
            directory += centralHead
            directory += offset
            directory += name
            archive += localHead
            archive += name
        }
        let count = withUnsafeBytes(of: UInt16(truncatingIfNeeded: entries).littleEndian) { Array($0) }
        let sizes = [directory.count, archive.count].flatMap { size in
            withUnsafeBytes(of: UInt32(size).littleEndian) { Array($0) }
        }
        return archive + directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + sizes + [0, 0]
    }

    private static let localHead: [UInt8] =
        [0x50, 0x4b, 3, 4, 20, 0] + [UInt8](repeating: 0, count: 20) + [9, 0, 0, 0]
    private static let centralHead: [UInt8] =
        [0x50, 0x4b, 1, 2, 20, 0, 20, 0] + [UInt8](repeating: 0, count: 20) + [9, 0] + [UInt8](repeating: 0, count: 12)

    static func crc32(_ octets: [UInt8]) -> UInt32 {
        var crc: UInt32 = .max
        for octet in octets {
            crc ^= UInt32(octet)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }

    /// RFC 1951: one literal zero, then `pairs` times "258 octets from a distance of 1" in the fixed code.
    static func deflatedZeros(pairs: Int) -> (data: [UInt8], octets: Int) {
        var data: [UInt8] = []
        var pending = 0
        var width = 0
        func put(_ value: Int, _ count: Int, reversed: Bool = true) {
            for index in 0..<count {
                pending |= (reversed ? value >> (count - 1 - index) & 1 : value >> index & 1) << width
                width += 1
                if width == 8 {
                    data.append(UInt8(pending))
                    pending = 0
                    width = 0
                }
            }
        }
        put(1, 1)
        put(1, 2, reversed: false)
        put(0x30, 8)
        for _ in 0..<pairs {
            put(0xc5, 8)  // Length code 285.
            put(0, 5)  // Distance code 0.
        }
        put(0, 7)
        put(0, 7, reversed: false)
        return (data, 1 + 258 * pairs)
    }
}
