import DNS
import MailCore
import MessageStore
import NIOCore
import SMTP
import Transport

extension Runner {
    /// One place to connect to.
    struct Target: Sendable {
        var host: String
        var address: String
        var port: Int
    }

    /// Sends to one destination over one connection at a time, one message behind the other.
    func send(_ consignments: [Consignment], to destination: String) async {
        var rest = consignments[...]
        switch await targets(of: destination) {
        case .failure(let result):
            for consignment in rest { await record(consignment.recipients.map { _ in result }, of: consignment) }
            return
        case .success(let targets):
            var last = RecipientResult.temporary(Reply(451, "4.4.1", "No mail server of \(destination) could be reached"))
            for target in targets where !rest.isEmpty && !Task.isCancelled {
                last = await send(&rest, over: target) ?? last
            }
            for consignment in rest { await record(consignment.recipients.map { _ in last }, of: consignment) }
        }
    }

    /// Takes from `rest` what was settled.
    ///
    /// - Returns: why no more could be done here, to be told if no other server helps; nil when all is settled.
    private func send(_ rest: inout ArraySlice<Consignment>, over target: Target) async -> RecipientResult? {
        var policy = ClientConfiguration.TLSPolicy.opportunistic
        while true {
            do {
                let courier = try await Courier.open(target, hostname: options.hostname, policy: policy, on: loops)
                let reason = await send(&rest, with: courier)
                await courier.close()
                return reason
            } catch Courier.Failure.handshake where policy == .opportunistic {
                // RFC 7435: better in clear than not at all, where nobody asked for more.
                policy = .never
            } catch {
                return error.result
            }
        }
    }

    private func send(_ rest: inout ArraySlice<Consignment>, with courier: Courier) async -> RecipientResult? {
        while let consignment = rest.first {
            let store = store
            do {
                let results = try await courier.deliver(consignment) { (range) async throws in
                    try await store.octets(of: consignment.body, range: range)
                }
                rest.removeFirst()
                await record(results, of: consignment)
            } catch Courier.Failure.session(let failure) {
                return failure.result
            } catch {
                return .temporary(Reply(451, "4.3.0", "The message could not be read or sent"))
            }
        }
        return nil
    }

    private enum Targets {
        case success([Target])
        case failure(RecipientResult)
    }

    private func targets(of destination: String) async -> Targets {
        switch options.route {
        case .captured: return .success([])
        case .relayed(let host, let port): return await addresses(of: [host], port: port, destination)
        case .exchangers:
            // RFC 5321 §4.1.3: an address literal names its server itself.
            if destination.hasPrefix("[") { return literal(destination) }
            switch await resolver.mailExchangers(of: destination) {
            case .hosts(let exchangers, _):
                // RFC 5321 §5.1: those that are no better than ourselves would bring the message back.
                let own = exchangers.first { $0.host.lowercased() == options.hostname.lowercased() }
                let usable = exchangers.filter { $0.preference < own?.preference ?? .max }
                if usable.isEmpty {
                    return .failure(.permanent(Reply(554, "5.4.6", "Mail for \(destination) loops back to this server")))
                }
                return await addresses(of: usable.prefix(8).map(\.host), port: options.exchangerPort, destination)
            case .none: return await addresses(of: [destination], port: options.exchangerPort, destination)
            case .nullMX: return .failure(.permanent(Reply(556, "5.1.10", "The domain \(destination) takes no mail")))
            case .nameError: return .failure(.permanent(Reply(550, "5.1.2", "The domain \(destination) does not exist")))
            case .temporaryFailure(let why):
                return .failure(.temporary(Reply(451, "4.4.3", "The domain \(destination) could not be looked up: \(why)")))
            }
        }
    }

    private func literal(_ destination: String) -> Targets {
        var text = destination.dropFirst().dropLast()
        if text.lowercased().hasPrefix("ipv6:") { text = text.dropFirst(5) }
        guard let address = IPAddress(text) else {
            return .failure(.permanent(Reply(550, "5.1.2", "\(destination) is no address")))
        }
        let target = Target(host: address.description, address: address.description, port: options.exchangerPort)
        return .success([target])
    }

    private func addresses(of hosts: [String], port: Int, _ destination: String) async -> Targets {
        var targets: [Target] = []
        var failures: [String] = []
        for host in hosts {
            if let address = IPAddress(host) {
                targets.append(Target(host: host, address: address.description, port: port))
                continue
            }
            switch await resolver.addresses(of: host) {
            case .found(let found, _):
                targets += found.prefix(4).map { Target(host: host, address: $0.description, port: port) }
            case .temporaryFailure(let why): failures.append("\(host): \(why)")
            case .noData, .nameError: continue
            }
        }
        if !targets.isEmpty { return .success(targets) }
        if let failure = failures.first {
            return .failure(.temporary(Reply(451, "4.4.3", "No address of a mail server could be looked up: \(failure)")))
        }
        return .failure(.permanent(Reply(550, "5.4.4", "No mail server of \(destination) has an address")))
    }
}
