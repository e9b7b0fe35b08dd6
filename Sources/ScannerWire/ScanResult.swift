// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later

/// The outcome of one scan.
public enum ScanResult: Equatable, Sendable {
    case clean
    /// With the signature's name.
    case infected(String)
    /// Nothing was found, but not all was looked at.
    case cannotCheck(Obstacle, String)

    /// What stood in the way of a scan.
    public enum Obstacle: UInt8, Equatable, Sendable {
        /// A limit on size, files, depth or time inside libclamav.
        case limit = 1
        case encrypted = 2
        /// libclamav gave an error.
        case engine = 3
        /// The worker was killed: a crash, a resource limit, or from outside.
        case workerDied = 4
        /// The worker was stopped for taking too long.
        case timeLimit = 5
        /// No descriptor came with the request, or it cannot be read.
        case unreadable = 6
    }

    func write(into writer: inout Writer) {
        switch self {
        case .clean: writer.integer(UInt8(0))
        case .infected(let name):
            writer.integer(UInt8(255))
            writer.text(name)
        case .cannotCheck(let obstacle, let detail):
            writer.integer(obstacle.rawValue)
            writer.text(detail)
        }
    }

    init(_ reader: inout Reader) throws(Malformed) {
        switch try reader.integer(UInt8.self) {
        case 0: self = .clean
        case 255: self = .infected(try reader.text())
        case let value:
            guard let obstacle = Obstacle(rawValue: value) else { throw Malformed() }
            self = .cannotCheck(obstacle, try reader.text())
        }
    }
}
