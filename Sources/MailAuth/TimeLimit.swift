/// A bound on the whole of something that makes several look-ups.
enum TimeLimit {
    /// - Returns: what `work` returned, or nil when it took longer; it is cancelled then, and its end awaited, which a
    ///   `Resolver` makes short.
    static func run<Value: Sendable>(
        milliseconds: Int, _ work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await work() }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(milliseconds))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
