internal import Glibc

/// A small file beside the index that says how many transactions it has committed: an index that says less is an older
/// one, put back.
///
/// Written after each COMMIT and never synced. After a loss of power it may say less than the index, or nothing that makes
/// sense; both say nothing. It never says more than what is on disk.
///
/// `@unchecked Sendable`: the descriptor is written by the writer's thread alone.
final class CommitMark: @unchecked Sendable {
    private let descriptor: Int32

    /// A disk without room for it does without it.
    init(path: String) { descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// 0 when it says nothing.
    var number: Int64 {
        var words: [Int64] = [0, 0]
        guard descriptor >= 0, pread(descriptor, &words, 16, 0) == 16, words[1] == ~words[0] else { return 0 }
        return max(0, Int64(littleEndian: words[0]))
    }

    func write(_ number: Int64) {
        guard descriptor >= 0 else { return }
        let word = number.littleEndian
        let words = [word, ~word]
        _ = pwrite(descriptor, words, 16, 0)
    }
}
