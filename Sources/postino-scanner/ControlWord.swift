// SPDX-License-Identifier: GPL-2.0-or-later

/// What a generation and the root say to each other.
enum ControlWord {
    /// Loaded, and reading requests.
    case ready
    case failed(String)
    /// Read no more requests.
    case retire
    /// No more requests are read.
    case retired
    /// The mail server asked for a reload with this id.
    case reload(UInt32)
    /// Newer signatures could not be loaded, for the status.
    case problem(String)

    var octets: [UInt8] {
        switch self {
        case .ready: [1]
        case .failed(let problem): [2] + problem.utf8.prefix(1_000)
        case .retire: [3]
        case .retired: [4]
        case .problem(let problem): [6] + problem.utf8.prefix(1_000)
        case .reload(let id): [5] + withUnsafeBytes(of: id) { Array($0) }
        }
    }

    init?(_ octets: [UInt8]) {
        switch octets.first {
        case 1: self = .ready
        case 2: self = .failed(String(decoding: octets.dropFirst(), as: UTF8.self))
        case 3: self = .retire
        case 4: self = .retired
        case 5 where octets.count == 5:
            self = .reload(octets.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 1, as: UInt32.self) })
        case 6: self = .problem(String(decoding: octets.dropFirst(), as: UTF8.self))
        default: return nil
        }
    }
}
