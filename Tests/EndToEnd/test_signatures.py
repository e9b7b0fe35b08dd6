"""DKIM and ARC against dkimpy and OpenDKIM, in both directions, and what DMARC makes of them."""
import re
import tempfile
import time
import unittest
from pathlib import Path

from dnsserver import DNSServer
from localserve import ServerTestCase
from samples import difficult, message, multipart

try:
    import authres  # noqa: F401  (dkimpy seals with it)
    import dkim
    import nacl  # noqa: F401  (and makes Ed25519 with this)

    import signers
except ImportError as error:
    raise unittest.SkipTest(f"python3-dkim, python3-nacl and python3-authres are needed: {error}") from error

DOMAIN = "example.net"
CANONICAL = ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"]


def results(stored):
    """Our Authentication-Results, unfolded."""
    header = stored.partition(b"\r\n\r\n")[0].decode()
    found = re.search(r"(?m)^Authentication-Results: (mail\.[^\r]*(?:\r\n[ \t][^\r]*)*)", header)
    return re.sub(r"\r\n[ \t]+", " ", found[1])


def from_author(octets, domain=DOMAIN):
    return octets.replace(b"ann@example.org", f"ann@{domain}".encode(), 1)


def without_final_line_end(octets):
    return octets.rstrip(b"\r\n")


SAMPLES = {
    "plain": message(),
    "difficult": difficult(),
    "multipart": multipart(),
    "no body": message(body=""),
    "empty lines": message(body="\n\n\n"),
    "blanks": message("Two  blanks \t here ", body="  indented\n\ttab \t\ntrailing  \n\n \n"),
    "no end": without_final_line_end(message(body="no line end")),
    "repeated": message(fields="Received: from a by b\nReceived: from c by d\nX-A:\nX-A: 2\n"),
}


class Theirs(ServerTestCase):
    """Signatures that others made, at the running server."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="postino-keys-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.keys = [signers.Key(cls.folder, kind, DOMAIN, kind) for kind in ("rsa", "ed25519")]
        zone = {key.name: {"TXT": [key.text]} for key in cls.keys}
        for name in [DOMAIN, "reject.example", "quarantine.example"]:
            zone[name] = {"A": ["192.0.2.1"]}
        for policy in ["reject", "quarantine"]:
            zone[f"_dmarc.{policy}.example"] = {"TXT": [f"v=DMARC1; p={policy}"]}
        zone[f"_dmarc.{DOMAIN}"] = {"TXT": ["v=DMARC1; p=reject"]}
        cls.dns = DNSServer(zone)
        cls.addClassCleanup(cls.dns.close)
        cls.options = ("--dns", cls.dns.address)
        super().setUpClass()

    def said(self, octets, mailbox="INBOX"):
        user = self.server.user()
        code, text = self.server.deliver(octets, user, f"ann@{DOMAIN}")
        self.assertEqual(code, 250, text)
        [stored] = self.server.messages(user, mailbox)
        return results(stored)

    def assertVerified(self, signed):
        said = self.said(signed)
        self.assertIn(f"dkim=pass header.d={DOMAIN}", said)
        self.assertIn("dmarc=pass", said)
        changed = signed.replace(b"\r\nSubject: ", b"\r\nSubject: x", 1)
        user = self.server.user()
        code, text = self.server.deliver(changed, user, f"ann@{DOMAIN}")
        self.assertEqual((code, text[:5]), (550, "5.7.1"))

    def test_dkimpy_signs(self):
        for key in self.keys:
            for canonical in CANONICAL:
                with self.subTest(key.kind, canonical=canonical):
                    self.assertVerified(
                        signers.dkimpy_sign(from_author(SAMPLES["blanks"]), key, canonical))

    def test_opendkim_signs(self):
        for key in self.keys:
            # What OpenDKIM 2.11 makes with Ed25519 and a simple header not even itself can verify.
            for canonical in [name for name in CANONICAL if key.kind == "rsa" or name.startswith("relaxed")]:
                with self.subTest(key.kind, canonical=canonical):
                    self.assertVerified(
                        signers.opendkim_sign(self.folder, from_author(SAMPLES["blanks"]), key, canonical))

    def test_dkimpy_seals(self):
        found = f"Authentication-Results: mx.{DOMAIN}; arc=none; spf=pass smtp.mailfrom=a@b.example\n"
        octets = from_author(message(fields=found))
        signed = signers.dkimpy_sign(octets, self.keys[0], "relaxed/relaxed")
        fields = dkim.arc_sign(
            signed, b"rsa", DOMAIN.encode(), self.keys[0].private, f"mx.{DOMAIN}".encode(),
            include_headers=[b"from", b"to", b"subject"])
        sealed = b"".join(fields) + signed
        self.assertIn("arc=pass", self.said(sealed))
        self.assertIn("arc=fail", self.said(sealed.replace(b"smtp.mailfrom=a@", b"smtp.mailfrom=b@", 1)))

    def test_dmarc_is_acted_upon(self):
        user = self.server.user()
        code, text = self.server.deliver(from_author(message(), "reject.example"), user, f"ann@{DOMAIN}")
        self.assertEqual((code, text), (550, "5.7.1 Rejected by the DMARC policy of reject.example"))
        self.assertEqual(self.server.messages(user), [])
        said = self.said(from_author(message(), "quarantine.example"), "Junk")
        self.assertIn("dmarc=fail", said)
        self.assertIn("policy.applied-disposition=quarantine", said)

    def test_a_large_message_is_verified_from_its_file(self):
        octets = from_author(message(body="0123456789 abcdef\n" * 120_000))
        signed = signers.dkimpy_sign(octets, self.keys[0], "relaxed/relaxed")
        self.assertIn("dkim=pass", self.said(signed))

    def test_sixty_bad_signatures_cost_little(self):
        fields = "".join(
            f"DKIM-Signature: v=1; a=rsa-sha256; d=d{number}.example.net; s=s; h=from; b=AAAA;\n"
            " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" for number in range(60))
        before, started = len(self.dns.asked), time.monotonic()
        said = self.said(message(fields=fields))
        self.assertLess(time.monotonic() - started, 10)
        self.assertLessEqual(len(self.dns.asked) - before, 25)
        self.assertEqual(said.count("dkim=permerror"), 10)


class Ours(unittest.TestCase):
    """Signatures that we make, verified by others."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="postino-keys-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.keys = [signers.Key(cls.folder, kind, DOMAIN, kind) for kind in ("rsa", "ed25519")]

    def test_signatures_are_verified_by_both(self):
        for title, octets in SAMPLES.items():
            for key in self.keys:
                with self.subTest(title, kind=key.kind):
                    signed = signers.sign_mail(octets, "dkim", DOMAIN, key.selector, key.file)
                    changed = signed.replace(b"\r\nSubject: ", b"\r\nSubject: x", 1)
                    self.assertTrue(signers.dkimpy_verify(signed, self.keys))
                    self.assertFalse(signers.dkimpy_verify(changed, self.keys))
                    if not octets.endswith(b"\n"):
                        continue  # opendkim -t reads no such file.
                    self.assertTrue(signers.opendkim_verify(self.folder, signed, self.keys))
                    self.assertFalse(signers.opendkim_verify(self.folder, changed, self.keys))

    def test_two_signatures_on_one_message(self):
        rsa, ed25519 = self.keys
        signed = signers.sign_mail(
            SAMPLES["multipart"], "dkim", DOMAIN, rsa.selector, rsa.file, ed25519.selector, ed25519.file)
        self.assertEqual([signers.dkimpy_verify(signed, self.keys, index) for index in range(2)], [True, True])

    def test_no_field_can_be_added(self):
        key = self.keys[0]
        signed = signers.sign_mail(SAMPLES["plain"], "dkim", DOMAIN, key.selector, key.file)
        for name in ["From", "Subject", "To", "Cc", "Reply-To", "Content-Type"]:
            with self.subTest(name):
                added = f"{name}: eve@example.com\r\n".encode() + signed
                self.assertFalse(signers.dkimpy_verify(added, self.keys))

    def test_seals_are_verified_by_dkimpy(self):
        found = f"mx.{DOMAIN}; spf=pass smtp.mailfrom=ann@example.org; dmarc=pass header.from=example.org"
        rsa = self.keys[0]
        sealed = SAMPLES["multipart"]
        for status in ["none", "pass", "pass"]:
            sealed = signers.sign_mail(sealed, "arc", DOMAIN, rsa.selector, rsa.file, status, found)
        verdict, sets, reason = dkim.arc_verify(sealed, dnsfunc=signers.lookup(self.keys))
        self.assertEqual((verdict, len(sets)), (dkim.CV_Pass, 3), reason)
        verdict, _, _ = dkim.arc_verify(
            sealed.replace(b"dmarc=pass", b"dmarc=fail", 1), dnsfunc=signers.lookup(self.keys))
        self.assertEqual(verdict, dkim.CV_Fail)

    def test_records_fit_what_others_read(self):
        for key in self.keys:
            self.assertTrue(key.text.startswith(f"v=DKIM1; k={key.kind}; p="))
            self.assertEqual(dkim.load_pk_from_dns(
                f"{key.selector}._domainkey.{DOMAIN}.".encode(), dnsfunc=signers.lookup(self.keys))[2],
                key.kind.encode())


if __name__ == "__main__":
    unittest.main()
