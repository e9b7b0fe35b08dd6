"""LMTP (RFC 2033): another mail server hands mail over; each recipient has a reply of its own."""
import smtplib
import socket
import unittest

from localserve import WAIT_SECONDS, ServerTestCase
from samples import difficult, message, multipart
from served import Served


class LMTP(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Served(mailboxes=10)
        cls.addClassCleanup(cls.server.remove)

    def client(self):
        lmtp = smtplib.LMTP(self.server.host, self.server.port("LMTP"), "relay.example.org", timeout=WAIT_SECONDS)
        self.addCleanup(lmtp.close)
        lmtp.ehlo()
        return lmtp

    def test_what_it_offers(self):
        lmtp = self.client()
        self.assertEqual(lmtp.ehlo()[0], 250)
        # RFC 2033 §5 and §4.1.
        self.assertTrue(lmtp.has_extn("pipelining") and lmtp.has_extn("enhancedstatuscodes"))
        self.assertTrue(lmtp.has_extn("8bitmime"))
        self.assertEqual(lmtp.docmd("HELO", "relay.example.org")[0] // 100, 5)
        self.assertEqual(lmtp.docmd("EHLO", "relay.example.org")[0] // 100, 5)

    def test_mail_is_stored_octet_for_octet(self):
        for sample in [message(), difficult(), multipart()]:
            user = self.server.user()
            self.assertEqual(self.client().sendmail("ann@example.org", [user], sample), {})
            stored = self.assertOneDelivered(user, sample)
            self.assertIn(b"with LMTP", stored)
            self.assertIn(b"Return-Path: <ann@example.org>\r\n", stored)

    def test_each_recipient_has_a_reply(self):
        one, two = self.server.user(), self.server.user()
        lmtp, sent = self.client(), message("For two")
        self.assertEqual(lmtp.mail("ann@example.org")[0], 250)
        self.assertEqual(lmtp.rcpt(one)[0], 250)
        self.assertEqual(lmtp.rcpt(f"nobody-here@{self.server.domain}")[0], 550)
        self.assertEqual(lmtp.rcpt(two)[0], 250)
        # Two were taken, so two replies come, and no third: the next is that of NOOP.
        self.assertEqual(lmtp.data(sent)[0], 250)
        self.assertEqual(lmtp.getreply()[0], 250)
        self.assertEqual(lmtp.noop()[0], 250)
        self.assertEqual(lmtp.quit()[0], 221)
        for user in [one, two]:
            self.assertOneDelivered(user, sent)

    def test_without_a_recipient_there_is_no_data(self):
        lmtp = self.client()
        lmtp.mail("ann@example.org")
        lmtp.rcpt(f"nobody-here@{self.server.domain}")
        self.assertEqual(lmtp.docmd("DATA")[0], 503)

    def test_a_full_mailbox_is_told_and_the_other_one_gets_it(self):
        full, other = self.server.user(), self.server.user()
        self.server.cli("quota", "set", full, "--size", "1K")
        lmtp, sent = self.client(), message("Large", "x" * 70 + "\n" + "y" * 2_000 + "\n")
        lmtp.mail("ann@example.org")
        replies = [lmtp.rcpt(full), lmtp.rcpt(other)]
        self.assertEqual(replies[1][0], 250)
        lmtp.docmd("DATA")
        lmtp.send(sent + b".\r\n")
        # RFC 2033 §4.2: one reply for each recipient that was taken, in their order.
        replies = [lmtp.getreply() if code == 250 else (code, text) for code, text in replies]
        self.assertEqual(replies[1][0], 250, replies)
        self.assertOneDelivered(other, sent)

    def test_pipelined_at_once(self):
        user, sent = self.server.user(), message("At once")
        words = (f"LHLO relay.example.org\r\nMAIL FROM:<ann@example.org>\r\nRCPT TO:<{user}>\r\nRCPT TO:<{user}>\r\n"
                 f"BDAT {len(sent)} LAST\r\n").encode() + sent + b"QUIT\r\n"
        with socket.create_connection((self.server.host, self.server.port("LMTP")), timeout=WAIT_SECONDS) as connection:
            connection.sendall(words)
            said = b""
            while part := connection.recv(65_536):
                said += part
        codes = [line[:3] for line in said.decode().splitlines() if line[3:4] == " "]
        self.assertEqual(codes, ["220", "250", "250", "250", "250", "250", "250", "221"])


if __name__ == "__main__":
    unittest.main()
