"""The limits of `serve`: what one client may try."""
import smtplib
import unittest

from localserve import WAIT_SECONDS, ServerTestCase


class ProductionLimits(ServerTestCase):
    options = ("--limits", "production")
    settings = {"mailboxes": 1, "filter": "off"}

    def test_guessing_recipients_ends_the_connection(self):
        with self.server.mx() as smtp:
            smtp.mail("ann@example.org")
            codes = []
            try:
                for number in range(200):
                    codes.append(smtp.rcpt(f"guess{number}@{self.server.domain}")[0])
                    if codes[-1] == 421:
                        break
            except smtplib.SMTPServerDisconnected:
                pass
        self.assertIn(550, codes)
        self.assertLessEqual(len(codes), 101)

    def test_guessing_passwords_ends_the_connection(self):
        smtp = smtplib.SMTP(self.server.host, self.server.port("SUBMISSION"), timeout=WAIT_SECONDS)
        smtp.starttls(context=self.server.tls)
        smtp.ehlo()
        codes = []
        try:
            for _ in range(10):
                codes.append(smtp.docmd("AUTH", "PLAIN AHVzZXIwQGV4YW1wbGUudGVzdAB3cm9uZw==")[0])
        except smtplib.SMTPServerDisconnected:
            pass
        smtp.close()
        self.assertIn(535, codes)
        self.assertLess(len(codes), 10)


if __name__ == "__main__":
    unittest.main()
