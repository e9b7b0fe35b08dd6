"""`postino trace`: what an administrator reads of a message that was put off twice, and of one that was refused."""
import re
import unittest

from localserve import ServerTestCase, wait_until
from samples import message
from smtpsink import SMTPSink

GREYLISTED = "451 4.7.1 Greylisted, come again"


class Trace(ServerTestCase):
    settings = {"mailboxes": 5, "filter": "off"}

    @classmethod
    def setUpClass(cls):
        cls.sink = SMTPSink(rcpt={
            "later@elsewhere.example": [GREYLISTED, GREYLISTED, "250 2.1.5 Ok"],
            "nobody@elsewhere.example": ["550 5.1.1 No such person here"]})
        cls.addClassCleanup(cls.sink.close)
        cls.options = ("--relay", cls.sink.address)
        super().setUpClass()

    def submit(self, user, recipient, subject):
        """The Message-ID."""
        octets = message(subject, sender=user, recipient=recipient)
        with self.server.submission(user) as smtp:
            smtp.sendmail(user, [recipient], octets)
        return re.search(rb"\r\nMessage-ID: ([^\r]*)", octets)[1].decode()

    def told(self, identifier, count):
        """The table's lines once there are so many, heading apart, each as its columns."""
        lines = wait_until(
            lambda: len(found := self.server.cli("trace", identifier).stdout.splitlines()) > count and found,
            f"{count} acts of {identifier}")
        self.assertEqual(len(lines), count + 1, lines)
        return [re.split(r"  +", line.strip()) for line in lines[1:]]

    def test_put_off_twice_then_sent(self):
        user, recipient = self.server.user(), "later@elsewhere.example"
        identifier = self.submit(user, recipient, "Patience")
        for attempts in [1, 2]:
            [row] = wait_until(
                lambda: [row for row in self.server.cli_json("queue", "list", "--sender", user)
                         if row["attempts"] == attempts], f"attempt {attempts}")
            self.assertEqual(row["lastReply"], GREYLISTED)
            self.server.cli("queue", "retry", "--recipient", recipient)
        wait_until(lambda: self.sink.messages, "the message at the relay")
        lines = self.told(identifier, 5)
        self.assertEqual([line[2] for line in lines], ["submitted", "queued", "attempted", "attempted", "sent"])
        self.assertEqual(lines[0][3], user)
        self.assertRegex(lines[0][-1], f'from 127\\.0\\.0\\.1, login {user}, session .*{identifier}, "Patience"$')
        self.assertEqual([line[3] for line in lines[1:]], [recipient] * 4)
        self.assertEqual(
            [line[-1] for line in lines[2:]],
            [f"{reply}, by 127.0.0.1" for reply in [GREYLISTED, GREYLISTED, "250 2.0.0 Ok"]])
        # One message has one number, and its acts stand in the order of time.
        self.assertEqual(len({line[0] for line in lines}), 1)
        self.assertEqual([line[1] for line in lines], sorted(line[1] for line in lines))

    def test_refused_and_told_to_the_sender(self):
        user, recipient = self.server.user(), "nobody@elsewhere.example"
        identifier = self.submit(user, recipient, "Lost")
        wait_until(lambda: self.server.messages(user), "the notice")
        lines = self.told(identifier, 3)
        self.assertEqual([line[2] for line in lines], ["submitted", "queued", "bounced"])
        self.assertEqual(lines[2][3], recipient)
        self.assertEqual(lines[2][-1], "550 5.1.1 No such person here, by 127.0.0.1")
        # The notice has a life of its own, which the subject finds.
        notice = self.server.cli_json("trace", "--address", user, "--subject", "could not be delivered")
        self.assertEqual([row["event"] for row in notice], ["made here", "delivered"])


if __name__ == "__main__":
    unittest.main()
