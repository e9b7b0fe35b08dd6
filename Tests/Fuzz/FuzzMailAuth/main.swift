// What a stranger writes about who he is: signatures and seals in the header, and records in his DNS.
import DNS
import Execution
import MIME
import MailAuth
import MailCore
import NIOCore

/// Says the same of every name: whatever a stranger likes to publish.
struct FuzzedResolver: Resolver {
    let text: [UInt8]

    func query(_ name: String, _ type: RecordType) async -> Answer {
        guard type == .txt else { return .noData(isSecure: false) }
        let strings = text.prefix(255)
        return .records(
            RecordSet(data: [[UInt8(strings.count)] + strings], canonicalName: name, ttlSeconds: 60, isSecure: false))
    }
}

/// Complete signatures, so that what is added to them is looked at to the end.
let signature = "a=rsa-sha256; d=example.org; s=x; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA; "
let suffixes = PublicSuffixList(Array("org\n*.ck\n!www.ck\nco.uk\n".utf8))
let rewriting = SenderRewriting(domain: "us.example", secrets: [[UInt8](repeating: 7, count: 16)])

/// The octets in three parts behind the first, cut at 0xff: the header, the record, the body.
func examine(_ octets: [UInt8]) async {
    let parts = octets.dropFirst().split(separator: 0xff, maxSplits: 2, omittingEmptySubsequences: false).map(
        Array.init)
    let (header, record, body) = (parts.first ?? [], parts.dropFirst().first ?? [], parts.dropFirst(2).first ?? [])
    var message = ByteBuffer()
    switch (octets.first ?? 0) % 4 {
    case 0: message.writeString("DKIM-Signature: ")
    case 1: message.writeString("DKIM-Signature: v=1; " + signature)
    case 2:
        message.writeString("ARC-Authentication-Results: i=1; a; dmarc=pass\r\nARC-Seal: i=1; cv=none; " + signature)
        message.writeString("\r\nARC-Message-Signature: i=1; " + signature)
    default: break
    }
    message.writeBytes(header)
    message.writeString("\r\nFrom: ann@example.org\r\n\r\n")
    message.writeBytes(body)
    let parsed = Message(parsing: message)
    let resolver = FuzzedResolver(text: record)
    let found = await SignatureVerifier(resolver: resolver).verify(
        parsed.header, body: InMemoryBody(of: parsed), preferring: "example.org", unixSeconds: 1_795_000_000)
    let results = AuthenticationResults.MethodResult.results(of: found.dkim) + [.init(arc: found.arc)]
    _ = AuthenticationResults(authservID: "mx", results: results).field
    _ = AuthenticationResults(parsing: header)?.field
    _ = AuthenticationResults.foreignFields(in: message.readableBytesView, claiming: ["mx"])
    let text = String(decoding: record, as: UTF8.self)
    _ = await DMARCEvaluator(resolver: resolver, suffixes: suffixes)
        .evaluate(fromDomain: text, spf: nil, dkim: found.dkim)
    _ = await SPFEvaluator(resolver: resolver, receiver: "mx").checkHelo("example.org", client: .v4(0))
    let address = EmailAddress(localPart: text, domain: "us.example")
    _ = try? rewriting.original(of: address, unixSeconds: 0)
    _ = rewriting.rewrite(address, unixSeconds: 0)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    let done = Semaphore()
    Task {
        await examine(octets)
        done.signal()
    }
    done.wait()
    return 0
}
