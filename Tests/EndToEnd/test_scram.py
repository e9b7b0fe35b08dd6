"""SCRAM-SHA-256, alone and tied to TLS, in IMAP, POP3 and submission."""
import base64
import hashlib
import hmac
import imaplib
import os
import poplib
import shutil
import smtplib
import ssl
import unittest

from localserve import PASSWORD, ServerTestCase, run
from samples import difficult


def digest(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


class Scram:
    """The client's side, as RFC 5802 §3 has it."""

    def __init__(self, name, password, certificate=None, header=None):
        self.password = password
        self.header = header or ("p=tls-server-end-point,," if certificate else "n,,")
        # RFC 5929 §4: the certificate's own hash, which is SHA-256 here.
        self.binding = hashlib.sha256(certificate).digest() if certificate else b""
        self.nonce = base64.b64encode(os.urandom(18)).decode()
        self.bare = f"n={name},r={self.nonce}"
        self.signature = None
        self.salt = None
        self.verified = False

    def respond(self, challenge):
        if not challenge:
            return (self.header + self.bare).encode()
        if challenge.startswith(b"v="):
            assert base64.b64decode(challenge[2:]) == self.signature, "the server does not know the password"
            self.verified = True
            return b""
        parts = dict(part.split("=", 1) for part in challenge.decode().split(","))
        assert parts["r"].startswith(self.nonce)
        self.salt = parts["s"]
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), base64.b64decode(self.salt), int(parts["i"]))
        binding = base64.b64encode(self.header.encode() + self.binding).decode()
        final = f"c={binding},r={parts['r']}"
        message = f"{self.bare},{challenge.decode()},{final}".encode()
        key = digest(salted, b"Client Key")
        proof = bytes(a ^ b for a, b in zip(key, digest(hashlib.sha256(key).digest(), message)))
        self.signature = digest(digest(salted, b"Server Key"), message)
        return f"{final},p={base64.b64encode(proof).decode()}".encode()


class Tied(ServerTestCase):
    def context(self):
        return ssl.create_default_context(cafile=self.server.ca)

    def connect_imap(self):
        return imaplib.IMAP4_SSL("localhost", self.server.port("IMAPS"), ssl_context=self.context())

    def test_imap(self):
        user = self.server.user()
        for tied in [False, True]:
            with self.connect_imap() as imap:
                self.assertIn("AUTH=SCRAM-SHA-256-PLUS", imap.capabilities)
                self.assertIn("AUTH=SCRAM-SHA-256", imap.capabilities)
                scram = Scram(user, PASSWORD, imap.sock.getpeercert(True) if tied else None)
                imap.authenticate("SCRAM-SHA-256-PLUS" if tied else "SCRAM-SHA-256", scram.respond)
                self.assertTrue(scram.verified)
                self.assertEqual(imap.select()[0], "OK")

    def test_what_is_wrong_is_refused(self):
        user, nobody = self.server.user(), f"nobody-here@{self.server.domain}"
        salts = {}
        for name in [user, nobody, user, nobody]:
            with self.connect_imap() as imap:
                scram = Scram(name, "wrong")
                with self.assertRaisesRegex(imap.error, "AUTHENTICATIONFAILED"):
                    imap.authenticate("SCRAM-SHA-256", scram.respond)
                # Nobody can tell which of them exists.
                self.assertEqual(salts.setdefault(name, scram.salt), scram.salt)
                self.assertEqual(len(base64.b64decode(scram.salt)), 16)
        with self.connect_imap() as imap:
            other = Scram(user, PASSWORD, b"another certificate")
            with self.assertRaisesRegex(imap.error, "AUTHENTICATIONFAILED"):
                imap.authenticate("SCRAM-SHA-256-PLUS", other.respond)
            # Somebody cut the offer out, so that the client believes that there is none.
            with self.assertRaisesRegex(imap.error, "AUTHENTICATIONFAILED"):
                imap.authenticate("SCRAM-SHA-256", Scram(user, PASSWORD, header="y,,").respond)

    def test_pop3(self):
        user = self.server.user()
        pop = poplib.POP3_SSL("localhost", self.server.port("POP3S"), context=self.context())
        scram = Scram(user, PASSWORD, pop.sock.getpeercert(True))
        self.assertIn("SCRAM-SHA-256-PLUS", pop.capa()["SASL"])
        challenge = pop._shortcmd("AUTH SCRAM-SHA-256-PLUS")
        while challenge.startswith(b"+ "):
            answer = scram.respond(base64.b64decode(challenge[2:]))
            challenge = pop._shortcmd(base64.b64encode(answer).decode())
        self.assertTrue(challenge.startswith(b"+OK"), challenge)
        self.assertTrue(scram.verified)
        pop.quit()

    def test_submission(self):
        user = self.server.user()
        with smtplib.SMTP_SSL("localhost", self.server.port("SUBMISSIONS"), context=self.context()) as smtp:
            smtp.ehlo()
            scram = Scram(user, PASSWORD, smtp.sock.getpeercert(True))
            self.assertIn("SCRAM-SHA-256-PLUS", smtp.esmtp_features["auth"])
            code, text = smtp.docmd("AUTH SCRAM-SHA-256-PLUS")
            while code == 334:
                code, text = smtp.docmd(base64.b64encode(scram.respond(base64.b64decode(text))).decode())
            self.assertEqual(code, 235, text)
            smtp.sendmail(user, [user], difficult())

    def test_a_new_password_counts(self):
        user = self.server.user()
        self.server.cli("mailbox", "password", user, "--password-stdin", input="another one\n")
        for password, holds in [(PASSWORD, False), ("another one", True)]:
            with self.connect_imap() as imap:
                try:
                    imap.authenticate("SCRAM-SHA-256", Scram(user, password).respond)
                    self.assertTrue(holds)
                except imap.error:
                    self.assertFalse(holds)


class Programs(ServerTestCase):
    def test_mbsync_by_cyrus_sasl(self):
        user, sent = self.server.user(), difficult()
        self.server.deliver(sent, user)
        folder = self.temporary_folder()
        (folder / "mail").mkdir()
        (folder / "mbsyncrc").write_text(f"""\
IMAPAccount postino
Host localhost
Port {self.server.port("IMAPS")}
User {user}
Pass {PASSWORD}
SSLType IMAPS
CertificateFile {self.server.ca}
AuthMechs SCRAM-SHA-256

IMAPStore far
Account postino

MaildirStore near
Path {folder}/mail/
Inbox {folder}/mail/INBOX

Channel all
Far :far:
Near :near:
Create Near
SyncState *
""")
        done = run(["mbsync", "--debug", "--config", folder / "mbsyncrc", "--all"], env={"HOME": str(folder)})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("AUTHENTICATE SCRAM-SHA-256", done.stdout)
        self.assertEqual(len(list((folder / "mail/INBOX/new").iterdir())), 1)

    def test_msmtp_by_gnu_sasl(self):
        user, sent = self.server.user(), difficult()
        done = run(
            ["msmtp", "--file=/dev/null", "--host=localhost", f"--port={self.server.port('SUBMISSION')}",
             "--auth=scram-sha-256", f"--user={user}", f"--passwordeval=echo {PASSWORD}", "--tls=on",
             "--tls-starttls=on", f"--tls-trust-file={self.server.ca}", f"--from={user}", "--timeout=60", "--", user],
            input=sent.decode().replace("\r\n", "\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertOneDelivered(user, sent)

    @unittest.skipUnless(shutil.which("gsasl"), "gsasl is not installed")
    def test_gsasl(self):
        user = self.server.user()
        for password in [PASSWORD, "wrong"]:
            with self.subTest(password=password):
                done = run(
                    ["gsasl", "--client", "--imap", f"--connect=localhost:{self.server.port('IMAP')}",
                     "--mechanism=SCRAM-SHA-256", f"--authentication-id={user}", f"--password={password}",
                     f"--x509-ca-file={self.server.ca}", "--no-cb", "--hostname=localhost"], input="")
                self.assertEqual(done.returncode == 0, password == PASSWORD, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
