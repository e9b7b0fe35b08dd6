import CUnbound
import Glibc

/// Owns a `ub_ctx`. Only the resolver's thread touches it after it was made; it is freed with its last reference.
final class UnboundContext {
    let pointer: OpaquePointer

    init(_ configuration: UnboundConfiguration) throws(ResolverError) {
        guard let context = ub_ctx_create() else {
            throw ResolverError(operation: "ub_ctx_create", reason: "no memory")
        }
        pointer = context
        try configure(configuration)
    }

    deinit {
        ub_ctx_delete(pointer)
    }

    private func configure(_ configuration: UnboundConfiguration) throws(ResolverError) {
        ub_ctx_debugout(pointer, nil)
        // Threads, never 0: that would fork this process, threads, sockets and all.
        try check("ub_ctx_async", ub_ctx_async(pointer, 1))
        // Resolvers on 127.0.0.1 are common.
        try set("do-not-query-localhost:", "no")
        // A resolver that was silent for a while is asked again, not given up for minutes.
        try set("infra-keep-probing:", "yes")
        // Whoever publishes a record and asks again wants it seen; the default is an hour.
        try set("cache-max-negative-ttl:", "60")
        try set("msg-cache-size:", "8m")
        try set("rrset-cache-size:", "16m")
        if let file = configuration.rootHintsFile { try set("root-hints:", file) }
        // The resolver of a site knows the names of its private networks.
        if configuration.source != .authorities { try set("unblock-lan-zones:", "yes") }
        switch configuration.source {
        case .authorities: break
        case .resolver(let host, let port):
            try check("forward to \(host)@\(port)", ub_ctx_set_fwd(pointer, "\(host)@\(port)"))
        case .resolversOf(let file): try check("read \(file)", ub_ctx_resolvconf(pointer, file))
        }
        for stub in configuration.stubs {
            let zone = DomainName.masterFileText(stub.zone)
            try check("stub \(zone)", ub_ctx_set_stub(pointer, zone, "\(stub.host)@\(stub.port)", 0))
        }
        if let file = configuration.trustAnchorFile {
            // libunbound reads the file only at the first look-up, and then fails every one.
            guard access(file, R_OK) == 0 else {
                throw ResolverError(operation: "read \(file)", reason: String(cString: strerror(errno)))
            }
            try check("read \(file)", ub_ctx_add_ta_file(pointer, file))
        }
        // Finalises the context: nothing above may come after it. Without it "test." is NXDOMAIN unasked.
        try check("zone test.", ub_ctx_zone_add(pointer, "test.", "transparent"))
        guard configuration.source != .authorities else { return }
        // Removed whole: "transparent" would still answer from the records that libunbound put in them.
        for zone in Self.answeredByResolver { try check("zone \(zone)", ub_ctx_zone_remove(pointer, zone)) }
    }

    /// Zones that libunbound answers by itself, and a configured resolver may know better.
    private static let answeredByResolver = [
        "127.in-addr.arpa.", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.", "home.arpa.",
    ]

    private func set(_ option: String, _ value: String) throws(ResolverError) {
        try check("\(option) \(value)", ub_ctx_set_option(pointer, option, value))
    }

    private func check(_ operation: String, _ code: Int32) throws(ResolverError) {
        guard code != 0 else { return }
        throw ResolverError(operation: operation, reason: String(cString: ub_strerror(code)))
    }
}
