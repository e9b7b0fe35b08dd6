"""mbsync (isync): a Maildir and the server are made the same, both ways."""
import os
import re
import unittest

from localserve import PASSWORD, ServerTestCase, run
from samples import difficult, message


class Mbsync(ServerTestCase):
    def setUp(self):
        self.user = self.server.user()
        self.folder = self.temporary_folder()
        self.configuration = self.folder / "mbsyncrc"
        self.configuration.write_text(f"""\
IMAPAccount postino
Host localhost
Port {self.server.port("IMAPS")}
User {self.user}
Pass {PASSWORD}
SSLType IMAPS
CertificateFile {self.server.ca}

IMAPStore far
Account postino

MaildirStore near
Path {self.folder}/mail/
Inbox {self.folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
""")
        (self.folder / "mail").mkdir()

    def sync(self, timeout=120):
        done = run(
            ["mbsync", "--config", self.configuration, "--all"], env={"HOME": str(self.folder)}, timeout=timeout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_large_folder(self):
        count = int(os.environ.get("LARGE_FOLDER", "2000"))
        self.server.fill(self.user, count)
        self.sync(timeout=60 + count // 100)
        files = self.near()
        self.assertEqual(len(files), count)
        self.assertIn(f"This is number {count}.\n".encode(), files[-1].read_bytes())
        # And again, with nothing new.
        self.sync(timeout=60 + count // 100)
        self.assertEqual(self.near(), files)

    def near(self, mailbox="INBOX"):
        """The files of a mailbox here, in the order of their UIDs."""
        files = [file for part in ["new", "cur"] for file in (self.folder / "mail" / mailbox / part).iterdir()]
        return sorted(files, key=lambda file: int(file.name.split("U=")[1].split(":")[0].split(",")[0]))

    def octets(self, file):
        """As they came: without the field that mbsync knows its copies by."""
        return re.sub(rb"(?m)^X-TUID: .*\n", b"", file.read_bytes(), count=1)

    def flags(self, number):
        with self.server.imap(self.user) as imap:
            imap.select("INBOX", readonly=True)
            return imap.fetch(str(number), "(FLAGS)")[1][0]

    def test_both_ways(self):
        sent = [difficult(f"Message {number}", self.user) for number in range(5)]
        for octets in sent:
            self.server.deliver(octets, self.user)
        self.sync()
        stored = self.server.messages(self.user)
        self.assertEqual(len(stored), 5)
        files = self.near()
        self.assertEqual(len(files), 5)
        for file, octets in zip(files, stored):
            # A Maildir holds LF.
            self.assertEqual(self.octets(file), octets.replace(b"\r\n", b"\n"))
        # The folders of a new mailbox are here, too.
        for name in ["Sent", "Drafts", "Junk", "Trash", "Archive"]:
            self.assertTrue((self.folder / "mail" / name / "cur").is_dir(), name)

        # Here: one is read and flagged, one deleted, one new; there: one answered, one deleted, one new.
        first, second = files[0], files[1]
        first.rename(first.parent.parent / "cur" / (first.name.split(":")[0] + ":2,FS"))
        second.rename(second.parent.parent / "cur" / (second.name.split(":")[0] + ":2,ST"))
        upstream = message("From here", "new\n")
        (self.folder / "mail/INBOX/new/1.new.here").write_bytes(upstream.replace(b"\r\n", b"\n"))
        with self.server.imap(self.user) as imap:
            imap.select("INBOX")
            imap.store("3", "+FLAGS", r"(\Answered)")
            imap.store("4", "+FLAGS", r"(\Deleted)")
            imap.expunge()
        downstream = message("From there")
        self.server.deliver(downstream, self.user)
        self.sync()

        stored = self.server.messages(self.user)
        self.assertEqual(len(stored), 5)
        for octets, expected in zip(stored, [sent[0], sent[2], sent[4]]):
            self.assertDelivered(octets, expected)
        self.assertEqual(len([octets for octets in stored if octets.endswith(downstream)]), 1)
        mine = [octets for octets in stored if b"Subject: From here\r\n" in octets]
        self.assertEqual(len(mine), 1)
        self.assertTrue(mine[0].endswith(b"\r\n\r\nnew\r\n"))
        self.assertIn(rb"\Flagged", self.flags(1))
        self.assertIn(rb"\Seen", self.flags(1))
        names = [file.name for file in self.near()]
        self.assertEqual(len(names), 5)
        self.assertEqual(len([name for name in names if "R" in name.partition(":2,")[2]]), 1, names)

        # Nothing is left to do.
        before = sorted(file.name for file in self.near())
        self.sync()
        self.assertEqual(sorted(file.name for file in self.near()), before)
        self.assertEqual(len(self.server.messages(self.user)), 5)

    def test_a_folder_made_here_is_made_there(self):
        self.sync()
        folder = self.folder / "mail" / "Project"
        for part in ["new", "cur", "tmp"]:
            (folder / part).mkdir(parents=True)
        (folder / "new/1.new.here").write_bytes(message("In the project").replace(b"\r\n", b"\n"))
        self.sync()
        self.assertEqual(len(self.server.messages(self.user, "Project")), 1)

    def test_many_messages(self):
        sent = [message(f"Number {number}", f"{number}\n" * 20) for number in range(300)]
        with self.server.mx() as smtp:
            for octets in sent:
                smtp.sendmail("ann@example.org", [self.user], octets)
        self.sync()
        files = self.near()
        self.assertEqual(len(files), 300)
        for file, octets in zip(files, sent):
            self.assertTrue(self.octets(file).endswith(octets.replace(b"\r\n", b"\n")))


if __name__ == "__main__":
    unittest.main()
