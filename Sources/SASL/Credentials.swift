/// What a client showed to say who it is. Nothing in it has been verified.
///
/// No description, dump or interpolation of it shows the password.
public struct Credentials: Equatable, Sendable {
    /// Whom the client wants to act as (RFC 4422 §3.4.1); nil when it is whom it authenticates as.
    public var authorizationIdentity: String?
    /// The login name: 1 to 255 octets of UTF-8 without NUL when it came by a mechanism.
    public var authenticationIdentity: String
    /// 1 to 1,000 octets of UTF-8 without NUL when it came by a mechanism.
    public var password: String

    public init(authorizationIdentity: String? = nil, authenticationIdentity: String, password: String) {
        self.authorizationIdentity = authorizationIdentity
        self.authenticationIdentity = authenticationIdentity
        self.password = password
    }

    /// In octets; RFC 4616 §2 wants 255 taken.
    public static let identityOctetsMax = 255
    /// In octets; RFC 4616 §2 wants 255 taken.
    public static let passwordOctetsMax = 1_000
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        if let authorizationIdentity {
            "\(authenticationIdentity) as \(authorizationIdentity)"
        } else {
            authenticationIdentity
        }
    }

    public var debugDescription: String { "Credentials(\(description))" }

    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "authorizationIdentity": authorizationIdentity as Any, "authenticationIdentity": authenticationIdentity,
            ])
    }
}

extension Credentials {
    /// The text of a name or password: UTF-8 without NUL, 1 to `octetsMax` octets.
    static func text(_ octets: ArraySlice<UInt8>, octetsMax: Int) -> String? {
        guard (1...octetsMax).contains(octets.count), !octets.contains(0) else { return nil }
        return String(validating: octets, as: UTF8.self)
    }
}
