/// Sends nothing: every look-up is a temporary failure at once. For trying out on a machine without DNS.
public struct DisabledResolver: Resolver {
    public init() {}

    public func query(_ name: String, _ type: RecordType) async -> Answer {
        .temporaryFailure("no resolver is configured")
    }
}
