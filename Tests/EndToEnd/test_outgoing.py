"""Mail for elsewhere: caught, relayed, refused and told, put off and tried again."""
import email
import email.policy
import json
import unittest

from localserve import ServerTestCase, wait_until
from samples import difficult, message
from smtpsink import SMTPSink


class Caught(ServerTestCase):
    def test_mail_for_elsewhere_is_a_file(self):
        user, sent = self.server.user(), difficult(recipient="bob@elsewhere.example")
        recipients = ["bob@elsewhere.example", "eve@elsewhere.example"]
        with self.server.submission(user) as smtp:
            smtp.sendmail(user, recipients, sent)
        folder = self.server.state / "outgoing"

        def caught():
            """Of this sender: recipients and octets."""
            found = []
            for file in folder.glob("*.eml"):
                envelope = json.loads(file.with_suffix(".json").read_text())
                if envelope["reversePath"] == user:
                    found += [(recipient, file.read_bytes()) for recipient in envelope["recipients"]]
            return sorted(found) if len(found) == len(recipients) else None

        found = wait_until(caught, "the message in outgoing/")
        self.assertEqual([recipient for recipient, _ in found], recipients)
        for _, octets in found:
            self.assertTrue(octets.endswith(sent))
        wait_until(lambda: self.server.cli_json("queue", "list") == [], "an empty queue")

    def test_an_alias_forwards_elsewhere(self):
        user = self.server.user()
        alias = f"both@{self.server.domain}"
        self.server.cli("alias", "add", alias, user, "carol@elsewhere.example")
        sent = message("Forwarded")
        self.assertEqual(self.server.deliver(sent, alias)[0], 250)
        self.assertOneDelivered(user, sent)

        def forwarded():
            # The envelope is written first.
            for file in (self.server.state / "outgoing").glob("*.eml"):
                if json.loads(file.with_suffix(".json").read_text())["recipients"] == ["carol@elsewhere.example"]:
                    return file.read_bytes()

        octets = wait_until(forwarded, "the forwarded message in outgoing/")
        self.assertTrue(octets.endswith(sent))
        # What we found out for our own account is not sent on.
        self.assertNotIn(b"X-Postino", octets)
        self.assertNotIn(b"Delivered-To", octets)


class Relayed(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = SMTPSink(
            rcpt={"nobody@elsewhere.example": ["550 5.1.1 No such person, really"]},
            data={"later@elsewhere.example": ["451 4.3.0 Come again later", "250 2.0.0 Now it fits"]})
        cls.addClassCleanup(cls.sink.close)
        cls.options = ("--relay", cls.sink.address)
        super().setUpClass()

    def taken(self, recipient):
        return [sent for sent in self.sink.messages if recipient in sent[1]]

    def test_mail_is_relayed_octet_for_octet(self):
        user, sent = self.server.user(), difficult(recipient="bob@elsewhere.example")
        with self.server.submission(user) as smtp:
            smtp.sendmail(user, ["bob@elsewhere.example"], sent)
        [(path, recipients, octets)] = wait_until(lambda: self.taken("bob@elsewhere.example"), "the message at the relay")
        self.assertEqual((path, recipients), (user, ["bob@elsewhere.example"]))
        self.assertTrue(octets.endswith(sent))
        self.assertTrue(octets.startswith(b"Received: "))
        self.assertNotIn(b"Return-Path:", octets)

    def test_a_refusal_comes_back_to_the_sender(self):
        user, sent = self.server.user(), message("Lost and found")
        with self.server.submission(user) as smtp:
            smtp.sendmail(user, ["nobody@elsewhere.example", "carol@elsewhere.example"], sent)
        # Who was not refused gets it.
        wait_until(lambda: self.taken("carol@elsewhere.example"), "the message at the relay")
        [octets] = wait_until(lambda: self.server.messages(user), "the bounce in INBOX")
        self.assertIn(b"Return-Path: <>\r\n", octets)
        bounce = email.message_from_bytes(octets, policy=email.policy.default)
        self.assertEqual(bounce.get_content_type(), "multipart/report")
        self.assertEqual(bounce["To"], user)
        self.assertEqual(bounce["Auto-Submitted"], "auto-replied")
        text, status, original = bounce.iter_parts()
        self.assertEqual(text.get_content_type(), "text/plain")
        words = text.get_content()
        self.assertIn("nobody@elsewhere.example", words)
        self.assertIn("No such person, really", words)
        self.assertNotIn("carol@elsewhere.example", words)
        self.assertEqual(status.get_content_type(), "message/delivery-status")
        per_message, per_recipient = status.get_payload()
        self.assertIn("Reporting-MTA", per_message)
        self.assertEqual(per_recipient["Final-Recipient"], "rfc822; nobody@elsewhere.example")
        self.assertEqual(per_recipient["Action"], "failed")
        self.assertEqual(per_recipient["Status"], "5.1.1")
        self.assertIn("550 5.1.1", per_recipient["Diagnostic-Code"])
        self.assertIn("Lost and found", original.as_string())
        self.assertEqual(self.server.cli_json("queue", "list", "--sender", user), [])

    def test_what_is_put_off_waits_and_is_tried_again(self):
        user, sent = self.server.user(), message("Patience")
        with self.server.submission(user) as smtp:
            smtp.sendmail(user, ["later@elsewhere.example"], sent)

        def deferred():
            rows = self.server.cli_json("queue", "list", "--sender", user)
            return rows if rows and rows[0]["attempts"] else None

        [row] = wait_until(deferred, "the first attempt in the queue")
        self.assertEqual(row["recipient"], "later@elsewhere.example")
        self.assertEqual(row["attempts"], 1)
        self.assertIn("Come again later", row["lastReply"])
        self.assertIsNotNone(row["nextAttemptAt"])
        self.assertEqual(self.taken("later@elsewhere.example"), [])

        # What waits is kept over a crash.
        self.server.kill()
        self.server.start()
        self.assertEqual(len(self.server.cli_json("queue", "list", "--sender", user)), 1)

        self.server.cli("queue", "retry", "--recipient", "later@elsewhere.example")
        [(_, _, octets)] = wait_until(lambda: self.taken("later@elsewhere.example"), "the message at the relay")
        self.assertTrue(octets.endswith(sent))
        wait_until(lambda: self.server.cli_json("queue", "list", "--sender", user) == [], "an empty queue")
        self.assertEqual(self.server.messages(user), [])
        self.server.cli("queue", "retry", "--recipient", "later@elsewhere.example", code=3)


if __name__ == "__main__":
    unittest.main()
