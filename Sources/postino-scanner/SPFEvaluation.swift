// SPDX-License-Identifier: GPL-2.0-or-later

import CSPF2
import Glibc
import ScannerWire

/// One round of check_host() with the answers at hand.
///
/// libspf2 blocks when it looks something up. So it is run with a DNS layer that knows only the answers that came
/// with the question: what is missing is noted and said to fail. The caller looks those names up and asks again.
final class SPFEvaluation {
    private let question: SPFQuestion
    private var known: [DNSQuestion: DNSReply] = [:]
    /// What the evaluation stands still without.
    private var missing: [DNSQuestion] = []
    /// What it will ask next in all likelihood: the addresses of the other hosts of an MX or PTR answer.
    private var expected: [DNSQuestion] = []
    private var hostsOfAnswers: Set<String> = []
    private var lookups = 0
    private var voidLookups = 0
    private var isFirst = true
    private var hasFirstFailed = false
    private var isForbidden = false

    init(_ question: SPFQuestion) {
        self.question = question
        for entry in question.known { known[entry.question] = entry.reply }
    }

    func run() -> SPFReply {
        guard let client = Self.normalized(question.client) else { return .failed("no IP address") }
        // libspf2 lets every loopback client pass.
        if Self.isLoopback(client) { return .failed("not asked for loopback clients") }
        // RFC 7208 §2.4: a null reverse path stands for postmaster at the HELO name.
        let mailFrom = question.mailFrom.isEmpty ? "postmaster@\(question.helo)" : question.mailFrom
        guard Self.isPlain(question.helo), Self.isPlain(mailFrom) else { return .failed("not an ASCII identity") }

        let context = Unmanaged.passUnretained(self).toOpaque()
        let outcome = cspf2_check(client, client.count, question.helo, mailFrom, answer, context)
        if isForbidden { return .result(.permerror) }
        if !missing.isEmpty {
            let all = missing + expected.filter { !missing.contains($0) }
            return .missing(Array(all.prefix(Bounds.missingMax)))
        }
        // RFC 7208 §4.4. libspf2 gives no result at all when the first look-up fails.
        if hasFirstFailed { return .result(.temperror) }
        guard let value = UInt8(exactly: outcome), let result = SPFResult(rawValue: value) else {
            return .failed("libspf2 gave no result")
        }
        return .result(result)
    }

    /// One look-up of libspf2.
    fileprivate func lookUp(_ name: String, _ type: Int32, _ reply: OpaquePointer) -> Int32 {
        guard let number = UInt16(exactly: type), let kind = DNSQuestion.Kind(rawValue: number) else {
            return Int32(CSPF2_NO_DATA)
        }
        let asked = DNSQuestion(Self.canonical(name), kind)
        let isTheFirst = isFirst
        let isCounted = count(asked)
        if isForbidden { return Int32(CSPF2_TRY_AGAIN) }
        guard !asked.name.isEmpty, asked.name.utf8.count <= Bounds.nameOctetsMax else {
            return Int32(CSPF2_NOT_FOUND)
        }
        guard let found = known[asked] else {
            if !missing.contains(asked) { missing.append(asked) }
            return Int32(CSPF2_TRY_AGAIN)
        }
        if isTheFirst, found == .temporaryFailure { hasFirstFailed = true }
        let outcome = give(found, kind, reply)
        if isCounted, outcome == Int32(CSPF2_NOT_FOUND) || outcome == Int32(CSPF2_NO_DATA) {
            voidLookups += 1
            if voidLookups > SPFGuard.voidLookupsMax { forbid() }
        }
        return outcome
    }

    /// Counts towards the limits of RFC 7208 §4.6.4, which libspf2 keeps for each record alone. The first TXT is not a
    /// term's; the addresses of the hosts that an MX or PTR answer named have a limit of their own in libspf2.
    ///
    /// - Returns: whether an empty answer is a void look-up. An included record that is missing is an error anyhow.
    private func count(_ asked: DNSQuestion) -> Bool {
        defer { isFirst = false }
        if isFirst, asked.kind == .txt { return false }
        if asked.kind == .a || asked.kind == .aaaa, hostsOfAnswers.contains(asked.name) { return false }
        lookups += 1
        if lookups > SPFGuard.lookupsMax { forbid() }
        return asked.kind != .txt
    }

    private func give(_ found: DNSReply, _ kind: DNSQuestion.Kind, _ reply: OpaquePointer) -> Int32 {
        switch found {
        case .notFound: return Int32(CSPF2_NOT_FOUND)
        case .noData: return Int32(CSPF2_NO_DATA)
        case .temporaryFailure: return Int32(CSPF2_TRY_AGAIN)
        case .records(let records):
            let usable = records.filter { isUsable($0, kind) }
            if kind == .txt, !usable.allSatisfy(SPFGuard.isHarmless) {
                forbid()
                return Int32(CSPF2_TRY_AGAIN)
            }
            if usable.isEmpty { return Int32(CSPF2_NO_DATA) }
            for record in usable {
                if kind == .mx || kind == .ptr { expectAddresses(of: record) }
                guard cspf2_add(reply, record, record.count) == 0 else { return Int32(CSPF2_TRY_AGAIN) }
            }
            return Int32(CSPF2_FOUND)
        }
    }

    private func isUsable(_ record: [UInt8], _ kind: DNSQuestion.Kind) -> Bool {
        switch kind {
        case .a: return record.count == 4
        case .aaaa: return record.count == 16
        case .mx, .ptr: return record.count <= Bounds.nameOctetsMax && !record.contains(0)
        case .txt: return SPFGuard.isSPF(record)
        }
    }

    /// Makes the result permerror, unless libspf2 only went on after a failure that stands for a missing answer.
    private func forbid() {
        if missing.isEmpty { isForbidden = true }
    }

    private func expectAddresses(of host: [UInt8]) {
        let name = Self.canonical(String(decoding: host, as: UTF8.self))
        hostsOfAnswers.insert(name)
        let isIPv4 = Self.normalized(question.client)?.count == 4
        let address = DNSQuestion(name, isIPv4 ? .a : .aaaa)
        // RFC 7208 §4.6.4: no more than 10 hosts of an answer count.
        guard expected.count < 20, known[address] == nil, !expected.contains(address) else { return }
        expected.append(address)
    }
}

extension SPFEvaluation {
    /// RFC 7208 §5: an IPv4-mapped IPv6 address is an IPv4 address.
    static func normalized(_ client: [UInt8]) -> [UInt8]? {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        if client.count == 16, client.starts(with: mapped) { return Array(client.suffix(4)) }
        return client.count == 4 || client.count == 16 ? client : nil
    }

    static func isLoopback(_ client: [UInt8]) -> Bool {
        client.count == 4 ? client.first == 127 : client.dropLast().allSatisfy { $0 == 0 } && client.last == 1
    }

    static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } }

    /// Lower case, no dot at the end.
    static func canonical(_ name: String) -> String {
        var octets = name.utf8.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
        while octets.last == UInt8(ascii: ".") { octets.removeLast() }
        return String(decoding: octets, as: UTF8.self)
    }
}

private func answer(
    _ context: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ type: Int32, _ reply: OpaquePointer?
) -> Int32 {
    guard let context, let name, let reply else { return Int32(CSPF2_TRY_AGAIN) }
    let evaluation = Unmanaged<SPFEvaluation>.fromOpaque(context).takeUnretainedValue()
    let octets = UnsafeRawBufferPointer(start: name, count: strnlen(name, 1_024))
    return evaluation.lookUp(String(decoding: octets, as: UTF8.self), type, reply)
}
