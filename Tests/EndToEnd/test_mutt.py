"""neomutt: the mailbox is opened with what it makes of our extensions, and a message is saved and copied."""
import shutil
import unittest

from localserve import PASSWORD, ServerTestCase, run
from samples import difficult, message


@unittest.skipUnless(shutil.which("neomutt"), "neomutt is not installed")
class Mutt(ServerTestCase):
    def mutt(self, user, commands, options=""):
        folder = self.temporary_folder()
        (folder / "neomuttrc").write_text(f"""\
set imap_user = "{user}"
set imap_pass = "{PASSWORD}"
set certificate_file = "{self.server.ca}"
set ssl_ca_certificates_file = "{self.server.ca}"
set ssl_verify_host = yes
set imap_qresync = yes
set imap_condstore = yes
set header_cache = "{folder}/headers"
set delete = yes
set quit = yes
set move = no
set copy = no
set wait_key = no
unset confirm_append
unset confirm_create
unset sleep_time
{options}
""")
        url = f"imaps://localhost:{self.server.port('IMAPS')}/INBOX"
        done = run(
            ["script", "-q", "-e", "-c", f"neomutt -n -F {folder}/neomuttrc -f {url} -e 'push \"{commands}\"'", "/dev/null"],
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "TERM": "xterm", "LC_ALL": "C.UTF-8"}, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
        return folder

    def test_saves_what_is_stored_and_deletes(self):
        user = self.server.user()
        for octets in [difficult("First", user), message("Second")]:
            self.server.deliver(octets, user)
        first = self.server.messages(user)[0]
        folder = self.temporary_folder()
        self.mutt(
            user, f"<first-entry><copy-message>{folder}/saved<enter><last-entry><delete-message><sync-mailbox><quit>",
            options="set mbox_type = mbox")
        saved = (folder / "saved").read_bytes()
        # An mbox begins with a line of its own, holds LF, and neomutt adds Status, Content-Length and Lines.
        body = first.split(b"\r\n\r\n", 1)[1].replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
        self.assertIn(body.rstrip(b"\n"), saved)
        self.assertEqual(len(self.server.messages(user)), 1)


if __name__ == "__main__":
    unittest.main()
