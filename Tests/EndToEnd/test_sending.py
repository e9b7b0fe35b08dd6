"""What leaves: signatures, seals, the way back of bounces, routes, and the queue's commands."""
import base64
import email.policy
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import localserve
from dnsserver import DNSServer
from localserve import ServerTestCase, wait_until
from samples import difficult, message, multipart
from smtpsink import SMTPSink

try:
    import dkim
    import nacl  # noqa: F401  (dkimpy verifies Ed25519 with it)

    import signers
except ImportError as error:
    raise unittest.SkipTest(f"python3-dkim, python3-nacl and python3-authres are needed: {error}") from error


class Published:
    """A key as `postino dkim txt` says it is to be published."""

    def __init__(self, row):
        self.name, self.text = row["name"], row["text"]


class Signed(ServerTestCase):
    """At a relay, and at a model of a strict receiver."""

    @classmethod
    def setUpClass(cls):
        cls.sink = SMTPSink(rcpt={"nobody@elsewhere.example": ["550 5.1.1 No such person"]})
        cls.addClassCleanup(cls.sink.close)
        cls.dns = DNSServer({"example.org": {"A": ["192.0.2.1"]}})
        cls.addClassCleanup(cls.dns.close)
        cls.options = ("--relay", cls.sink.address, "--dns", cls.dns.address)
        super().setUpClass()
        said = cls.server.cli("dkim", "gen", cls.server.domain).stdout
        assert "IN TXT" in said, said
        cls.keys = [Published(row) for row in cls.server.cli_json("dkim", "txt", cls.server.domain)]
        folder = tempfile.TemporaryDirectory(prefix="postino-keys-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)

    def sent(self, recipient):
        return wait_until(
            lambda: [found for found in self.sink.messages if recipient in found[1]], f"mail for {recipient}")

    def assertSigned(self, octets):
        self.assertEqual([signers.dkimpy_verify(octets, self.keys, index) for index in range(2)], [True, True])
        self.assertTrue(signers.opendkim_verify(self.folder, octets, self.keys))
        changed = octets.replace(b"\r\nSubject: ", b"\r\nSubject: x", 1)
        self.assertFalse(signers.dkimpy_verify(changed, self.keys))

    def test_submitted_mail_is_signed_with_both_keys(self):
        for number, sample in enumerate([message(), difficult(), multipart()]):
            user, recipient = self.server.user(), f"bob{number}@elsewhere.example"
            octets = sample.replace(b"ann@example.org", user.encode(), 1)
            with self.server.submission(user) as smtp:
                smtp.sendmail(user, [recipient], octets)
            [(path, _, sent)] = self.sent(recipient)
            self.assertEqual(path, user)
            self.assertTrue(sent.endswith(octets))
            self.assertSigned(sent)

    def test_forwarded_mail_is_sealed_and_its_bounce_finds_the_way_back(self):
        alias = f"away@{self.server.domain}"
        self.server.cli("alias", "add", alias, "carol@elsewhere.example")
        octets = message("Forwarded")
        self.assertEqual(self.server.deliver(octets, alias)[0], 250)
        [(path, _, sent)] = self.sent("carol@elsewhere.example")
        self.assertRegex(path, rf"\ASRS0=[^@]+=example\.org=ann@{re.escape(self.server.domain)}\Z")
        self.assertNotIn(b"\r\nDKIM-Signature:", sent)
        verdict, sets, reason = dkim.arc_verify(sent, dnsfunc=signers.lookup(self.keys))
        self.assertEqual((verdict, len(sets)), (dkim.CV_Pass, 1), reason)
        # The next server could not deliver it after all.
        self.assertEqual(self.server.deliver(message("Undeliverable"), path, sender="")[0], 250)
        [(back, _, notice)] = self.sent("ann@example.org")
        self.assertEqual(back, "")
        self.assertIn(b"Subject: Undeliverable\r\n", notice)
        forged = f"SRS0=AAAAAA=AA=example.org=eve@{self.server.domain}"
        self.assertEqual(self.server.deliver(message(), forged, sender="")[0], 550)

    def test_a_bounce_to_elsewhere_is_signed(self):
        alias = f"gone@{self.server.domain}"
        self.server.cli("alias", "add", alias, "nobody@elsewhere.example")
        self.assertEqual(self.server.deliver(message("Lost"), alias, sender="eve@example.org")[0], 250)
        [(path, _, notice)] = self.sent("eve@example.org")
        self.assertEqual(path, "")
        self.assertIn(b"Subject: Your message could not be delivered\r\n", notice)
        self.assertIn(b"\r\nFinal-Recipient: rfc822; nobody@elsewhere.example\r\n", notice)
        self.assertSigned(notice)

    def test_keys_rotate_when_the_dns_has_them(self):
        self.server.cli("domain", "add", "rotated.example")
        self.server.cli("dkim", "gen", "rotated.example", "--selector", "one")
        self.assertIn("missing", self.server.cli("dkim", "verify", "rotated.example", code=5).stderr)
        for row in self.server.cli_json("dkim", "txt", "rotated.example"):
            self.dns.zone[row["name"]] = {"TXT": [row["text"]]}
        # That they were missing is remembered for a while.
        wait_until(
            lambda: self.server.cli("dkim", "verify", "rotated.example", code=None).returncode == 0, "the records")
        states = {row["selector"]: row["dns"] for row in self.server.cli_json("dkim", "verify", "rotated.example")}
        self.assertEqual(states, {"oner": "right", "onee": "right"})
        self.server.cli("dkim", "rotate", "rotated.example")
        states = [row["state"] for row in self.server.cli_json("dkim", "txt", "rotated.example")]
        self.assertEqual(sorted(states), ["signing", "signing", "waiting", "waiting"])
        self.server.cli("dkim", "rotate", "rotated.example", "--now")
        states = {row["selector"]: row["state"] for row in self.server.cli_json("dkim", "txt", "rotated.example")}
        self.assertEqual((states["oner"], states["onee"]), ("retired", "retired"))
        self.assertEqual(sorted(states.values()), ["retired", "retired", "signing", "signing"])


class Strict(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        # The keys must be known before the receiver starts: a server that sends nothing makes them.
        cls.receiver = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("strictreceiver.py")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.end)
        folder = tempfile.mkdtemp(prefix="postino-e2e-strict-")
        first = localserve.Localserve(folder=folder)
        try:
            first.cli("dkim", "gen", first.domain)
            zone = {row["name"]: row["text"] for row in first.cli_json("dkim", "txt")}
            first.stop()
        except BaseException:
            first.kill()
            raise
        cls.receiver.stdin.write(json.dumps(zone) + "\n")
        cls.receiver.stdin.flush()
        cls.options = ("--relay", cls.receiver.stdout.readline().strip())
        cls.settings = {"folder": folder}
        super().setUpClass()

    @classmethod
    def end(cls):
        cls.receiver.stdin.close()
        cls.receiver.wait(timeout=30)
        cls.receiver.stdout.close()

    def test_what_we_send_is_taken_by_a_strict_receiver(self):
        samples = {"plain": message(), "difficult": difficult(), "multipart": multipart(), "no date": b"".join(
            line + b"\r\n" for line in message().split(b"\r\n")[:-1]
            if not line.startswith((b"Date:", b"Message-ID:", b"Message-Id:")))}
        for title, sample in samples.items():
            user = self.server.user()
            octets = sample.replace(b"ann@example.org", user.encode(), 1)
            with self.subTest(title):
                with self.server.submission(user) as smtp:
                    smtp.sendmail(user, ["bob@elsewhere.example"], octets)
                said = json.loads(self.receiver.stdout.readline())
                self.assertTrue(said["taken"], f"{title}: {said['why']}")
                self.assertIn(octets.split(b"\r\n\r\n", 1)[1], base64.b64decode(said["octets"]))


class Commands(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = SMTPSink(rcpt={"later@elsewhere.example": ["451 4.7.1 Greylisted, come again"]})
        cls.addClassCleanup(cls.sink.close)
        cls.options = ("--relay", cls.sink.address)
        super().setUpClass()

    def submit(self, user, recipient, subject="Hello"):
        with self.server.submission(user) as smtp:
            smtp.sendmail(user, [recipient], message(subject))

    def test_a_rule_holds_and_a_command_releases(self):
        user = self.server.user()
        self.server.cli("queue", "rules", "add", "--sender", user, "--reason", "watched")
        [rule] = [row for row in self.server.cli_json("queue", "rules") if row["sender"] == user]
        self.submit(user, "held@elsewhere.example", "Held back")
        [row] = self.server.cli_json("queue", "list", "--sender", user, "--only", "held")
        self.assertEqual(row["lastReply"], "rule: watched")
        self.assertIn("Subject: Held back", self.server.cli("queue", "show", row["id"]).stdout)
        self.server.cli("queue", "rules", "remove", rule["id"])
        self.server.cli("queue", "release", row["id"])
        wait_until(lambda: [sent for sent in self.sink.messages if "held@elsewhere.example" in sent[1]], "the message")
        [done] = wait_until(lambda: self.server.cli_json("queue", "list", "--finished", "--sender", user), "its record")
        self.assertEqual((done["outcome"], done["reply"]), ("sent", "250 2.0.0 Ok"))

    def test_what_is_put_off_is_listed_held_dropped_and_counted(self):
        user = self.server.user()
        self.submit(user, "later@elsewhere.example")
        wait_until(lambda: self.server.cli_json("queue", "list", "--sender", user, "--reply", "Greylisted"), "a try")
        [reason] = [row for row in self.server.cli_json("queue", "reasons") if row["reason"] == "greylisted"]
        self.assertEqual(reason["domains"], "elsewhere.example")
        self.server.cli("queue", "hold", "--sender", user, "--reason", "not now")
        self.assertEqual(len(self.server.cli_json("queue", "list", "--sender", user, "--only", "held")), 1)
        self.server.cli("queue", "reroute", "--sender", user, "--route", "nonsense", code=64)
        self.server.cli("queue", "drop", code=64)
        self.server.cli("queue", "drop", "--sender", user)
        self.assertEqual(self.server.cli_json("queue", "list", "--sender", user), [])
        self.assertIn("dropped", self.server.cli("trace", "--address", user, code=None).stdout)

    def test_a_suppressed_address_is_not_written_to(self):
        user = self.server.user()
        self.server.cli("suppress", "add", "never@elsewhere.example", "--reason", "asked us")
        self.submit(user, "never@elsewhere.example")
        [octets] = wait_until(lambda: self.server.messages(user), "the notice")
        bounce = email.message_from_bytes(octets, policy=email.policy.default)
        self.assertIn("suppression list", bounce.get_payload(0).get_content())
        self.server.cli("suppress", "remove", "never@elsewhere.example")
        self.submit(user, "never@elsewhere.example")
        wait_until(lambda: [sent for sent in self.sink.messages if "never@elsewhere.example" in sent[1]], "the message")


if __name__ == "__main__":
    unittest.main()
