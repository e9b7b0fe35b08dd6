"""curl: SMTP, IMAP and POP3 by its URLs."""
import unittest

from localserve import PASSWORD, ServerTestCase, run
from samples import difficult, message


class Curl(ServerTestCase):
    def curl(self, *arguments, code=0):
        done = run(["curl", "--silent", "--show-error", "--max-time", "60", "--cacert", self.server.ca, *arguments])
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def octets_of(self, *arguments):
        file = self.temporary_folder() / "fetched"
        self.curl("--output", file, *arguments)
        return file.read_bytes()

    def url(self, scheme, port, path=""):
        return f"{scheme}://{self.server.host}:{self.server.port(port)}/{path}"

    def file(self, octets):
        file = self.temporary_folder() / "message"
        file.write_bytes(octets)
        return file

    def test_smtp(self):
        user, sent = self.server.user(), difficult()
        self.curl(self.url("smtp", "MX", "client.example.org"), "--mail-from", "ann@example.org", "--mail-rcpt", user,
                  "--upload-file", self.file(sent))
        self.assertOneDelivered(user, sent)

    def test_submission(self):
        for scheme, port in [("smtp", "SUBMISSION"), ("smtps", "SUBMISSIONS")]:
            with self.subTest(scheme):
                user, other, sent = self.server.user(), self.server.user(), difficult()
                self.curl(self.url(scheme, port), "--ssl-reqd", "--user", f"{user}:{PASSWORD}", "--mail-from", user,
                          "--mail-rcpt", other, "--upload-file", self.file(sent))
                self.assertOneDelivered(other, sent)

    def test_imap(self):
        user, first, second = self.server.user(), difficult("First"), message("Second", "needle\n")
        login = ["--user", f"{user}:{PASSWORD}"]
        for octets in [first, second]:
            self.curl(self.url("imaps", "IMAPS", "INBOX"), *login, "--upload-file", self.file(octets))
        self.assertEqual(self.octets_of(self.url("imaps", "IMAPS", "INBOX;MAILINDEX=1"), *login), first)
        self.assertEqual(self.octets_of(self.url("imaps", "IMAPS", "INBOX;UID=2"), *login), second)
        self.assertEqual(
            self.octets_of(self.url("imaps", "IMAPS", "INBOX;UID=2;SECTION=TEXT"), *login), b"needle\r\n")
        self.assertEqual(self.octets_of(self.url("imaps", "IMAPS", "INBOX?TEXT%20needle"), *login), b"* SEARCH 2\r\n")
        self.assertIn(b'"Junk"', self.octets_of(self.url("imaps", "IMAPS"), *login).replace(b" Junk", b' "Junk"'))
        # STARTTLS on the other port.
        starttls = ["--ssl-reqd", *login]
        self.assertEqual(self.octets_of(self.url("imap", "IMAP", "INBOX;MAILINDEX=1"), *starttls), first)

    def test_pop3(self):
        user, sent = self.server.user(), difficult()
        self.server.deliver(sent, user)
        login = ["--user", f"{user}:{PASSWORD}"]
        stored = self.assertOneDelivered(user, sent)
        self.assertEqual(self.octets_of(self.url("pop3s", "POP3S", "1"), *login), stored)
        self.assertEqual(self.octets_of(self.url("pop3s", "POP3S"), *login).split(), [b"1", str(len(stored)).encode()])
        self.assertEqual(self.octets_of(self.url("pop3", "POP3", "1"), "--ssl-reqd", *login), stored)
        self.curl(self.url("pop3s", "POP3S", "1"), *login, "--request", "DELE", "--list-only")
        self.assertEqual(self.server.messages(user), [])

    def test_a_wrong_password_is_refused_everywhere(self):
        user = self.server.user()
        for scheme, port, code in [("imaps", "IMAPS", 67), ("pop3s", "POP3S", 67), ("smtps", "SUBMISSIONS", 67)]:
            with self.subTest(scheme):
                self.curl(self.url(scheme, port), "--user", f"{user}:wrong", code=code)

    def test_health_and_counters(self):
        self.assertEqual(self.curl(self.url("http", "HTTP", "health"), "--fail").returncode, 0)
        self.assertIn("postino_connections", self.curl(self.url("http", "HTTP", "metrics"), "--fail").stdout)


if __name__ == "__main__":
    unittest.main()
