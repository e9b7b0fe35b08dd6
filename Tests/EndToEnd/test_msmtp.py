"""msmtp: submission as a mail program's sendmail."""
import unittest

from localserve import PASSWORD, ServerTestCase, run
from samples import difficult


class Msmtp(ServerTestCase):
    def msmtp(self, user, recipient, octets, *, implicit=False, password=PASSWORD):
        # msmtp reads a text with LF and makes CR LF of it.
        return run(
            ["msmtp", "--file=/dev/null", "--host=localhost", f"--port={self.port(implicit)}", "--auth=plain",
             f"--user={user}", f"--passwordeval=echo {password}", "--tls=on",
             f"--tls-starttls={'off' if implicit else 'on'}", f"--tls-trust-file={self.server.ca}", f"--from={user}",
             "--timeout=60", "--", recipient],
            input=octets.decode().replace("\r\n", "\n"))

    def port(self, implicit):
        return self.server.port("SUBMISSIONS" if implicit else "SUBMISSION")

    def test_submits(self):
        for implicit in [False, True]:
            with self.subTest(implicit=implicit):
                user, other, sent = self.server.user(), self.server.user(), difficult()
                done = self.msmtp(user, other, sent, implicit=implicit)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertOneDelivered(other, sent)

    def test_a_wrong_password_is_said(self):
        user = self.server.user()
        done = self.msmtp(user, user, difficult(), password="wrong")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("535", done.stderr)

    def test_an_unknown_recipient_is_said(self):
        user = self.server.user()
        done = self.msmtp(user, f"nobody-here@{self.server.domain}", difficult())
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("550", done.stderr)


if __name__ == "__main__":
    unittest.main()
