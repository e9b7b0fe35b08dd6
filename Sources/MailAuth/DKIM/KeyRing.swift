import DNS

/// What the DNS says of all keys that one message names: each is asked for once.
struct KeyRing: Sendable {
    /// Records tried of one name; RFC 6376 §3.6.2.2 wants one, and §6.1.2 lets us choose.
    static let recordsMax = 3

    private var answers: [KeyName: Lookup<[UInt8]>] = [:]

    /// Asks for all side by side.
    ///
    /// - Parameter millisecondsMax: for all together; what takes longer is a temporary failure.
    init(of names: Set<KeyName>, _ resolver: any Resolver, millisecondsMax: Int) async {
        guard !names.isEmpty else { return }
        answers = await withTaskGroup(of: (KeyName, Lookup<[UInt8]>)?.self) { group in
            for name in names { group.addTask { (name, await resolver.texts(of: name.recordName)) } }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(millisecondsMax))
                return nil
            }
            var answers = Dictionary(
                uniqueKeysWithValues: names.map {
                    ($0, Lookup<[UInt8]>.temporaryFailure("no answer within \(millisecondsMax) ms"))
                })
            for _ in names {
                guard let answer = await group.next() ?? nil else { break }
                answers[answer.0] = answer.1
            }
            group.cancelAll()
            return answers
        }
    }

    /// RFC 6376 §6.1.2. At least one and at most `recordsMax`.
    func records(of name: KeyName) throws(SignatureFault) -> [[UInt8]] {
        switch answers[name] ?? .nameError {
        case .found(let texts, _): return Array(texts.prefix(Self.recordsMax))
        case .noData, .nameError: throw .permanent("there is no key \(name.recordName)")
        case .temporaryFailure(let why): throw .temporary("the key \(name.recordName): \(why)")
        }
    }
}
