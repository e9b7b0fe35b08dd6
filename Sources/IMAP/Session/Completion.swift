import NIOCore

/// How a command ended: what stands behind its tag (RFC 3501 §7.1).
public struct Completion: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable {
        case ok = "OK"
        case no = "NO"
        case bad = "BAD"
    }

    public var status: Status
    public var code: ResponseCode?
    /// For people. Empty: the session says "… completed" or "… failed".
    public var text: String

    public init(_ status: Status, _ code: ResponseCode? = nil, _ text: String = "") {
        self.status = status
        self.code = code
        self.text = text
    }

    public static let ok = Completion(.ok)
    public static func ok(_ code: ResponseCode, _ text: String = "") -> Completion { Completion(.ok, code, text) }
    public static func ok(_ text: String) -> Completion { Completion(.ok, nil, text) }
    public static func no(_ code: ResponseCode, _ text: String) -> Completion { Completion(.no, code, text) }
    public static func no(_ text: String) -> Completion { Completion(.no, nil, text) }
    public static func bad(_ text: String) -> Completion { Completion(.bad, nil, text) }

    func write(tag: String, command: String, into output: inout ByteBuffer) {
        let said = text.isEmpty ? command + (status == .ok ? " completed" : " failed") : text
        output.writeStatus(tag, status, code, said)
    }
}
