import DNS
import MailCore
import NIOCore
import Transport

/// Gets one small text over HTTPS (RFC 8461 §3.3): one request, no redirects, nothing kept.
struct STSFetcher: Sendable {
    enum Failure: Error {
        case noAddress
        case refused(String)
    }

    /// §3.3 wants a minute at most for all of it.
    private static let seconds = 20
    private static let headOctetsMax = 16_384

    let resolver: any Resolver
    let loops: EventLoops
    /// A PEM file of authorities that are believed beside the system's.
    var authorities: String?
    var port = 443

    func fetch(_ host: String) async throws -> String {
        guard let address = await resolver.addresses(of: host).elements.first else {
            throw STSFetcher.Failure.noAddress
        }
        let connection = try await ClientConnection.connect(
            host: address.description, port: port, withinSeconds: Self.seconds, on: loops)
        do {
            _ = try await connection.startTLS(
                serverName: host, verification: .full(authorities: authorities), withinSeconds: Self.seconds)
            let request =
                "GET /.well-known/mta-sts.txt HTTP/1.0\r\nHost: \(host)\r\nAccept: text/plain\r\n"
                + "Connection: close\r\n\r\n"
            try await connection.write(ByteBuffer(string: request), withinSeconds: Self.seconds)
            let text = try Self.body(of: try await Self.readAll(connection))
            await connection.close()
            return text
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func readAll(_ connection: ClientConnection) async throws -> [UInt8] {
        var octets: [UInt8] = []
        let deadline = ContinuousClock.now + .seconds(seconds)
        while octets.count <= STSPolicy.octetsMax + headOctetsMax, ContinuousClock.now < deadline {
            do {
                octets += try await connection.read(withinSeconds: seconds).readableBytesView
            } catch ClientConnection.Failure.closed {
                return octets
            }
            if let whole = try? Response(octets), whole.isWhole { return octets }
        }
        throw STSFetcher.Failure.refused("too long")
    }

    private static func body(of octets: [UInt8]) throws -> String {
        let response = try Response(octets)
        // §3.3: redirects are not followed, and anything but 200 is a failure.
        guard response.status == 200 else { throw STSFetcher.Failure.refused("status \(response.status)") }
        guard response.type == "text/plain" else { throw STSFetcher.Failure.refused("type \(response.type)") }
        guard response.body.count <= STSPolicy.octetsMax,
            response.length.map({ $0 <= response.body.count }) ?? true
        else { throw STSFetcher.Failure.refused("its length") }
        return String(decoding: response.body, as: UTF8.self)
    }

    /// What came, as far as it came (RFC 9112 §2.1). A server that is asked in HTTP/1.0 sends no chunks.
    private struct Response {
        var status: Int
        var type = ""
        var length: Int?
        var body: ArraySlice<UInt8>

        var isWhole: Bool { length.map { body.count >= $0 } ?? false }

        init(_ octets: [UInt8]) throws {
            let end: [UInt8] = [13, 10, 13, 10]
            guard octets.count >= 4,
                let blank = (0...(octets.count - 4)).prefix(STSFetcher.headOctetsMax).first(where: { start in
                    octets[start] == 13 && Array(octets[start..<(start + 4)]) == end
                })
            else { throw STSFetcher.Failure.refused("no header") }
            body = octets[(blank + 4)...]
            let lines = String(decoding: octets[..<blank], as: UTF8.self).split(separator: "\r\n")
            let words = (lines.first ?? "").split(separator: " ")
            guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
                throw STSFetcher.Failure.refused("no HTTP")
            }
            self.status = status
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                let value = parts[1].filter { $0 != " " && $0 != "\t" }.lowercased()
                switch parts[0].lowercased() {
                case "content-type": type = String(value.prefix { $0 != ";" })
                case "content-length": length = Int(value)
                case "transfer-encoding": throw STSFetcher.Failure.refused("a transfer coding")
                default: break
                }
            }
        }
    }
}
