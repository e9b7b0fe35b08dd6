"""Mail with headers beyond US-ASCII (SMTPUTF8): as it is for clients that ask for UTF-8, in US-ASCII for the others
(RFC 6858), read by Python's mail libraries."""
import email
import email.policy
import poplib
import unittest

from localserve import PASSWORD, WAIT_SECONDS, ServerTestCase

MESSAGE = (
    "From: Jürgen <jürgen@köln.example>\r\nTo: carl@example.org\r\nSubject: Grüße aus Köln\r\n"
    "Date: Mon, 02 Feb 2026 10:00:00 +0000\r\nMessage-ID: <utf8@example.org>\r\nX-Note: schön\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=cut\r\n\r\n"
    "--cut\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrün\r\n"
    "--cut\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"Straße.txt\"\r\n\r\nx\r\n"
    "--cut--\r\n").encode()


class UTF8(ServerTestCase):
    settings = {"filter": "off"}

    def setUp(self):
        self.user = self.server.user()
        with self.server.imap(self.user) as imap:
            self.assertEqual(imap.append("INBOX", None, None, MESSAGE)[0], "OK")

    def downgraded(self, octets):
        """What any mail program makes of it."""
        header = octets.split(b"\r\n\r\n")[0]
        self.assertTrue(header.isascii(), header)
        message = email.message_from_bytes(octets, policy=email.policy.default)
        self.assertEqual(message["Subject"], "Grüße aus Köln")
        [sender] = message["From"].addresses
        self.assertEqual(sender.addr_spec, "invalid@internationalized-address.invalid")
        self.assertIn("jürgen@köln.example", sender.display_name)
        self.assertEqual(message["Message-ID"], "<utf8@example.org>")
        self.assertNotIn("X-Note", message)
        return message

    def test_imap(self):
        with self.server.imap(self.user) as imap:
            imap.select(readonly=True)
            octets = imap.fetch("1", "(BODY.PEEK[])")[1][0][1]
            message = self.downgraded(octets)
            self.assertEqual([part.get_filename() for part in message.iter_attachments()], ["Straße.txt"])
            self.assertEqual(message.get_body().get_content().strip(), "Grün")
            self.downgraded(imap.fetch("1", "(BODY.PEEK[HEADER])")[1][0][1])
            fields = imap.fetch("1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT X-NOTE)])")[1][0][1]
            self.assertTrue(fields.isascii() and fields.startswith(b"Subject: =?utf-8?"), fields)
            [envelope] = imap.fetch("1", "(ENVELOPE)")[1]
            self.assertTrue(envelope.isascii() and b"internationalized-address" in envelope, envelope)
            [structure] = imap.fetch("1", "(BODYSTRUCTURE)")[1]
            self.assertIn(b"utf-8''Stra%C3%9Fe.txt", structure)
            # RFC 6858 section 3: the size is that of the message as it is, and searches look into that.
            self.assertIn(b"RFC822.SIZE %d" % len(MESSAGE), imap.fetch("1", "(RFC822.SIZE)")[1][0])
            imap.literal = "Grüße".encode()
            self.assertEqual(imap.search("UTF-8", "SUBJECT"), ("OK", [b"1"]))

    def test_imap_by_parts(self):
        with self.server.imap(self.user) as imap:
            imap.select(readonly=True)
            whole = imap.fetch("1", "(BODY.PEEK[])")[1][0][1]
            pieces = [imap.fetch("1", f"(BODY.PEEK[]<{start}.100>)")[1][0][1] for start in range(0, len(whole), 100)]
            self.assertEqual(b"".join(pieces), whole)
            header = imap.fetch("1", "(BODY.PEEK[HEADER])")[1][0][1]
            text = imap.fetch("1", "(BODY.PEEK[TEXT])")[1][0][1]
            self.assertEqual(header + text, whole)
            self.assertTrue(imap.fetch("1", "(BODY.PEEK[2.MIME])")[1][0][1].isascii())

    def test_imap_with_utf8(self):
        with self.server.imap(self.user) as imap:
            imap.enable("UTF8=ACCEPT")
            imap.select(readonly=True)
            self.assertEqual(imap.fetch("1", "(BODY.PEEK[])")[1][0][1], MESSAGE)

    def test_pop3(self):
        pop3 = self.server.pop3(self.user)
        self.downgraded(b"\r\n".join(pop3.retr(1)[1]))
        self.assertTrue(b"\r\n".join(pop3.top(1, 0)[1]).isascii())
        self.assertEqual(pop3.stat(), (1, len(MESSAGE)))
        pop3.quit()

    def test_pop3_with_utf8(self):
        pop3 = poplib.POP3_SSL(
            self.server.host, self.server.port("POP3S"), context=self.server.tls, timeout=WAIT_SECONDS)
        pop3.utf8()
        pop3.user(self.user)
        pop3.pass_(PASSWORD)
        self.assertEqual(b"\r\n".join(pop3.retr(1)[1]) + b"\r\n", MESSAGE)
        pop3.quit()


if __name__ == "__main__":
    unittest.main()
