"""Spam, viruses, and the scanner that dies."""
import base64
import os
import signal
import unittest

from localserve import ServerTestCase, wait_until
from samples import eicar, mbox, message, prose


def children(pid):
    """All processes below this one."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found += [int(entry), *children(int(entry))]
    return found


class Spam(ServerTestCase):
    def corpus(self, is_spam):
        file = self.temporary_folder() / "mbox"
        file.write_bytes(mbox([prose(is_spam, seed) for seed in range(120)]))
        return file

    def test_what_is_learned_decides(self):
        # An untrained classifier judges nothing.
        user = self.server.user()
        self.server.deliver(prose(True, "before"), user)
        self.assertEqual(len(self.server.messages(user)), 1)

        spam, ham = self.corpus(True), self.corpus(False)
        learned = self.server.cli_json("spam", "learn", "--spam", spam)
        self.assertEqual((learned["learned"], learned["known"]), (120, 0))
        self.assertEqual(self.server.cli_json("spam", "learn", "--ham", ham)["learned"], 120)
        # The same once more teaches nothing.
        again = self.server.cli_json("spam", "learn", "--spam", spam)
        self.assertEqual((again["learned"], again["known"]), (0, 120))

        user = self.server.user()
        spam, ham = prose(True, "new"), prose(False, "new")
        self.assertEqual(self.server.deliver(spam, user)[0], 250)
        self.assertEqual(self.server.deliver(ham, user)[0], 250)
        stored = self.assertOneDelivered(user, spam, "Junk")
        self.assertRegex(stored, rb"\r\nX-Postino-Spam: junk p=0\.9")
        self.assertRegex(stored, rb"bayes=\+[0-9.]+;?\s*\(words:")
        stored = self.assertOneDelivered(user, ham, "INBOX")
        self.assertRegex(stored, rb"\r\nX-Postino-Spam: ham p=0\.0")

        # Mail of our own users is not judged.
        other = self.server.user()
        with self.server.submission(user) as smtp:
            smtp.sendmail(user, [other], prose(True, "own"))
        self.assertEqual(len(self.server.messages(other, "INBOX")), 1)


class Scanner(ServerTestCase):
    def test_finds_viruses_where_they_hide(self):
        user = self.server.user()
        hidden = base64.encodebytes(eicar().encode()).decode()
        cases = {
            "attached": message(
                "Attached", "--cut\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n"
                f"{hidden}--cut--\n",
                fields='MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="cut"\n'),
            "in a large message": message("Large", eicar() + "\n" + ("0123456789" * 7 + "\n") * 30_000),
        }
        for name, octets in cases.items():
            with self.subTest(name):
                code, text = self.server.deliver(octets, user)
                self.assertEqual(code, 550, text)
                self.assertIn("5.7.1", text)
        self.assertEqual(self.server.messages(user), [])

    def test_a_message_says_that_it_was_scanned(self):
        user, sent = self.server.user(), message()
        self.server.deliver(sent, user)
        self.assertIn(b"\r\nX-Postino-Virus: clean\r\n", self.assertOneDelivered(user, sent))

    def test_mail_flows_again_after_the_scanner_was_killed(self):
        user = self.server.user()
        for round_ in range(3):
            scanners = children(self.server.process.pid)
            self.assertTrue(scanners)
            for pid in scanners:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

            def taken():
                code, text = self.server.deliver(message(f"Round {round_}"), user)
                self.assertIn(code, [250, 451], text)
                return code == 250

            wait_until(taken, "mail is taken after the scanner was killed")
            self.assertEqual(len(self.server.messages(user)), round_ + 1)
            self.assertEqual(self.server.deliver(message("Virus", eicar() + "\n"), user)[0], 550)
        self.assertGreaterEqual(self.server.antivirus()["restarts"], 3)


class NoSignatures(ServerTestCase):
    settings = {"signatures": "/nonexistent/signatures"}

    @classmethod
    def setUpClass(cls):
        cls.settings = dict(cls.settings, ready=False)
        super().setUpClass()

    def test_mail_flows_and_says_that_it_was_not_scanned(self):
        user, sent = self.server.user(), message()

        def taken():
            code, text = self.server.deliver(sent, user)
            self.assertIn(code, [250, 451], text)
            return code == 250

        wait_until(taken, "mail is taken without signatures")
        self.assertIn(b"X-Postino-Virus: not-checked", self.assertOneDelivered(user, sent))
        status = self.server.antivirus()
        self.assertEqual(status["signatures"], 0)
        self.assertIn("without any signatures", self.server.cli("status").stdout)


class FilterOff(ServerTestCase):
    settings = {"filter": "off"}

    def test_nothing_is_judged(self):
        user, sent = self.server.user(), message("Test file", eicar() + "\n")
        self.assertEqual(self.server.deliver(sent, user)[0], 250)
        self.assertNotIn(b"X-Postino", self.assertOneDelivered(user, sent))


if __name__ == "__main__":
    unittest.main()
