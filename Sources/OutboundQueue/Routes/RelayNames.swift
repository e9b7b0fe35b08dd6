import Execution
import Glibc
import MailCore

/// The addresses of the relay's name as the system knows them: /etc/hosts, then what the system itself asks.
actor RelayNames {
    private static let keptSeconds = 60

    private let files: BlockingPool
    private var known: [String: (addresses: [String], until: ContinuousClock.Instant)] = [:]

    init(files: BlockingPool) { self.files = files }

    /// In the order in which they are to be tried; an address is its own. None when the name is unknown.
    func addresses(of host: String) async -> [String] {
        if let address = IPAddress(host) { return [address.description] }
        if let kept = known[host], kept.until > .now { return kept.addresses }
        let found = (try? await files.run(priority: .bulk) { Self.lookUp(host) }) ?? []
        if !found.isEmpty { known[host] = (found, .now + .seconds(Self.keptSeconds)) }
        return found
    }

    /// Blocks while the system asks.
    private static func lookUp(_ host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next, found.count < 4 {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let status = getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // An address with a zone is of this machine's links only, and not for us.
            if status == 0, let address = IPAddress(address)?.description, !found.contains(address) {
                found.append(address)
            }
            next = entry.pointee.ai_next
        }
        return found
    }
}
