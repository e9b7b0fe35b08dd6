/// What is wrong with a configuration file, and where.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    public var file: String
    /// From 1; 0 when it is about the file as a whole.
    public var line: Int
    /// From 1.
    public var column: Int
    public var problem: String

    public var description: String {
        line == 0 ? "\(file): \(problem)" : "\(file):\(line):\(column): \(problem)"
    }
}
