// SPDX-License-Identifier: GPL-2.0-or-later

import CClamAV
import Glibc
import ScannerWire

extension Engine {
    /// Scans the file behind a descriptor from its first octet.
    func scan(_ descriptor: Int32, as kind: ScanKind) -> ScanResult {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            return .cannotCheck(.unreadable, "no file came with the request")
        }
        if facts.st_size == 0 { return .clean }
        var options = cl_scan_options()
        options.general = UInt32(CL_SCAN_GENERAL_HEURISTICS)
        options.parse = ~0
        options.heuristic = UInt32(
            CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE | CL_SCAN_HEURISTIC_ENCRYPTED_DOC)
        var name: UnsafePointer<CChar>?
        var scanned: UInt = 0
        let outcome =
            kind == .file
            ? cl_scandesc(descriptor, nil, &name, &scanned, pointer, &options)
            : scanMessage(descriptor, Int(facts.st_size), &name, &scanned, &options)
        return Self.result(outcome, name.map { String(cString: $0) })
    }

    /// libclamav finds out the type by the first octets, and "%PDF-1.4", "MZ" and "GIF89a" are names of header fields
    /// as good as any (RFC 5322 §3.6.8): a message that begins with such a field is read as that type, and none of its
    /// attachments is looked at. So a field that libclamav knows goes in front of every message.
    private func scanMessage(
        _ descriptor: Int32, _ octets: Int, _ name: inout UnsafePointer<CChar>?, _ scanned: inout UInt,
        _ options: inout cl_scan_options
    ) -> cl_error_t {
        let handle = UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1)
        guard let map = cl_fmap_open_handle(handle, 0, MessagePrefix.count + octets, readPrefixed, 1) else {
            return CL_EMAP
        }
        defer { cl_fmap_close(map) }
        return cl_scanmap_callback(map, nil, &name, &scanned, pointer, &options, nil)
    }

    /// What libclamav's code and name mean. A limit passed is a "virus" named `Heuristics.Limits.Exceeded.*`, or one
    /// without a name when the whole is too large.
    static func result(_ outcome: cl_error_t, _ name: String?) -> ScanResult {
        switch outcome {
        case CL_SUCCESS: return .clean
        case CL_VIRUS:
            guard let name else { return .cannotCheck(.limit, "larger than the limit") }
            if name.hasPrefix("Heuristics.Limits.Exceeded") { return .cannotCheck(.limit, name) }
            if name.hasPrefix("Heuristics.Encrypted") { return .cannotCheck(.encrypted, name) }
            return .infected(name)
        case CL_ETIMEOUT, CL_EMAXREC, CL_EMAXSIZE, CL_EMAXFILES:
            return .cannotCheck(.limit, String(cString: cl_strerror(outcome)))
        default:
            return .cannotCheck(.engine, String(cString: cl_strerror(outcome)))
        }
    }
}

/// The line in front of every message.
enum MessagePrefix {
    static let octets: [UInt8] = Array("Received: by postino-scanner\r\n".utf8)
    static var count: Int { octets.count }
}

/// `pread` over the prefix and the file after it. The handle is the descriptor and one, since it may not be nil.
private func readPrefixed(
    _ handle: UnsafeMutableRawPointer?, _ buffer: UnsafeMutableRawPointer?, _ count: Int, _ offset: off_t
) -> off_t {
    guard let buffer, offset >= 0 else { return -1 }
    let descriptor = Int32(truncatingIfNeeded: Int(bitPattern: handle) - 1)
    var done = 0
    if Int(offset) < MessagePrefix.count {
        let part = MessagePrefix.octets[Int(offset)...].prefix(count)
        part.withUnsafeBytes { buffer.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        done = part.count
    }
    while done < count {
        let got = pread(descriptor, buffer + done, count - done, offset + done - MessagePrefix.count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { return -1 }
        if got == 0 { break }
        done += got
    }
    return off_t(done)
}
