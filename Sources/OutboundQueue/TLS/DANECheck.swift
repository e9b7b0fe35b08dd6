import DNS
import MailCrypto

/// Whether a server's certificates are those that its TLSA records mean (RFC 7672).
struct DANECheck: Sendable {
    let records: [TLSARecord]
    /// What a certificate below a trust anchor must name (§3.2.3).
    let names: [String]

    /// §3.1: certificate usages 2 and 3, with selectors and digests that we know.
    static func usable(_ records: [TLSARecord]) -> [TLSARecord] {
        records.filter { record in
            guard [2, 3].contains(record.certificateUsage), [0, 1].contains(record.selector) else { return false }
            switch record.matchingType {
            case 0: return !record.associationData.isEmpty
            case 1: return record.associationData.count == 32
            case 2: return record.associationData.count == 64
            default: return false
            }
        }
    }

    /// - Parameter chain: DER, the server's own certificate first.
    func accepts(_ chain: [[UInt8]]) -> Bool {
        guard let leaf = chain.first else { return false }
        for record in records {
            switch record.certificateUsage {
            // §3.1.1: names and dates do not count; the record is renewed with the key.
            case 3: if matches(record, leaf) { return true }
            // §3.1.2: the anchor must be in what the server sends, or whole in the record.
            case 2: if isBelow(record, chain) { return true }
            default: continue
            }
        }
        return false
    }

    private func isBelow(_ record: TLSARecord, _ chain: [[UInt8]]) -> Bool {
        var anchors = chain.filter { matches(record, $0) }
        if record.selector == 0, record.matchingType == 0, anchors.isEmpty { anchors = [record.associationData] }
        return anchors.contains { anchor in
            (try? CertificateChain.isTrusted(chain, anchor: anchor, names: names)) ?? false
        }
    }

    private func matches(_ record: TLSARecord, _ certificate: [UInt8]) -> Bool {
        let selected: [UInt8]
        if record.selector == 0 {
            selected = certificate
        } else {
            guard let key = try? CertificateChain.publicKey(of: certificate) else { return false }
            selected = key
        }
        switch record.matchingType {
        case 0: return selected == record.associationData
        case 1: return SHA256.hash(selected).octets == record.associationData
        case 2: return SHA512.hash(selected) == record.associationData
        default: return false
        }
    }
}
