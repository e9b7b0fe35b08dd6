internal import Glibc

enum Clock {
    /// Seconds since 1970-01-01T00:00:00Z.
    static func now() -> Int64 { Int64(time(nil)) }
}
