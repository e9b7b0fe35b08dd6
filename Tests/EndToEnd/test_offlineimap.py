"""offlineimap3: a Maildir and the server are made the same, both ways, with its own reading of IMAP."""
import shutil
import unittest

from localserve import PASSWORD, ServerTestCase, run
from samples import difficult, message


@unittest.skipUnless(shutil.which("offlineimap3") or shutil.which("offlineimap"), "offlineimap3 is not installed")
class OfflineIMAP(ServerTestCase):
    def setUp(self):
        self.user = self.server.user()
        self.folder = self.temporary_folder()
        self.configuration = self.folder / "offlineimaprc"
        self.configuration.write_text(f"""\
[general]
accounts = all
metadata = {self.folder}/metadata
ui = basic
fsync = False

[Account all]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = {self.folder}/mail

[Repository far]
type = IMAP
remotehost = localhost
remoteport = {self.server.port("IMAPS")}
remoteuser = {self.user}
remotepass = {PASSWORD}
ssl = yes
sslcacertfile = {self.server.ca}
""")

    def sync(self):
        program = shutil.which("offlineimap3") or "offlineimap"
        done = run([program, "-c", self.configuration, "-o"], env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("ERROR", done.stdout + done.stderr)

    def near(self, mailbox="INBOX"):
        """The octets of a mailbox here, without the field that offlineimap marks its own uploads by."""
        files = [file for part in ["new", "cur"] for file in (self.folder / "mail" / mailbox / part).iterdir()]
        return sorted(
            b"".join(line for line in file.read_bytes().splitlines(True) if not line.startswith(b"X-OfflineIMAP:"))
            for file in files)

    def test_both_ways(self):
        for number in range(3):
            self.server.deliver(difficult(f"Message {number}", self.user), self.user)
        self.sync()
        stored = self.server.messages(self.user)
        # A Maildir holds LF.
        self.assertEqual(self.near(), sorted(octets.replace(b"\r\n", b"\n") for octets in stored))

        upstream = message("From here", "new\n")
        (self.folder / "mail/INBOX/new/1.new.here").write_bytes(upstream.replace(b"\r\n", b"\n"))
        with self.server.imap(self.user) as imap:
            imap.select("INBOX")
            imap.store("2", "+FLAGS", r"(\Deleted)")
            imap.expunge()
        self.sync()
        stored = self.server.messages(self.user)
        self.assertEqual(len(stored), 3)
        self.assertEqual(len([octets for octets in stored if b"Subject: From here\r\n" in octets]), 1)
        self.assertEqual(len(self.near()), 3)
        self.sync()
        self.assertEqual(len(self.server.messages(self.user)), 3)


if __name__ == "__main__":
    unittest.main()
