import ScannerWire

extension Scanner: SPFConsulting {
    /// Rounds of look-ups. A record of ten terms that each need one has twenty at most; nobody needs more than 40.
    private static let roundsMax = 40

    public func checkSPF(
        client: [UInt8], helo: String, mailFrom: String,
        resolve: @escaping @Sendable (SPFLookup) async -> SPFLookupAnswer
    ) async -> SPFOpinion {
        // libspf2 says pass to all of 127.0.0.0/8 and ::1, so it is not asked.
        guard !Self.isLoopback(client) else { return .unavailable(reason: "not asked for loopback clients") }
        var question = SPFQuestion(client: client, helo: helo, mailFrom: mailFrom, known: [])
        for _ in 0..<Self.roundsMax {
            switch await link.ask(.spf(question), seconds: 5) {
            case .unavailable(let reason): return .unavailable(reason: reason)
            case .answer(.spf(.result(let result))): return SPFOpinion(result)
            case .answer(.spf(.failed(let reason))): return .unavailable(reason: reason)
            case .answer(.spf(.missing(let missing))):
                let known = Set(question.known.map(\.question))
                let new = missing.filter { !known.contains($0) }
                guard !new.isEmpty, question.known.count + new.count <= Bounds.dnsAnswersMax else {
                    return .unavailable(reason: "too many look-ups")
                }
                question.known += await Self.resolveAll(new, resolve)
            case .answer: return .unavailable(reason: "the scanner answered something else")
            }
        }
        return .unavailable(reason: "too many look-ups")
    }

    private static func resolveAll(
        _ questions: [DNSQuestion], _ resolve: @escaping @Sendable (SPFLookup) async -> SPFLookupAnswer
    ) async -> [SPFQuestion.Known] {
        await withTaskGroup(of: SPFQuestion.Known.self) { group in
            for question in questions {
                group.addTask { .init(question, DNSReply(await resolve(SPFLookup(question)), question.kind)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private static func isLoopback(_ client: [UInt8]) -> Bool {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        switch client.count {
        case 4: return client[0] == 127
        case 16:
            if client.starts(with: mapped) { return client[12] == 127 }
            return client.dropLast().allSatisfy { $0 == 0 } && client[15] == 1
        default: return false
        }
    }
}

extension SPFOpinion {
    init(_ result: SPFResult) {
        switch result {
        case .none: self = .none
        case .neutral: self = .neutral
        case .pass: self = .pass
        case .fail: self = .fail
        case .softfail: self = .softfail
        case .temperror: self = .temperror
        case .permerror: self = .permerror
        }
    }
}

extension SPFLookup {
    init(_ question: DNSQuestion) {
        let kind: Kind =
            switch question.kind {
            case .a: .a
            case .aaaa: .aaaa
            case .mx: .mx
            case .ptr: .ptr
            case .txt: .txt
            }
        self.init(name: question.name, kind: kind)
    }
}

extension DNSReply {
    /// Cuts what would exceed the bounds of a datagram, so that what is left gives the same result: of TXT only what
    /// begins "v=spf1" matters, and a longer record than the bound is refused by the scanner's guard as it is.
    init(_ answer: SPFLookupAnswer, _ kind: DNSQuestion.Kind) {
        switch answer {
        case .notFound: self = .notFound
        case .noData: self = .noData
        case .temporaryFailure: self = .temporaryFailure
        case .records(let records):
            let version = Array("v=spf1".utf8)
            let wanted = records.lazy.filter { record in
                kind != .txt || zip(record, version).allSatisfy { $0 | 0x20 == $1 | 0x20 }
            }
            self = .records(wanted.prefix(Bounds.dnsRecordsMax).map { Array($0.prefix(Bounds.dnsRecordOctetsMax)) })
        }
    }
}
