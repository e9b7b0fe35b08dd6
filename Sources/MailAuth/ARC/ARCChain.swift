/// The three fields of one instance (RFC 8617 §4.2), with their places in the header.
struct ARCSet: Sendable {
    var instance: Int
    var resultsIndex: Int
    /// Of ARC-Authentication-Results, behind `i=`.
    var results: [UInt8]
    var messageIndex: Int
    var message: ARCMessageSignature
    var sealIndex: Int
    var seal: ARCSeal
}

/// The ARC sets of a message, in order, when their form is as it must be.
enum ARCChain: Sendable {
    /// No ARC field at all.
    case none
    case malformed(String)
    /// Instances 1 to n.
    case sets([ARCSet])

    static let resultsName = "ARC-Authentication-Results"

    /// RFC 8617 §5.2, steps 1 to 3 A to C; what needs keys is left out.
    init(_ header: SignedHeader) {
        let results = header.indices(named: Self.resultsName.lowercased())
        let messages = header.indices(named: ARCMessageSignature.fieldName.lowercased())
        let seals = header.indices(named: ARCSeal.fieldName.lowercased())
        guard !(results.isEmpty && messages.isEmpty && seals.isEmpty) else {
            self = .none
            return
        }
        do throws(SignatureFault) {
            guard !header.isCut else { throw .permanent("the header is too long") }
            guard results.count == seals.count, messages.count == seals.count else {
                throw .permanent("a set is not complete")
            }
            guard seals.count <= ARCInstance.max else { throw .permanent("more than \(ARCInstance.max) sets") }
            let sets = try Self.sets(header, results, messages, seals)
            try Self.checkStates(sets)
            self = .sets(sets)
        } catch {
            self = .malformed(error.reason)
        }
    }

    private static func sets(
        _ header: SignedHeader, _ results: [Int], _ messages: [Int], _ seals: [Int]
    ) throws(SignatureFault) -> [ARCSet] {
        var resultsByInstance: [Int: (index: Int, payload: [UInt8])] = [:]
        var messagesByInstance: [Int: (index: Int, signature: ARCMessageSignature)] = [:]
        var sealsByInstance: [Int: (index: Int, seal: ARCSeal)] = [:]
        for index in results {
            let (instance, payload) = try ARCInstance.split(header.field(at: index).value)
            guard resultsByInstance.updateValue((index, Array(payload)), forKey: instance) == nil else {
                throw .permanent("two \(Self.resultsName) of one instance")
            }
        }
        for index in messages {
            let signature = try ARCMessageSignature(TagList(Array(header.field(at: index).value)))
            guard messagesByInstance.updateValue((index, signature), forKey: signature.instance) == nil else {
                throw .permanent("two \(ARCMessageSignature.fieldName) of one instance")
            }
        }
        for index in seals {
            let seal = try ARCSeal(TagList(Array(header.field(at: index).value)))
            guard sealsByInstance.updateValue((index, seal), forKey: seal.instance) == nil else {
                throw .permanent("two \(ARCSeal.fieldName) of one instance")
            }
        }
        var sets: [ARCSet] = []
        for instance in 1...seals.count {
            guard let results = resultsByInstance[instance], let message = messagesByInstance[instance],
                let seal = sealsByInstance[instance]
            else { throw .permanent("the set \(instance) is not complete") }
            sets.append(
                ARCSet(
                    instance: instance, resultsIndex: results.index, results: results.payload,
                    messageIndex: message.index, message: message.signature, sealIndex: seal.index, seal: seal.seal))
        }
        return sets
    }

    /// The first sealer found no chain, each later one a chain that passes; what failed once stays failed.
    private static func checkStates(_ sets: [ARCSet]) throws(SignatureFault) {
        for set in sets {
            switch set.seal.status {
            case .fail: throw .permanent("the sealer of set \(set.instance) found the chain broken")
            case .none where set.instance > 1: throw .permanent("the seal \(set.instance) says that it is the first")
            case .pass where set.instance == 1: throw .permanent("the first seal says that it is not")
            case .none, .pass: continue
            }
        }
    }

    /// The instance that a further set has; nil when the chain takes no more: its last seal says that it is broken, or 50
    /// sets are there (RFC 8617 §5.1).
    static func nextInstance(_ header: SignedHeader) -> Int? {
        var last = 0
        var lastStatus = ARCStatus.none
        for name in [ARCSeal.fieldName, ARCMessageSignature.fieldName] {
            for index in header.indices(named: name.lowercased()) {
                guard let tags = try? TagList(Array(header.field(at: index).value)),
                    let instance = try? ARCInstance.read(tags), instance >= last
                else { continue }
                if instance > last { lastStatus = .none }
                last = instance
                if tags["cv"] == ARCStatus.fail.rawValue { lastStatus = .fail }
            }
        }
        return lastStatus == .fail || last >= ARCInstance.max ? nil : last + 1
    }
}
