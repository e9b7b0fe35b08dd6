"""A disk without space: mail is put off, what is there can be read, and it goes on by itself when there is space."""
import shutil
import smtplib
import subprocess
import tempfile
import unittest
from pathlib import Path

from localserve import Localserve, wait_until


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.disk = Path(tempfile.mkdtemp(prefix="postino-e2e-full-"))
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=192m,mode=700", "tmpfs", self.disk], capture_output=True, text=True)
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
            except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
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

    def fill(self, keep=0):
        """Leaves `keep` octets free; with 0 the last octet is taken, too."""
        with open(self.disk / "filler", "ab", buffering=0) as file:
            try:
                while keep == 0 or shutil.disk_usage(self.disk).free > keep:
                    if not file.write(bytes(4_096 if keep == 0 else 1 << 20)):
                        break
            except OSError:
                pass

    def empty(self):
        (self.disk / "filler").unlink()

    def takes_mail(self):
        return self.server.cli_json("status")["store"]["state"] == "takes mail"

    def test_below_the_reserve_it_takes_no_mail_and_does_all_else(self):
        user = self.server.user()
        self.assertIsNone(self.deliver(user, 0))
        self.fill(keep=40 << 20)
        wait_until(lambda: not self.takes_mail(), "the reserve to be noticed")
        self.assertEqual(self.deliver(user, 1), 452)
        self.assertEqual(self.count(user), 1)
        with self.server.imap(user) as imap:
            imap.select()
            status, [text] = imap.append("INBOX", None, None, b"Subject: a\r\n\r\ny\r\n")
            self.assertEqual((status, text[:13]), ("NO", b"[UNAVAILABLE]"))
            self.assertEqual(imap.copy("1", "Archive")[0], "NO")
            self.assertEqual(imap.store("1", "+FLAGS", r"(\Deleted)")[0], "OK")
            self.assertEqual(imap.expunge(), ("OK", [b"1"]))
        self.empty()
        wait_until(self.takes_mail, "room to be noticed")
        self.assertIsNone(self.deliver(user, 2))
        self.assertEqual(self.count(user), 1)

    def test_it_starts_on_a_full_disk_reads_and_recovers(self):
        user = self.server.user()
        for number in range(5):
            self.assertIsNone(self.deliver(user, number))
        wait_until((self.server.state / "ballast").exists, "the ballast")
        self.fill()
        self.assertIn(self.deliver(user, 5), (451, 452))
        self.assertEqual(self.count(user), 5)
        pop3 = self.server.pop3(user)
        self.assertEqual(pop3.stat()[0], 5)
        pop3.close()
        self.server.kill()
        self.server.start()
        self.assertFalse(self.takes_mail())
        self.assertFalse((self.server.state / "ballast").exists())
        self.assertEqual(self.count(user), 5)
        self.assertEqual(self.deliver(user, 5), 452)
        self.fill()
        self.assertEqual(self.count(user), 5)
        with self.server.imap(user) as imap:
            imap.select()
            self.assertEqual(len(imap.search(None, "ALL")[1][0].split()), 5)

        # By itself, as soon as there is space.
        self.empty()
        wait_until(self.takes_mail, "room to be noticed")
        for number in range(5, 8):
            self.assertIsNone(self.deliver(user, number))
        self.assertEqual(self.count(user), 8)
        self.assertIn("The store is good", self.server.cli("check").stdout)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.count(user), 8)


if __name__ == "__main__":
    unittest.main()
