"""What the DNS says of a sender: SPF, the sender's domain, and Authentication-Results."""
import re
import unittest

from dnsserver import DNSServer
from localserve import ServerTestCase
from samples import message

ZONE = {
    "refusing.example.net": {"TXT": ["v=spf1 -all"], "MX": ["10 mx.refusing.example.net"]},
    "passing.example.net": {"TXT": ["some other text", "v=spf1 ip4:127.0.0.0/8 -all"], "A": ["192.0.2.1"]},
    "soft.example.net": {"TXT": ["v=spf1 include:_spf.soft.example.net ~all"], "A": ["192.0.2.1"]},
    "_spf.soft.example.net": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]},
    "broken.example.net": {"TXT": ["v=spf1 ip4:not-an-address -all"], "A": ["192.0.2.1"]},
    "silent.example.net": {"A": ["192.0.2.1"]},
    "null.example.net": {"MX": ["0 ."], "A": ["192.0.2.1"]},
    "mx.refusing.example.net": {"A": ["192.0.2.1"]},
    "1.0.0.127.in-addr.arpa": {"PTR": ["client.example.org"]},
    "client.example.org": {"A": ["127.0.0.1"]},
}


def results(stored):
    """Our Authentication-Results, unfolded."""
    header = stored.partition(b"\r\n\r\n")[0].decode()
    return re.search(r"(?m)^Authentication-Results: ([^\r]*(?:\r\n[ \t][^\r]*)*)", header)[1].replace("\r\n", " ")


class WithDNS(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        cls.dns = DNSServer(ZONE, failing=["failing.example.net"])
        cls.addClassCleanup(cls.dns.close)
        cls.options = ("--dns", cls.dns.address)
        super().setUpClass()

    def test_spf_is_judged_and_said(self):
        # Clients on loopback are judged like all others.
        for name, expected in [("refusing", "fail"), ("passing", "pass"), ("soft", "softfail"),
                               ("broken", "permerror"), ("silent", "none"), ("failing", "temperror")]:
            with self.subTest(name):
                user, sent, sender = self.server.user(), message(), f"ann@{name}.example.net"
                code, text = self.server.deliver(sent, user, sender)
                self.assertEqual(code, 250, text)
                said = results(self.assertOneDelivered(user, sent))
                self.assertTrue(said.startswith(f"mail.{self.server.domain};"), said)
                self.assertIn(f"spf={expected}", said)
                self.assertIn(f"smtp.mailfrom={sender}", said)

    def test_reverse_name_is_confirmed(self):
        user, sent = self.server.user(), message()
        self.server.deliver(sent, user, "ann@passing.example.net")
        self.assertIn("iprev=pass", results(self.assertOneDelivered(user, sent)))

    def test_a_domain_that_cannot_get_answers_is_refused(self):
        user = self.server.user()
        code, text = self.server.deliver(message(), user, "ann@missing.example.net")
        self.assertEqual((code, text[:5]), (550, "5.1.8"))
        code, text = self.server.deliver(message(), user, "ann@null.example.net")
        self.assertEqual((code, text[:6]), (550, "5.7.27"))
        self.assertEqual(self.server.messages(user), [])

    def test_forged_results_are_removed(self):
        user = self.server.user()
        forged = f"Authentication-Results: mail.{self.server.domain}; spf=pass smtp.mailfrom=forged.example\n"
        other = "Authentication-Results: mx.elsewhere.example; spf=pass smtp.mailfrom=forged.example\n"
        self.server.deliver(message(fields=forged + other), user, "ann@refusing.example.net")
        [stored] = self.server.messages(user)
        self.assertEqual(stored.count(b"Authentication-Results: mail."), 1)
        self.assertIn(b"spf=fail", stored)
        self.assertIn(b"mx.elsewhere.example", stored)


class WithoutDNS(ServerTestCase):
    def test_no_query_is_sent_and_spf_is_a_temporary_error(self):
        user, sent = self.server.user(), message()
        code, text = self.server.deliver(sent, user, "ann@refusing.example.net")
        self.assertEqual(code, 250, text)
        self.assertIn("spf=temperror", results(self.assertOneDelivered(user, sent)))


if __name__ == "__main__":
    unittest.main()
