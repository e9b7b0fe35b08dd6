// SPDX-License-Identifier: GPL-2.0-or-later

/// The command line. The mail server writes it; a person may, to look at the program.
struct Options {
    var signatures = ""
    /// A folder for this scanner's files alone.
    var temporary = ""
    var workers = 2
    var scanSeconds = 20
    var scanOctets = 104_857_600
    var scanFiles = 2_000
    var scanRecursion = 12
    /// Memory of a worker above what the loaded signatures take.
    var memoryOctets = 1_073_741_824
    /// Temporary files of one worker.
    var temporaryOctets = 536_870_912
    /// How often the signature folder is looked at.
    var checkSeconds = 5

    struct Problem: Error { var text: String }

    static func parse(_ arguments: some Sequence<String>) -> Result<Options, Problem> {
        var options = Options()
        var rest = arguments.makeIterator()
        while let name = rest.next() {
            guard let value = rest.next() else { return .failure(Problem(text: "\(name) needs a value")) }
            if let problem = options.set(name, value) { return .failure(problem) }
        }
        guard !options.signatures.isEmpty, !options.temporary.isEmpty else {
            return .failure(Problem(text: "--signatures and --temporary are needed"))
        }
        return .success(options)
    }

    private static let numbers: [String: (any WritableKeyPath<Options, Int> & Sendable, ClosedRange<Int>)] = [
        "--workers": (\.workers, 1...256),
        "--scan-seconds": (\.scanSeconds, 1...3_600),
        "--scan-octets": (\.scanOctets, 1_024...2_147_483_647),
        "--scan-files": (\.scanFiles, 1...1_000_000),
        "--scan-recursion": (\.scanRecursion, 1...100),
        "--memory-octets": (\.memoryOctets, 67_108_864...68_719_476_736),
        "--temporary-octets": (\.temporaryOctets, 1_048_576...68_719_476_736),
        "--check-seconds": (\.checkSeconds, 1...86_400),
    ]

    private mutating func set(_ name: String, _ value: String) -> Problem? {
        switch name {
        case "--signatures": signatures = value
        case "--temporary": temporary = value
        default:
            guard let (path, range) = Self.numbers[name] else { return Problem(text: "unknown option \(name)") }
            guard let number = Int(value), range.contains(number) else {
                return Problem(text: "\(name) takes a number from \(range.lowerBound) to \(range.upperBound)")
            }
            self[keyPath: path] = number
        }
        return nil
    }
}
