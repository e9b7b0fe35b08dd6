// SPDX-License-Identifier: GPL-2.0-or-later

/// What stands between a stranger's record and Debian 12's libspf2 1.2.10, which crashes on some of them.
enum SPFGuard {
    static let recordOctetsMax = 2_048
    static let termOctetsMax = 450

    /// Does this TXT record begin as RFC 7208 §4.5 has it? libspf2 is given no other.
    static func isSPF(_ record: [UInt8]) -> Bool {
        let version = Array("v=spf1".utf8)
        guard record.count >= version.count else { return false }
        for (octet, wanted) in zip(record, version) where octet | 0x20 != wanted | 0x20 { return false }
        return record.count == version.count || record[version.count] == UInt8(ascii: " ")
    }

    /// May libspf2 see it? Visible ASCII and spaces, not too long, no term too long: a macro string of 450 octets
    /// overruns a buffer on the stack when it is compiled.
    static func isHarmless(_ record: [UInt8]) -> Bool {
        guard record.count <= recordOctetsMax else { return false }
        var term = 0
        for octet in record {
            guard octet >= 0x20, octet < 0x7f else { return false }
            term = octet == 0x20 ? 0 : term + 1
            if term > termOctetsMax { return false }
        }
        return true
    }

    /// RFC 7208 §4.6.4: terms that cause look-ups, over the whole evaluation.
    static let lookupsMax = 10
    /// RFC 7208 §4.6.4: look-ups without an answer.
    static let voidLookupsMax = 2
}
