import CCrypt
import Glibc

/// The hash of a password in the form of crypt(5), "$id$setting$salt$hash": what is stored of it.
///
/// No description or dump shows it, since it can be attacked at leisure by whoever reads it.
public struct PasswordHash: RawRepresentable, Hashable, Sendable {
    public var rawValue: String

    /// Takes what the store holds; `isSupported` tells whether anything can be verified against it.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// What making and verifying one hash costs us, and whoever tries to guess.
    public enum Cost: Sendable {
        /// yescrypt with libxcrypt's default ("$y$j9T$"): about 20 ms and 16 MiB on a core of today.
        case standard
        /// SHA-512-crypt with 1,000 rounds: under a millisecond, for trials with thousands of mailboxes. Weak.
        case lab
    }

    public enum Failure: Error, Equatable, Sendable {
        /// Empty, above 511 octets (crypt(3)), or with a NUL, behind which crypt would see nothing.
        case unusablePassword
        /// libcrypt refused; the system is short of memory or without randomness.
        case library(errno: Int32)
    }

    /// In octets of UTF-8: what crypt(3) takes.
    public static let passwordOctetsMax = Int(CRYPT_MAX_PASSPHRASE_SIZE) - 1

    /// Makes a hash with a fresh salt. Takes as long as `cost` says: not for an event loop.
    public static func create(_ password: String, cost: Cost = .standard) throws(Failure) -> PasswordHash {
        guard isUsable(password), !password.isEmpty else { throw .unusablePassword }
        guard let hash = compute(password, setting: try freshSetting(cost)) else { throw .library(errno: errno) }
        return PasswordHash(rawValue: hash)
    }

    /// Is this the password? Takes as long as the hash's own setting says: not for an event loop.
    ///
    /// Understands what libxcrypt does with a "$" in front: yescrypt, bcrypt, SHA-512, SHA-256 and MD5 among them.
    public func verify(_ password: String) -> Bool {
        guard isSupported, Self.isUsable(password), let hash = Self.compute(password, setting: rawValue) else {
            return false
        }
        return ConstantTime.isEqual(Array(hash.utf8), Array(rawValue.utf8))
    }

    /// Takes the time of a `verify` and says nothing: for a login name that does not exist, so that a stranger cannot
    /// tell it from one that does.
    public static func verifyDummy(_ password: String, cost: Cost = .standard) {
        _ = dummy(cost).verify(isUsable(password) ? password : "x")
    }

    /// Can this hash be verified at all? False for traditional DES, and for the "!" and "*" of locked accounts.
    public var isSupported: Bool {
        guard rawValue.utf8.first == UInt8(ascii: "$"), !rawValue.utf8.contains(0) else { return false }
        let verdict = crypt_checksalt(rawValue)
        return verdict == CRYPT_SALT_OK || verdict == CRYPT_SALT_METHOD_LEGACY
    }
}

extension PasswordHash: CustomStringConvertible, CustomReflectable {
    /// The method alone: "$y$".
    public var description: String {
        "$" + (rawValue.split(separator: "$", maxSplits: 1).first ?? "") + "$"
    }

    public var customMirror: Mirror { Mirror(self, children: ["method": description]) }
}

extension PasswordHash {
    private static func isUsable(_ password: String) -> Bool {
        password.utf8.count <= passwordOctetsMax && !password.utf8.contains(0)
    }

    private static func freshSetting(_ cost: Cost) throws(Failure) -> String {
        let (prefix, count): (String, UInt) =
            switch cost {
            case .standard: ("$y$", 0)  // 0 is the method's default.
            case .lab: ("$6$", 1_000)
            }
        // Without octets of ours libcrypt takes its salt from the kernel.
        guard let setting = crypt_gensalt_ra(prefix, count, nil, 0) else { throw .library(errno: errno) }
        defer { free(setting) }
        return String(cString: setting)
    }

    private static func compute(_ password: String, setting: String) -> String? {
        var scratch: UnsafeMutableRawPointer?
        var size: Int32 = 0
        defer {
            if let scratch {
                // It held the password.
                explicit_bzero(scratch, Int(size))
                free(scratch)
            }
        }
        guard let hash = crypt_ra(password, setting, &scratch, &size) else { return nil }
        return String(cString: hash)
    }

    /// Hashes of nothing that anybody knows, with the settings that `create` uses.
    private static func dummy(_ cost: Cost) -> PasswordHash {
        switch cost {
        case .standard:
            PasswordHash(rawValue: "$y$j9T$bgkdly/AqALbp0KwNHeX40$UISSnJkv25ToodZNOmb9NPX5GSE65MsYDqUVLbttp95")
        case .lab:
            PasswordHash(
                rawValue: "$6$rounds=1000$mwx2JeWiBLI4zqkS$"
                    + "gEB07hc/oz/xnoaxIhfBtQRkk/vOC0CspPTuF7O9PYZw0.voRlGRRd5rDdWjcS0vsePAh.8ei1D9euOcN0F8P0")
        }
    }
}
