"""`postino serve` by its configuration file: who it becomes, what it refuses, signals, certificates."""
import imaplib
import os
import poplib
import pwd
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from dnsserver import DNSServer
from localserve import BINARY, PASSWORD, START_SECONDS, WAIT_SECONDS, Localserve, ServerTestCase, run, wait_until
from samples import message

PORTS = ["smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "http"]


def free_ports(count):
    """That nothing listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for taken in sockets:
            taken.bind(("127.0.0.1", 0))
        return [taken.getsockname()[1] for taken in sockets]
    finally:
        for taken in sockets:
            taken.close()


def can_run_it(user):
    """May the user start the program where it lies?"""
    return run(["setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups", BINARY, "--version"]).returncode == 0


class Signals(ServerTestCase):
    settings = {"mailboxes": 1, "filter": "off"}

    def test_it_stops_in_order(self):
        for number in [signal.SIGTERM, signal.SIGINT]:
            with self.subTest(number):
                user = f"user0@{self.server.domain}"
                imap, smtp = self.server.imap(user), self.server.mx()
                imap.select()
                self.server.process.send_signal(number)
                self.assertEqual(self.server.process.wait(timeout=10), 0)
                # Who is connected is told why.
                self.assertIn(b"BYE", imap.readline())
                self.assertTrue(smtp.file.readline().startswith(b"421"))
                self.assertFalse((self.server.state / "env").exists())
                self.server.start()

    def test_it_survives_a_hangup(self):
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "certificate read again" in self.server.last_words(), "the certificate is read again")
        self.server.imap(f"user0@{self.server.domain}").logout()


class Serve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="postino-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.dns = DNSServer({"example.org": {"MX": ["10 mx.example.org"]}, "mx.example.org": {"A": ["192.0.2.1"]}})
        cls.addClassCleanup(cls.dns.close)
        # Two authorities, each with a certificate.
        for name in ["first", "second"]:
            server = Localserve(mailboxes=1, filter="off")
            shutil.copytree(server.state / "tls", cls.folder / name)
            server.remove()
        shutil.copytree(cls.folder / "first", cls.folder / "tls")
        cls.user = "nobody" if os.geteuid() == 0 and can_run_it("nobody") else ""
        cls.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        state = cls.folder / "state"
        state.mkdir(mode=0o700)
        cls.configuration = cls.folder / "postino.yaml"
        cls.configuration.write_text(
            f'hostname: mail.example.test\nstate: {state}\nuser: "{cls.user}"\n'
            "listen:\n  host: 127.0.0.1\n" + "".join(f"  {name}: {port}\n" for name, port in cls.ports.items())
            + f"tls:\n  certificate: {cls.folder}/tls/cert.pem\n  key: {cls.folder}/tls/key.pem\n"
            f'dns:\n  resolver: "{cls.dns.address}"\nfilter:\n  enabled: false\n')
        cls.own()
        cls.log = cls.folder / "log"
        with open(cls.log, "ab") as log:
            cls.process = subprocess.Popen(
                [BINARY, "serve", "--config", cls.configuration], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        cls.addClassCleanup(cls.end)
        wait_until(lambda: "message=serving" in cls.said() or cls.process.poll() is not None, "serving", START_SECONDS)
        assert cls.process.poll() is None, cls.said()
        cls.cli("domain", "add", "example.test")
        cls.cli("mailbox", "add", "ann@example.test", "--password-stdin", input=PASSWORD + "\n")

    @classmethod
    def own(cls):
        """The keys and the state are the user's."""
        cls.folder.chmod(0o755)
        if cls.user:
            entry = pwd.getpwnam(cls.user)
            for path in [cls.folder / "state", cls.folder / "tls", *(cls.folder / "tls").iterdir()]:
                os.chown(path, entry.pw_uid, entry.pw_gid)

    @classmethod
    def said(cls):
        return cls.log.read_text(errors="replace")

    @classmethod
    def cli(cls, *arguments, **options):
        done = run([BINARY, "--config", cls.configuration, *arguments], **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @classmethod
    def end(cls):
        if cls.process.poll() is None:
            cls.process.send_signal(signal.SIGTERM)
            try:
                cls.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                cls.process.kill()
                cls.process.wait()
        assert cls.process.returncode == 0, f"serve ended with {cls.process.returncode}:\n{cls.said()[-2_000:]}"

    def tls(self, name="first"):
        return ssl.create_default_context(cafile=str(self.folder / name / "ca.pem"))

    def imaps(self, name="first"):
        return imaplib.IMAP4_SSL(
            "127.0.0.1", self.ports["imaps"], ssl_context=self.tls(name), timeout=WAIT_SECONDS)

    def test_it_is_an_ordinary_user(self):
        if not self.user:
            self.skipTest("only root can become somebody else, who must be able to run the program")
        uid = str(pwd.getpwnam(self.user).pw_uid)
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            # Each thread has its own: one that stayed root could make the others root again.
            facts = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
            self.assertEqual(facts["Uid"].split(), [uid] * 4, facts["Name"])
            for kind in ["CapEff", "CapPrm"]:
                self.assertIn(int(facts[kind], 16), [0, 1 << 10], f"{facts['Name']}: CAP_NET_BIND_SERVICE alone")

    def test_mail_goes_in_and_out(self):
        sent = message("By serve")
        with smtplib.SMTP("127.0.0.1", self.ports["smtp"], timeout=WAIT_SECONDS) as smtp:
            smtp.sendmail("bob@example.org", ["ann@example.test"], sent)
        with smtplib.SMTP_SSL(
                "127.0.0.1", self.ports["submissions"], context=self.tls(), timeout=WAIT_SECONDS) as smtp:
            smtp.login("ann@example.test", PASSWORD)
            smtp.sendmail(
                "ann@example.test", ["postmaster@example.test"], message("Submitted", sender="ann@example.test"))
        with self.imaps() as imap:
            imap.login("ann@example.test", PASSWORD)
            self.assertEqual(imap.select(), ("OK", [b"2"]))
            self.assertTrue(imap.fetch("1", "(BODY[])")[1][0][1].endswith(sent))

    def test_no_password_goes_in_clear(self):
        imap = imaplib.IMAP4("127.0.0.1", self.ports["imap"], timeout=WAIT_SECONDS)
        self.assertIn("LOGINDISABLED", imap.capabilities)
        with self.assertRaises(imaplib.IMAP4.error):
            imap.login("ann@example.test", PASSWORD)
        imap.starttls(self.tls())
        imap.login("ann@example.test", PASSWORD)
        imap.logout()
        pop3 = poplib.POP3("127.0.0.1", self.ports["pop3"], timeout=WAIT_SECONDS)
        with self.assertRaises(poplib.error_proto):
            pop3.user("ann@example.test")
            pop3.pass_(PASSWORD)
        pop3.close()

    def test_relays_for_nobody(self):
        with smtplib.SMTP("127.0.0.1", self.ports["smtp"], timeout=WAIT_SECONDS) as smtp:
            smtp.ehlo()
            smtp.mail("bob@example.org")
            self.assertEqual(smtp.rcpt("carol@elsewhere.example")[0], 550)

    def test_certificates_are_read_again_at_sighup(self):
        def install(certificate, key):
            shutil.copy(certificate, self.folder / "tls/cert.pem")
            shutil.copy(key, self.folder / "tls/key.pem")
            self.own()
            before = self.said().count("certificate")
            self.process.send_signal(signal.SIGHUP)
            wait_until(lambda: self.said().count("certificate") > before, "a word about the certificate")

        first, second = self.folder / "first", self.folder / "second"
        # An open connection goes on with the old one.
        with self.imaps() as imap:
            install(second / "cert.pem", second / "key.pem")
            imap.login("ann@example.test", PASSWORD)
        self.imaps("second").logout()
        with self.assertRaises(ssl.SSLError):
            self.imaps("first")
        # Of a bad one it says so, and serves the old one.
        install(first / "cert.pem", second / "key.pem")
        self.imaps("second").logout()
        self.assertIn("the old one goes on serving", self.said())
        install(first / "cert.pem", first / "key.pem")
        self.imaps("first").logout()

    def test_status_of_the_real_server(self):
        self.assertIn("mail.example.test", self.cli("status"))


if __name__ == "__main__":
    unittest.main()
