import CUnbound

extension Answer {
    /// Copies what libunbound says; its memory is the caller's to free.
    init(error: Int32, result: ub_result?) {
        guard error == 0, let result else {
            self = .temporaryFailure(String(cString: ub_strerror(error)))
            return
        }
        // First: a bogus answer still carries its data.
        if result.bogus != 0 {
            self = .bogus(result.why_bogus.map { String(cString: $0) } ?? "validation failed")
            return
        }
        let isSecure = result.secure != 0
        switch result.rcode {
        case 0 where result.havedata != 0: self = .records(RecordSet(result, isSecure: isSecure))
        case 0: self = .noData(isSecure: isSecure)
        case 3: self = .nameError(isSecure: isSecure)
        default: self = .temporaryFailure(Self.responseCode(result.rcode))
        }
    }

    /// RFC 1035 §4.1.1.
    private static func responseCode(_ code: Int32) -> String {
        switch code {
        case 1: "FORMERR"
        case 2: "SERVFAIL"
        case 4: "NOTIMP"
        case 5: "REFUSED"
        default: "response code \(code)"
        }
    }
}

extension RecordSet {
    fileprivate init(_ result: ub_result, isSecure: Bool) {
        var data: [[UInt8]] = []
        var index = 0
        while let octets = result.data?[index], let length = result.len?[index] {
            data.append(Array(UnsafeRawBufferPointer(start: octets, count: max(0, Int(length)))))
            index += 1
        }
        let name = (result.canonname ?? result.qname).map { String(cString: $0) } ?? ""
        self.init(
            data: data, canonicalName: name.hasSuffix(".") ? String(name.dropLast()) : name,
            ttlSeconds: max(0, Int(result.ttl)), isSecure: isSecure)
    }
}
