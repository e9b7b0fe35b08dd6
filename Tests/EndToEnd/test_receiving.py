"""What comes in, with the brakes of `serve` on: chunks, UTF-8 addresses, relaying, lists, forwards, senders' own names."""
import socket
import unittest

from localserve import PASSWORD, WAIT_SECONDS, ServerTestCase, run
from samples import difficult, message


class Receiving(ServerTestCase):
    options = ("--limits", "production")
    settings = {"mailboxes": 30, "filter": "off"}

    def talk(self, octets, port="MX"):
        """Sends all at once and reads to the end: the lines that were said."""
        with socket.create_connection((self.server.host, self.server.port(port)), timeout=WAIT_SECONDS) as connection:
            connection.sendall(octets)
            said = b""
            while part := connection.recv(65_536):
                said += part
        return said.decode().split("\r\n")[:-1]

    def submit(self, user, octets, recipients, sender=None):
        """The reply to the message, or to what stood in its way."""
        with self.server.submission(user) as smtp:
            code, text = smtp.mail(sender or user)
            for recipient in recipients:
                if code // 100 == 2:
                    code, text = smtp.rcpt(recipient)
            if code // 100 == 2:
                code, text = smtp.data(octets)
            return code, text.decode()

    # Octets

    def test_chunks_pipelined(self):
        user, sent = self.server.user(), difficult()
        first, second = sent[:100], sent[100:]
        said = self.talk(
            b"EHLO client.example.org\r\nMAIL FROM:<ann@example.org> BODY=8BITMIME\r\nRCPT TO:<%s>\r\n" % user.encode()
            + b"BDAT %d\r\n" % len(first) + first + b"BDAT %d LAST\r\n" % len(second) + second + b"QUIT\r\n")
        self.assertIn("250-CHUNKING", said)
        self.assertEqual([line[:3] for line in said[-5:]], ["250", "250", "250", "250", "221"])
        self.assertOneDelivered(user, sent)

    def test_utf8_addresses_by_smtplib(self):
        user = f"jürgen@{self.server.domain}"
        self.server.cli("mailbox", "add", user, "--password-stdin", input=PASSWORD + "\n")
        with self.server.mx() as smtp:
            refused = smtp.sendmail(
                "änn@bücher.example", [user], "Subject: Grüße\r\n\r\nx\r\n".encode(), mail_options=["SMTPUTF8"])
        self.assertEqual(refused, {})
        # Python's imaplib logs in with US-ASCII alone.
        folders = self.server.cli_json("mailbox", "show", user)["folders"]
        self.assertEqual([folder["messages"] for folder in folders if folder["name"] == "INBOX"], [1])

    def test_notices_can_be_asked_for_by_smtplib(self):
        user = self.server.user()
        with self.server.mx() as smtp:
            refused = smtp.sendmail(
                "ann@example.org", [user], message(), mail_options=["RET=HDRS", "ENVID=a+2Bb"],
                rcpt_options=["NOTIFY=FAILURE,DELAY", f"ORCPT=rfc822;{user}"])
        self.assertEqual(refused, {})

    # Recipients

    def test_nobody_is_relayed_for(self):
        domain, forms = self.server.domain, [
            "x@elsewhere.example", "x%elsewhere.example@{}", '"x@elsewhere.example"@{}', "elsewhere.example!x@{}",
            "@{}:x@elsewhere.example", "x%elsewhere.example@[127.0.0.1]", "x@[127.0.0.1]", "x@elsewhere.example@{}"]
        for sender in ["", f"user0@{domain}"]:
            commands = [f"HELO c\r\nMAIL FROM:<{sender}>"] + [f"RCPT TO:<{form.format(domain)}>" for form in forms]
            said = self.talk("\r\n".join([*commands, "DATA", "QUIT", ""]).encode())
            self.assertTrue(all(line.startswith("5") for line in said[3:-1]), said)

    def test_a_forward_a_suspended_mailbox_and_a_list_for_members(self):
        ann, bob = self.server.user(), self.server.user()
        self.server.cli("mailbox", "forward", ann, bob, "--no-copy")
        sent = message("Forwarded")
        self.assertEqual(self.server.deliver(sent, ann)[0], 250)
        self.assertOneDelivered(bob, sent)
        self.assertEqual(self.server.messages(ann), [])
        self.assertEqual(self.server.cli_json("mailbox", "show", ann)["mailbox"]["forwards"], bob)
        self.server.cli("mailbox", "forward", ann, "--off")

        self.server.cli("mailbox", "suspend", ann, "--reason", "moved to Rome", "--refuse-mail")
        code, text = self.server.deliver(message(), ann)
        self.assertEqual((code, text), (550, "5.2.1 Mailbox closed: moved to Rome"))
        self.server.cli("mailbox", "resume", ann)
        self.assertEqual(self.server.deliver(message(), ann)[0], 250)

        team = f"team-{ann}"
        self.server.cli("alias", "add", team, ann, "--members-only")
        self.assertEqual(self.server.deliver(message(), team)[0], 550)
        self.assertEqual(self.submit(bob, message(sender=bob), [team])[0], 550)
        self.assertEqual(self.submit(ann, message(sender=ann), [team])[0], 250)
        listed = {row["address"]: row["isMembersOnly"] for row in self.server.cli_json("alias", "list")}
        self.assertTrue(listed[team])

    def test_a_domain_with_the_addresses_of_another(self):
        user = self.server.user()
        self.server.cli("domain", "add", "too.example", "--alias-of", self.server.domain)
        sent = message()
        self.assertEqual(self.server.deliver(sent, user.replace(self.server.domain, "too.example"))[0], 250)
        self.assertOneDelivered(user, sent)

    # Senders

    def test_from_is_the_senders_own(self):
        user, other = self.server.user(), self.server.user()
        code, text = self.submit(user, message(sender=other), [other])
        self.assertEqual(code, 550, text)
        self.assertIn(f"{user} may not send as {other}", text)
        self.server.cli("send-as", "grant", user, other)
        self.assertEqual(self.submit(user, message(sender=other), [other], sender=other)[0], 250)
        self.assertEqual(self.server.cli_json("send-as", "list", user), [{"address": user, "sendAs": other}])
        self.server.cli("send-as", "revoke", user, other)
        self.assertEqual(self.submit(user, message(sender=other), [other])[0], 550)

    def test_bcc_goes_by_curl_and_msmtp(self):
        user, other = self.server.user(), self.server.user()
        sent = message(sender=user, fields=f"Bcc: {other}\n")
        file = self.temporary_folder() / "message"
        file.write_bytes(sent)
        done = run(
            ["curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", self.server.ca, "--user",
             f"{user}:{PASSWORD}", "--mail-from", user, "--mail-rcpt", other, "--upload-file", file,
             f"smtp://localhost:{self.server.port('SUBMISSION')}"])
        self.assertEqual(done.returncode, 0, done.stderr)
        done = run(
            ["msmtp", "--file=/dev/null", "--host=localhost", f"--port={self.server.port('SUBMISSION')}", "--auth=plain",
             f"--user={user}", f"--passwordeval=echo {PASSWORD}", "--tls=on", f"--tls-trust-file={self.server.ca}",
             f"--from={user}", "--remove-bcc-headers=off", "--", other],
            input=sent.decode().replace("\r\n", "\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        stored = self.server.messages(other)
        self.assertEqual(len(stored), 2)
        for octets in stored:
            self.assertNotIn(b"Bcc", octets)
            self.assertIn(b"One line.", octets)


if __name__ == "__main__":
    unittest.main()
