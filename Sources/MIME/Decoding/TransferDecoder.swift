public import NIOCore

/// Undoes a transfer encoding piece by piece, for parts that are too large to hold twice.
public struct TransferDecoder: Sendable {
    private enum Codec {
        case identity
        case base64(Base64.Decoder)
        case quotedPrintable(QuotedPrintable.Decoder)
    }

    private var codec: Codec

    public init(_ encoding: TransferEncoding) {
        switch encoding {
        case .base64: codec = .base64(Base64.Decoder())
        case .quotedPrintable: codec = .quotedPrintable(QuotedPrintable.Decoder())
        case .sevenBit, .eightBit, .binary, .other: codec = .identity
        }
    }

    /// Decodes a piece of any size and adds it to `output`, until that holds `octetsMax` (a chunk more is possible).
    public mutating func decode(_ octets: ByteBuffer, into output: inout ByteBuffer, octetsMax: Int = .max) {
        octets.withUnsafeReadableBytes { pointer in
            var position = 0
            while position < pointer.count, output.readableBytes < octetsMax {
                let room = min(octetsMax - output.readableBytes, 1 << 20)
                let length = min(pointer.count - position, max(512, room &* 2))
                let chunk = UnsafeRawBufferPointer(rebasing: pointer[position..<position + length])
                position += length
                decode(chunk, into: &output)
            }
        }
    }

    /// Writes what was held back when the input ends.
    public mutating func finish(into output: inout ByteBuffer) {
        guard case .quotedPrintable(var decoder) = codec else { return }
        decoder.finish(into: &output)
        codec = .quotedPrintable(decoder)
    }

    private mutating func decode(_ chunk: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        switch codec {
        case .identity: output.writeBytes(chunk)
        case .base64(var decoder):
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: chunk.count / 4 * 3 + 4) {
                decoder.decode(chunk, into: $0)
            }
            codec = .base64(decoder)
        case .quotedPrintable(var decoder):
            codec = .identity
            decoder.decode(chunk, into: &output)
            codec = .quotedPrintable(decoder)
        }
    }
}
