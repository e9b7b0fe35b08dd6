"""fetchmail: mail is taken away by POP3 and by IMAP."""
import os
import unittest

from localserve import PASSWORD, ServerTestCase, run
from samples import difficult, message


class Fetchmail(ServerTestCase):
    def fetch(self, user, protocol, options="no keep", site="", code=0, password=PASSWORD):
        """Returns what the delivery agent was given, in its order."""
        folder = self.temporary_folder()
        agent = folder / "agent"
        agent.write_text(f"#!/bin/sh\nexec cat > \"$(mktemp {folder}/got.$(date +%s%N).XXXXXX)\"\n")
        agent.chmod(0o755)
        port = self.server.port("IMAPS" if protocol == "IMAP" else "POP3S")
        configuration = folder / "fetchmailrc"
        configuration.write_text(
            f'poll localhost service {port} protocol {protocol} timeout 60 {site} user "{user}" password "{password}" '
            f'ssl sslcertck sslcertfile "{self.server.ca}" mda "{agent}" no rewrite {options}\n')
        os.chmod(configuration, 0o600)
        done = run(
            ["fetchmail", "--fetchmailrc", configuration, "--idfile", folder / "ids", "--pidfile", folder / "pid",
             "--nosyslog", "--invisible"], env={"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return [file.read_bytes() for file in sorted(folder.glob("got.*"))]

    def test_takes_all_mail_away(self):
        for protocol in ["POP3", "IMAP"]:
            with self.subTest(protocol):
                user = self.server.user()
                sent = [difficult("First", user), message("Second"), difficult("Third", user)]
                for octets in sent:
                    self.server.deliver(octets, user)
                stored = self.server.messages(user)
                got = self.fetch(user, protocol)
                # fetchmail hands LF to the agent.
                self.assertEqual(got, [octets.replace(b"\r\n", b"\n") for octets in stored])
                self.assertEqual(self.server.messages(user), [])
                # fetchmail says 1 when there is none.
                self.assertEqual(self.fetch(user, protocol, code=1), [])

    def test_keeps_mail_and_takes_new_mail_only(self):
        user, sent = self.server.user(), message("Kept")
        self.server.deliver(sent, user)
        self.assertEqual(len(self.fetch(user, "POP3", options="keep", site="uidl")), 1)
        self.assertOneDelivered(user, sent)

    def test_a_wrong_password_is_said(self):
        user = self.server.user()
        for protocol in ["POP3", "IMAP"]:
            with self.subTest(protocol):
                self.fetch(user, protocol, password="wrong", code=3)


if __name__ == "__main__":
    unittest.main()
