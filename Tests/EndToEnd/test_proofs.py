"""DANE (RFC 7672) against a signed DNS, and MTA-STS (RFC 8461) against a policy server: who gets mail, and who does not."""
import http.server
import ssl
import tempfile
import threading
import unittest
from pathlib import Path

import signedzone
from certificates import Authority
from dnsserver import DNSServer
from localserve import ServerTestCase, wait_until
from samples import message
from served import Served, listener, may_listen_on_ports_of_root
from smtpsink import SMTPSink


class PolicyServer:
    """Policies of domains, at port 443 of an address of loopback; `asked` are the hosts that were asked."""

    def __init__(self, policies, certificate):
        self.asked = []
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                host = self.headers["Host"]
                asked.append(host)
                policy = policies.get(host.removeprefix("mta-sts."))
                found = policy is not None and self.path == "/.well-known/mta-sts.txt"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/plain")
                self.end_headers()
                if found:
                    self.wfile.write(policy.encode())

            def log_message(self, *arguments):
                pass

        listening = listener(443)
        self.host = listening.getsockname()[0]
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.server.socket.close()
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate)
        self.server.socket = tls.wrap_socket(listening, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def policy(mode, *hosts):
    return "".join(f"{line}\r\n" for line in [
        "version: STSv1", f"mode: {mode}", *(f"mx: {host}" for host in hosts), "max_age: 86400"])


@unittest.skipUnless(signedzone.has_programs(), "nsd, unbound and ldnsutils are wanted")
@unittest.skipUnless(may_listen_on_ports_of_root(), "ports 25 and 443 of some address of loopback are wanted")
class Proofs(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="postino-e2e-proofs-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.folder.chmod(0o755)
        (cls.folder / "zone").mkdir()
        cls.sinks = {}
        cls.records, cls.spoiled = [], {}
        # Nobody's authority but its own: DANE asks for none.
        own = Authority(cls.folder, "Nobody's").issue
        (cls.folder / "trusted").mkdir()
        trusted = Authority(cls.folder / "trusted", "Trusted")

        right, wrong = own("mx.right.example"), own("mx.other.example")
        pin = f"3 1 1 {Authority.fingerprint(right[0])}"
        cls.exchanger("right.example", right, tlsa=pin)
        cls.exchanger("wrong.example", wrong, tlsa=pin)
        cls.exchanger("in-clear.example", None, tlsa=pin)
        cls.exchanger("unpinned.example", wrong)
        cls.exchanger("bogus.example", right, tlsa=pin)
        cls.spoil(cls.sinks["bogus.example"].host, "127.0.0.9")
        cls.exchanger("suppressed.example", wrong, tlsa="3 1 1 " + "ab" * 32)
        cls.spoil("ab" * 32, "ac" * 32)
        # RFC 8461 §2: who has both is held to DANE.
        cls.exchanger("both.example", right, tlsa=pin, sts=True)

        good = trusted.issue("mx.enforced.example", "mx.unnamed.example", "mx.smarthost.example")
        cls.exchanger("enforced.example", good, sts=True)
        cls.exchanger("unnamed.example", good, sts=True)
        cls.exchanger("impostor.example", good, sts=True)
        cls.exchanger("testing.example", wrong, sts=True)
        cls.exchanger("smarthost.example", good)
        cls.exchanger("false-smarthost.example", good)
        policies = {
            "enforced.example": policy("enforce", "mx.enforced.example"),
            "unnamed.example": policy("enforce", "*.mail.unnamed.example"),
            "impostor.example": policy("enforce", "mx.impostor.example"),
            "testing.example": policy("testing", "mx.testing.example"),
            "both.example": policy("enforce", "mx.somebody-else.example")}
        cls.policies = PolicyServer(policies, trusted.issue(*(f"mta-sts.{domain}" for domain in policies)))
        cls.addClassCleanup(cls.policies.close)
        cls.records += [f"mta-sts.{domain}. IN A {cls.policies.host}" for domain in policies]

        cls.zone = signedzone.SignedZone(cls.folder / "zone", cls.records, cls.spoiled)
        cls.addClassCleanup(cls.zone.close)
        cls.server = Served({
            "dns": {"resolver": cls.zone.address, "trust_anchor": str(cls.zone.anchor)},
            "tls": {"authorities": str(trusted.file)},
            "outbound": {"routes": [
                "to=routed.example via=mx.smarthost.example:25 tls=verify",
                "to=misrouted.example via=mx.false-smarthost.example:25 tls=verify"]}}, mailboxes=20)
        cls.addClassCleanup(cls.server.remove)

    @classmethod
    def exchanger(cls, domain, certificate, tlsa=None, sts=False):
        """A domain with one server."""
        sink = SMTPSink(listening=listener(25), certificate=certificate)
        cls.addClassCleanup(sink.close)
        cls.sinks[domain] = sink
        cls.records += [f"{domain}. IN MX 10 mx.{domain}.", f"mx.{domain}. IN A {sink.host}"]
        if tlsa:
            cls.records.append(f"_25._tcp.mx.{domain}. IN TLSA {tlsa}")
        if sts:
            cls.records.append(f'_mta-sts.{domain}. IN TXT "v=STSv1; id=1;"')

    @classmethod
    def spoil(cls, old, new):
        cls.spoiled[old] = new

    def send(self, domain):
        user = self.server.user()
        self.server.submit(user, [f"bob@{domain}"], message(sender=user))
        return user

    def assertSent(self, domain, words, to=None):
        """The server of `domain` gets it, under TLS, and the trace names it with these words behind."""
        user, sink = self.send(to or domain), self.sinks[domain]
        wait_until(lambda: sink.messages, f"the message at {domain}")
        self.assertEqual(sink.encrypted, [True])
        [sent] = wait_until(
            lambda: [row for row in self.server.cli_json("trace", "--address", user) if row["event"] == "sent"],
            "its trace")
        self.assertEqual(sent["detail"], f"250 2.0.0 Ok, by mx.{domain}{words}")

    def assertWaits(self, domain, words, to=None):
        """It is put off, the reason is told, and nothing came to the server, in clear least of all."""
        user = self.send(to or domain)
        [row] = self.server.waiting(user)
        self.assertIn(words, row["lastReply"])
        self.assertTrue(row["lastReply"].startswith("4"), row["lastReply"])
        self.assertIn(words, self.server.cli("trace", "--address", user).stdout)
        self.assertEqual(self.sinks[domain].messages, [])

    def test_status_says_that_dnssec_is_validated(self):
        self.assertEqual(self.server.cli_json("status")["server"]["dnssec"], "validated")

    # DANE

    def test_the_right_key_gets_mail_and_the_trace_says_so(self):
        self.assertSent("right.example", ", proven by DANE")

    def test_another_key_gets_nothing(self):
        self.assertWaits(
            "wrong.example", "TLS with the server failed: its certificate does not prove that it is mx.wrong.example")

    def test_who_offers_no_tls_gets_nothing_when_its_records_promise_it(self):
        self.assertWaits("in-clear.example", "TLS")

    def test_without_records_any_certificate_will_do(self):
        self.assertSent("unpinned.example", "")

    def test_a_bogus_domain_gets_nothing(self):
        self.assertWaits("bogus.example", "4.4.3")

    def test_who_spoils_the_tlsa_records_gets_nothing(self):
        self.assertWaits("suppressed.example", "its TLSA records cannot be looked up")

    def test_dane_goes_before_mta_sts(self):
        self.assertSent("both.example", ", proven by DANE")

    # MTA-STS

    def test_a_server_that_the_policy_names_gets_mail(self):
        self.assertSent("enforced.example", ", proven by its certificate")
        self.assertIn("mta-sts.enforced.example", self.policies.asked)

    def test_a_server_that_the_policy_does_not_name_gets_nothing(self):
        self.assertWaits("unnamed.example", "the domain's MTA-STS policy does not name it")

    def test_a_server_with_the_certificate_of_another_gets_nothing(self):
        self.assertWaits(
            "impostor.example", "4.7.5 TLS with the server failed: its certificate is not for mx.impostor.example")

    def test_in_testing_mode_mail_goes_and_the_failure_is_counted(self):
        before = self.server.counter("postino_tls_failed_total")
        self.assertSent("testing.example", "")
        self.assertGreater(self.server.counter("postino_tls_failed_total"), before)

    # A route with tls=verify

    def test_a_smarthost_with_a_certificate_of_the_houses_authority_gets_mail(self):
        self.assertSent("smarthost.example", ", proven by its certificate", to="routed.example")

    def test_a_smarthost_with_the_certificate_of_another_gets_nothing(self):
        self.assertWaits("false-smarthost.example", "4.7.5 TLS with the server failed", to="misrouted.example")


@unittest.skipUnless(signedzone.has_programs(), "nsd, unbound and ldnsutils are wanted")
class Stripped(unittest.TestCase):
    """A resolver that passes no signatures on, as many do."""

    def test_mail_goes_on_without_dane_and_status_says_so(self):
        dns = DNSServer({"example.org": {"A": ["192.0.2.1"]}, "": {"NS": ["ns.example.org"]}})
        self.addCleanup(dns.close)
        server = Served({
            "dns": {"resolver": dns.address, "trust_anchor": "/usr/share/dns/root.key"}}, mailboxes=1)
        self.addCleanup(server.remove)
        self.assertIn("not validated", server.cli_json("status")["server"]["dnssec"])
        self.assertIn("DANE is off", server.said())


if __name__ == "__main__":
    unittest.main()
