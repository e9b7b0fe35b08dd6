"""A disk without space: mail is put off, what is there can be read, and it goes on by itself when there is space."""
import smtplib
import subprocess
import tempfile
import unittest
from pathlib import Path

from localserve import Localserve


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.disk = Path(tempfile.mkdtemp(prefix="postino-e2e-full-"))
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=48m,mode=700", "tmpfs", self.disk], capture_output=True, text=True)
        if made.returncode != 0:
            self.disk.rmdir()
            self.skipTest("a small file system of its own needs root: " + made.stderr.strip())
        self.server = Localserve(mailboxes=1, filter="off", signatures=None, folder=self.disk)

    def tearDown(self):
        if hasattr(self, "server"):
            if self.server.process.poll() is None:
                self.server.kill()
            subprocess.run(["umount", self.disk], check=True)
            self.disk.rmdir()

    def deliver(self, user, number):
        """None, or the reply with which it was not taken."""
        text = f"From: ann@example.org\r\nSubject: number {number}\r\n\r\n" + ("x" * 70 + "\r\n") * 2_000
        with self.server.mx() as smtp:
            try:
                smtp.sendmail("ann@example.org", [user], text)
            except smtplib.SMTPDataError as error:
                return error.smtp_code
            except smtplib.SMTPRecipientsRefused as error:
                return error.recipients[user][0]
        return None

    def count(self, user):
        imap = self.server.imap(user)
        status, [messages] = imap.select("INBOX")
        self.assertEqual(status, "OK", messages)
        count = int(messages)
        if count:
            status, parts = imap.fetch(f"1:{count}", "(BODY[HEADER.FIELDS (SUBJECT)])")
            self.assertEqual(status, "OK")
            self.assertEqual(sum(isinstance(part, tuple) for part in parts), count)
            status, [(_, body), *_] = imap.fetch(str(count), "(BODY[])")
            self.assertEqual((status, body.count(b"x" * 70)), ("OK", 2_000))
        imap.logout()
        return count

    def test_it_puts_mail_off_reads_on_and_recovers(self):
        user = self.server.user()
        accepted = 0
        while (code := self.deliver(user, accepted)) is None and accepted < 400:
            accepted += 1
        self.assertIn(code, (451, 452))
        # The last octets too, so that nothing at all can be written.
        filler = self.disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while file.write(bytes(4_096)):
                    pass
            except OSError:
                pass
        self.assertIn(self.deliver(user, accepted), (451, 452))
        self.assertEqual(self.count(user), accepted)
        imap = self.server.imap(user)
        self.assertEqual(imap.append("INBOX", None, None, b"Subject: a\r\n\r\n" + b"y" * 100_000)[0], "NO")
        imap.logout()
        pop3 = self.server.pop3(user)
        self.assertEqual(pop3.stat()[0], accepted)
        pop3.close()

        # By itself, as soon as there is space.
        subprocess.run(["mount", "-o", "remount,size=96m", self.disk], check=True)
        for number in range(accepted, accepted + 3):
            self.assertIsNone(self.deliver(user, number))
        self.assertEqual(self.count(user), accepted + 3)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.count(user), accepted + 3)
        self.server.stop()


if __name__ == "__main__":
    unittest.main()
