internal import IMAP
internal import MIME
internal import MailCrypto
internal import NIOCore

extension MessageFacts {
    /// Version of the rendered blobs: their first octet.
    static let version: UInt8 = 1

    /// Reads a message once for all that lists and fetches will ask. Linear; for the CPU pool.
    init(_ message: MIME.Message) {
        headerOctets = message.headerOctets
        let date = message.header.date
        sentDate = date?.unixSeconds
        sentZoneMinutes = date?.zoneMinutes ?? 0
        preview = message.preview()
        envelope = Self.rendered { EnvelopeWriter.write(message, into: &$0) }
        structure = Self.structure(of: message)
        headerFields = HeaderFields.stored(message.header)
        threadTokens = ThreadTokens.of(message.header)
        subject = Self.cut(message.header.subject ?? "", octetsMax: 200)
        messageIDText = Self.cut(message.header.messageIDs("Message-ID", max: 1).first ?? "", octetsMax: 255)
    }

    /// What of a text fits, whole characters of it.
    private static func cut(_ text: String, octetsMax: Int) -> String {
        guard text.utf8.count > octetsMax else { return text }
        var cut = ""
        var octets = 0
        for character in text {
            octets += character.utf8.count
            guard octets <= octetsMax else { break }
            cut.append(character)
        }
        return cut
    }

    private static func rendered(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(512)
        buffer.writeInteger(version)
        write(&buffer)
        return Array(buffer.readableBytesView)
    }

    /// version · length of BODY (4) · BODY · length of BODYSTRUCTURE (4) · BODYSTRUCTURE · places of the parts
    private static func structure(of message: MIME.Message) -> [UInt8] {
        rendered { buffer in
            for isExtended in [false, true] {
                let start = buffer.writerIndex
                buffer.writeInteger(UInt32(0))
                BodyStructureWriter.write(message, isExtended: isExtended, into: &buffer)
                buffer.setInteger(UInt32(clamping: buffer.writerIndex - start - 4), at: start)
            }
            PartTable(message)?.encode(into: &buffer)
        }
    }
}

/// `structure` read back.
struct StoredStructure {
    var basic: ByteBuffer
    var extended: ByteBuffer
    var parts: PartTable?

    init?(_ octets: UnsafeRawBufferPointer) {
        var buffer = ByteBuffer(bytes: octets)
        guard buffer.readInteger(as: UInt8.self) == MessageFacts.version,
            let basicLength = buffer.readInteger(as: UInt32.self),
            let basic = buffer.readSlice(length: Int(basicLength)),
            let length = buffer.readInteger(as: UInt32.self), let extended = buffer.readSlice(length: Int(length))
        else { return nil }
        self.basic = basic
        self.extended = extended
        parts = PartTable(decoding: &buffer)
    }
}
