"""getmail6: mail is fetched by IMAP and handed to a program, octet by octet."""
import shutil
import unittest

from localserve import PASSWORD, ServerTestCase, run
from samples import difficult, message


@unittest.skipUnless(shutil.which("getmail"), "getmail6 is not installed")
class Getmail(ServerTestCase):
    def test_fetches_each_message_once(self):
        user, folder = self.server.user(), self.temporary_folder()
        agent = folder / "agent"
        agent.write_text(f"#!/bin/sh\nexec cat > \"$(mktemp {folder}/got.XXXXXX)\"\n")
        agent.chmod(0o755)
        configuration = folder / "getmailrc"
        configuration.write_text(f"""\
[retriever]
type = SimpleIMAPSSLRetriever
server = localhost
port = {self.server.port("IMAPS")}
username = {user}
password = {PASSWORD}
ca_certs = {self.server.ca}
mailboxes = ("INBOX",)

[destination]
type = MDA_external
path = {agent}
allow_root_commands = true

[options]
read_all = false
delivered_to = false
received = false
""")
        configuration.chmod(0o600)

        def fetch():
            done = run(["getmail", "--getmaildir", folder, "--rcfile", configuration],
                       env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return sorted(
                b"".join(line for line in file.read_bytes().splitlines(True) if not line.startswith(b"X-getmail-"))
                for file in folder.glob("got.*"))

        for octets in [difficult("First", user), message("Second")]:
            self.server.deliver(octets, user)
        stored = sorted(octets.replace(b"\r\n", b"\n") for octets in self.server.messages(user))
        self.assertEqual(fetch(), stored)
        self.server.deliver(message("Third"), user)
        self.assertEqual(len(fetch()), 3)


if __name__ == "__main__":
    unittest.main()
