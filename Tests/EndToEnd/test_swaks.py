"""Swaks: mail as other servers and as mail programs bring it."""
import unittest

from localserve import PASSWORD, ServerTestCase, run
from samples import difficult, eicar, message


class Swaks(ServerTestCase):
    def swaks(self, *arguments, port="MX", octets=None, code=0):
        """Returns the transcript."""
        file = self.temporary_folder() / "message"
        # Swaks makes CR LF of LF, doubles dots, and ends the last line.
        file.write_bytes((octets or message()).replace(b"\r\n", b"\n").removesuffix(b"\n"))
        done = run(
            ["swaks", "--server", self.server.host, "--port", self.server.port(port), "--ehlo", "client.example.org",
             "--data", f"@{file}", "--timeout", "60", *arguments])
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def login(self, user, kind="PLAIN", password=PASSWORD):
        return ["--auth", kind, "--auth-user", user, "--auth-password", password]

    def verified(self):
        return ["--tls-verify", "--tls-ca-path", self.server.ca]

    def test_delivers_to_a_mailbox_octet_for_octet(self):
        user, sent = self.server.user(), difficult()
        self.swaks("--from", "ann@example.org", "--to", user, octets=sent)
        stored = self.assertOneDelivered(user, sent)
        self.assertIn(b"Return-Path: <ann@example.org>\r\n", stored)

    def test_delivers_to_postmaster(self):
        self.swaks("--from", "ann@example.org", "--to", f"postmaster@{self.server.domain}")
        self.swaks("--from", "ann@example.org", "--to", f"abuse@{self.server.domain}")

    def test_delivers_under_starttls(self):
        user, sent = self.server.user(), message()
        talk = self.swaks("--tls", *self.verified(), "--from", "ann@example.org", "--to", user, octets=sent)
        self.assertIn("TLS started", talk)
        self.assertIn(b"ESMTPS", self.assertOneDelivered(user, sent))

    def test_refuses_to_relay(self):
        talk = self.swaks("--from", "ann@example.org", "--to", "bob@elsewhere.example", code=24)
        self.assertIn("550 5.7.1", talk)

    def test_refuses_to_relay_for_its_own_domain_as_sender(self):
        talk = self.swaks("--from", f"user0@{self.server.domain}", "--to", "bob@elsewhere.example", code=24)
        self.assertIn("550 5.7.1", talk)

    def test_refuses_an_unknown_recipient(self):
        talk = self.swaks("--from", "ann@example.org", "--to", f"nobody-here@{self.server.domain}", code=24)
        self.assertIn("550 5.1.1", talk)

    def test_refuses_a_virus(self):
        user = self.server.user()
        talk = self.swaks(
            "--from", "ann@example.org", "--to", user, octets=message("Test file", eicar() + "\n"), code=26)
        self.assertIn("550 5.7.1", talk)
        self.assertEqual(self.server.messages(user), [])

    def test_refuses_a_virus_from_its_own_users(self):
        user = self.server.user()
        talk = self.swaks(
            "--tls", *self.login(user), "--from", user, "--to", user, port="SUBMISSION",
            octets=message("Test file", eicar() + "\n"), code=26)
        self.assertIn("550 5.7.1", talk)

    def test_submits_with_starttls(self):
        for kind in ["PLAIN", "LOGIN"]:
            with self.subTest(kind):
                user, other, sent = self.server.user(), self.server.user(), difficult()
                talk = self.swaks(
                    "--tls", *self.verified(), *self.login(user, kind), "--from", user, "--to", other,
                    port="SUBMISSION", octets=sent)
                self.assertIn("235 2.7.0", talk)
                self.assertOneDelivered(other, sent)

    def test_submits_with_implicit_tls(self):
        for kind in ["PLAIN", "LOGIN"]:
            with self.subTest(kind):
                user, other, sent = self.server.user(), self.server.user(), difficult()
                self.swaks(
                    "--tls-on-connect", *self.verified(), *self.login(user, kind), "--from", user, "--to", other,
                    port="SUBMISSIONS", octets=sent)
                self.assertOneDelivered(other, sent)

    def test_takes_no_login_in_clear(self):
        user = self.server.user()
        talk = self.swaks(*self.login(user), "--from", user, "--to", user, port="SUBMISSION", code=28)
        self.assertNotIn("250-AUTH", talk)
        self.assertNotIn("235", talk)

    def test_takes_no_wrong_password(self):
        user = self.server.user()
        talk = self.swaks("--tls", *self.login(user, password="wrong"), "--from", user, "--to", user,
                          port="SUBMISSION", code=28)
        self.assertIn("535 5.7.8", talk)

    def test_submission_wants_a_login(self):
        user = self.server.user()
        talk = self.swaks("--tls", "--from", user, "--to", user, port="SUBMISSION", code=23)
        self.assertIn("530", talk)

    def test_takes_no_sender_that_is_not_the_users_own(self):
        user, other = self.server.user(), self.server.user()
        talk = self.swaks("--tls", *self.login(user), "--from", other, "--to", other, port="SUBMISSION", code=23)
        self.assertIn("553 5.7.1", talk)


if __name__ == "__main__":
    unittest.main()
