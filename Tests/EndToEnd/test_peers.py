"""Postfix and Exim as the next hop and as senders: the same octets arrive, signatures hold, refusals are told."""
import email.policy
import re
import tempfile
import unittest
from pathlib import Path

import peers
from certificates import Authority
from dnsserver import DNSServer
from localserve import ServerTestCase, wait_until
from samples import difficult, message, multipart
from served import Served, listener, may_listen_on_ports_of_root

try:
    import dkim  # noqa: F401

    import signers
except ImportError:
    signers = None


class Published:
    """A key as `postino dkim txt` says it is to be published."""

    def __init__(self, row):
        self.name, self.text = row["name"], row["text"]


class Exchange:
    """What holds with both. `start_peer` listens on port 25 of an address of loopback, where the MX record leads."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="postino-e2e-peer-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        (cls.folder / "certificates").mkdir()
        cls.folder.chmod(0o755)
        certificate = Authority(cls.folder / "certificates").issue("mx.elsewhere.example")
        cls.dns = DNSServer({
            "elsewhere.example": {"MX": ["10 mx.elsewhere.example"]}, "mx.elsewhere.example": {"A": ["192.0.2.1"]},
            "example.org": {"A": ["192.0.2.1"]}, "example.test": {"A": ["192.0.2.1"]}})
        cls.addClassCleanup(cls.dns.close)
        cls.server = Served({"dns": {"resolver": cls.dns.address}, "outbound": {"mta_sts": False}}, mailboxes=10)
        cls.addClassCleanup(cls.server.remove)
        relay = (cls.server.host, cls.server.port("MX"))
        (cls.folder / "peer").mkdir()
        address, cls.peer = cls.start_peer(cls.folder / "peer", relay, certificate)
        cls.addClassCleanup(cls.peer.stop)
        cls.dns.zone["mx.elsewhere.example"] = {"A": [address]}
        cls.server.cli("dkim", "gen", cls.server.domain)
        cls.keys = [Published(row) for row in cls.server.cli_json("dkim", "txt", cls.server.domain)]

    # Ours to theirs

    def test_takes_what_we_send_octet_for_octet_and_its_signatures_hold(self):
        for sample in [message("One line"), difficult("Difficult"), multipart("Two parts")]:
            user = self.server.user()
            sent = sample.replace(b"ann@example.org", user.encode(), 1)
            subject = re.search(rb"\r\nSubject: ([^\r]*)", sent)[0]
            before = len(self.peer.maildir())
            self.server.submit(user, [peers.MAILBOX], sent)
            [stored] = [octets for octets in self.peer.taken(before + 1) if subject in octets]
            self.assertDelivered(stored, sent)
            # Under TLS, as both offer it.
            self.assertRegex(stored, rb"mail\.example\.test[^:]*TLSv?1\.3")
            wait_until(lambda: self.server.cli_json("queue", "list", "--sender", user) == [], "an empty queue")
            self.assertIn("by mx.elsewhere.example", self.server.cli("trace", "--address", user).stdout)
            if signers:
                ours = stored[stored.index(b"DKIM-Signature:"):]
                self.assertEqual([signers.dkimpy_verify(ours, self.keys, index) for index in range(2)], [True, True])
                # With all that the other server put in front, too.
                self.assertTrue(signers.opendkim_verify(self.temporary_folder(), stored, self.keys))

    def test_its_refusal_comes_back_in_plain_words(self):
        user = self.server.user()
        self.server.submit(user, [f"nobody@{peers.DOMAIN}"], message("To nobody", sender=user))
        [octets] = wait_until(lambda: self.server.messages(user), "the notice")
        notice = email.message_from_bytes(octets, policy=email.policy.default)
        words, status, original = notice.iter_parts()
        self.assertIn(f"nobody@{peers.DOMAIN}", words.get_content())
        self.assertIn(self.refusal, " ".join(words.get_content().split()))
        self.assertEqual(status.get_payload()[1]["Action"], "failed")
        self.assertIn("To nobody", original.as_string())

    # Theirs to ours

    def test_what_it_sends_is_stored_octet_for_octet(self):
        for sample in [message("One line"), difficult("Difficult"), multipart("Two parts")]:
            user = self.server.user()
            self.peer.send(sample, "ann@example.org", user)
            [stored] = wait_until(lambda: self.server.messages(user), f"the message:\n{self.peer.said()}")
            self.assertDelivered(stored, sample)
            self.assertIn(b"with ESMTPS", stored)
            self.assertIn(b"from " + self.name.encode(), stored)

    def test_its_notice_of_what_we_refuse_is_delivered(self):
        user = self.server.user()
        self.peer.send(message("To nobody of ours", sender=user), user, f"nobody-here@{self.server.domain}")
        [stored] = wait_until(lambda: self.server.messages(user), f"the notice:\n{self.peer.said()}")
        self.assertTrue(stored.startswith(b"Return-Path: <>\r\n"), stored[:200])
        self.assertIn(b"5.1.1", stored)
        self.assertIn(b"To nobody of ours", stored)


@unittest.skipUnless(peers.has_postfix(), "Postfix and root are wanted")
@unittest.skipUnless(may_listen_on_ports_of_root(), "port 25 of some address of loopback is wanted")
class Postfix(Exchange, ServerTestCase):
    name = "postfix.example.org"
    refusal = "User unknown in virtual mailbox table"

    @classmethod
    def start_peer(cls, folder, relay, certificate):
        with listener(25) as found:
            address = found.getsockname()
        peer = peers.Postfix(folder, address, relay, certificate)
        wait_until(lambda: peers.listens(*address), "Postfix")
        return address[0], peer

    def test_asks_for_notices_and_pipelines(self):
        user = self.server.user()
        self.peer.send(
            message("With wishes"), "ann@example.org", "-N", "failure,delay", "-R", "hdrs", "-V", "envelope+1", user)
        [stored] = wait_until(lambda: self.server.messages(user), f"the message:\n{self.peer.said()}")
        self.assertIn(b"Subject: With wishes\r\n", stored)
        self.assertRegex(self.peer.said(), f"to=<{re.escape(user)}>.*dsn=2\\.[0-9.]+, status=sent \\(250 2\\.")


@unittest.skipUnless(peers.has_exim(), "Exim, unpacked by deploy/test, and root are wanted")
@unittest.skipUnless(may_listen_on_ports_of_root(), "port 25 of some address of loopback is wanted")
class Exim(Exchange, ServerTestCase):
    name = "exim.example.org"
    refusal = "No such person here"

    @classmethod
    def start_peer(cls, folder, relay, certificate):
        with listener(25) as found:
            return found.getsockname()[0], peers.Exim(folder, found, relay, certificate)

    def test_sends_in_chunks_and_pipelines(self):
        user = self.server.user()
        self.peer.send(difficult("In chunks"), "ann@example.org", user)
        [stored] = wait_until(lambda: self.server.messages(user), f"the message:\n{self.peer.said()}")
        self.assertIn(b"Subject: In chunks\r\n", stored)
        # In its log "K" is CHUNKING, "L" pipelining, "X=" TLS.
        [line] = [line for line in self.peer.said().splitlines() if f"=> {user}" in line]
        self.assertRegex(line, r' X=TLS1\.3:\S+ CV=no L K C="250 2\.6\.0 ')


if __name__ == "__main__":
    unittest.main()
