import DNS
import MIME
import MailCore
import MessageStore
import NIOCore
import Synchronization
import Testing

@testable import OutboundQueue

@Suite("Reports of TLS", .timeLimit(.minutes(1))) struct TLSReportTests {
    @Test(
        "RFC 8460 §3: where a domain wants its reports; only mail counts",
        arguments: [
            ("v=TLSRPTv1; rua=mailto:a@b.test", ["a@b.test"]),
            (
                "v=TLSRPTv1;rua=mailto:a%2Bc@b.test?subject=x,https://b.test/x,MAILTO:d@e.test",
                ["a+c@b.test", "d@e.test"]
            ),
            ("v=TLSRPTv1; rua=mailto:nobody", []), ("v=TLSRPTv1", []), ("v=TLSRPTv2; rua=mailto:a@b.test", nil),
            ("", nil),
        ] as [(String, [String]?)])
    func readsRecord(record: String, addresses: [String]?) {
        #expect(TLSReport.addresses(record)?.map { "\($0)" } == addresses)
    }

    @Test("RFC 8460 §4.4: a report has the day, the policies, and what failed")
    func writes() {
        let results = [("sts", "success", 5), ("sts", "validation-failure", 2), ("tlsa", "success", 1)].map {
            (result: TLSResult(day: 20_000, domain: "a.test", policy: $0.0, result: $0.1), count: $0.2)
        }
        let text = "version: STSv1\r\nmode: enforce\r\nmx: *.a.test\r\nmax_age: 9\r\n"
        let report = TLSReport(
            hostname: "mail.here.test", contact: EmailAddress(localPart: "postmaster", domain: "here.test"),
            domain: "a.test", day: 20_000, identifier: "20000.x", results: results,
            policy: STSPolicy(text).map { ($0, text) })
        #expect(
            report.json == """
                {"organization-name":"mail.here.test","date-range":{"start-datetime":"2024-10-04T00:00:00Z",\
                "end-datetime":"2024-10-04T23:59:59Z"},"contact-info":"postmaster@here.test","report-id":"20000.x",\
                "policies":[{"policy":{"policy-type":"sts",\
                "policy-string":["version: STSv1","mode: enforce","mx: *.a.test","max_age: 9"],\
                "mx-host":["*.a.test"],"policy-domain":"a.test"},\
                "summary":{"total-successful-session-count":5,"total-failure-session-count":2},\
                "failure-details":[{"result-type":"validation-failure","failed-session-count":2}]},\
                {"policy":{"policy-type":"tlsa","policy-domain":"a.test"},\
                "summary":{"total-successful-session-count":1,"total-failure-session-count":0},"failure-details":[]}]}
                """)
        let message = MIME.Message(parsing: report.message(to: report.contact, writtenAt: 1_800_000_000))
        #expect(message.root.contentType.parameters["report-type"] == "tlsrpt" && message.root.children.count == 2)
        let file = message.root.children[1]
        #expect(file.contentType.subtype == "tlsrpt+gzip")
        #expect(file.fileName == "mail.here.test!a.test!1728000000!1728086399!20000.x.json.gz")
        #expect(Array(file.decodedBody().readableBytesView.prefix(2)) == [0x1f, 0x8b])
        #expect(message.header.text("TLS-Required") == "No" && message.header.text("TLS-Report-Domain") == "a.test")
    }

    @Test("A day is reported once, to the domains that want it, and not when it is switched off")
    func reports() async throws {
        try await Bed.with { bed in
            let zone = StaticResolver(["_smtp._tls.a.test": [.txt("v=TLSRPTv1; rua=mailto:tls@a.test")]])
            func result(_ domain: String) -> TLSResult {
                TLSResult(day: bed.time / 86_400 - 1, domain: domain, policy: "sts", result: "success")
            }
            try await bed.store.countTLSResults([result("a.test"): 3, result("b.test"): 1])
            for _ in 0..<2 {
                let runner = bed.runner(resolver: zone) { $0.reportsTLS = true }
                await runner.reportTLS(of: bed.time / 86_400 - 1)
                await runner.stop(withinSeconds: 1)
            }
            #expect(bed.notices.all.withLock { $0.map { "\($0.recipient)" } } == ["tls@a.test"])
            let silent = bed.runner(resolver: zone)
            await silent.beginTLSReports()
            #expect(await silent.reporting == nil)
        }
    }
}
