// SPDX-License-Identifier: GPL-2.0-or-later

import Glibc

/// Lines on descriptor 2, which the mail server puts into its log.
enum Log {
    static func line(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }

    /// The words for `errno`.
    static var lastError: String { String(cString: strerror(errno)) }
}
