"""mutt: a folder is opened, a message read, saved, and another deleted."""
import os
import unittest

from localserve import PASSWORD, ServerTestCase
from samples import difficult, message
from terminal import run_in_terminal


class Mutt(ServerTestCase):
    def mutt(self, user, keys, timeout=60):
        """Opens INBOX, and does what the keys say. Returns its folder, for what it wrote."""
        folder = self.temporary_folder()
        (folder / "muttrc").write_text(f"""\
set imap_user = "{user}"
set imap_pass = "{PASSWORD}"
set certificate_file = "{self.server.ca}"
set ssl_verify_host = yes
set imap_qresync = yes
set imap_condstore = yes
set folder = "{folder}"
set record = ""
set header_cache = "{folder}/headers"
set delete = yes
set quit = yes
set move = no
set mbox_type = mbox
unset wait_key
unset mark_old
unset confirmappend
unset confirmcreate
set sleep_time = 0
""")
        keys = keys.replace("HERE", str(folder))
        code, drawn = run_in_terminal(
            ["mutt", "-n", "-F", folder / "muttrc", "-f", f"imaps://localhost:{self.server.port('IMAPS')}/INBOX",
             "-e", f"push '{keys}'"],
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "TERM": "xterm", "LC_ALL": "C.UTF-8"}, timeout=timeout)
        self.assertEqual(code, 0, drawn[-2_000:])
        return folder

    def test_saves_what_is_stored_and_deletes(self):
        user = self.server.user()
        for octets in [difficult("First", user), message("Second")]:
            self.server.deliver(octets, user)
        first = self.server.messages(user)[0]
        folder = self.mutt(
            user, "<first-entry><copy-message>HERE/saved<enter><last-entry><delete-message><sync-mailbox><quit>")
        saved = (folder / "saved").read_bytes()
        # An mbox begins with a line of its own and holds LF, and mutt adds fields.
        body = first.split(b"\r\n\r\n", 1)[1].replace(b"\r\n", b"\n")
        self.assertIn(body.rstrip(b"\n"), saved)
        self.assertEqual(self.server.messages(user), [first])

    def test_opens_a_large_folder(self):
        count = int(os.environ.get("LARGE_FOLDER", "2000"))
        user = self.server.user()
        self.server.fill(user, count)
        folder = self.mutt(
            user, "<last-entry><copy-message>HERE/last<enter><tag-pattern>~A<enter><quit>", timeout=60 + count // 500)
        self.assertIn(f"Subject: number {count}\n".encode(), (folder / "last").read_bytes())


if __name__ == "__main__":
    unittest.main()
