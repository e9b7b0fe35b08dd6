"""A server of its own for a test: `postino localserve` on ports that the kernel chose, in a temporary folder."""
import imaplib
import itertools
import json
import os
import poplib
import shutil
import signal
import smtplib
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("POSTINO_BIN", ROOT / ".build/debug/postino")).resolve()
SIGNATURES = ROOT / "Config/test-signatures"
PASSWORD = "pw-secret-1"
START_SECONDS = 120
WAIT_SECONDS = 60

imaplib._MAXLINE = 10_000_000
poplib._MAXLINE = 65_536


def wait_until(condition, what, seconds=WAIT_SECONDS):
    """Returns the first true value of `condition()`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def run(arguments, *, input=None, timeout=120, **options):
    """Runs a program and keeps what it says, as octets that are text."""
    return subprocess.run(
        [str(argument) for argument in arguments], input=input, capture_output=True, text=True, timeout=timeout,
        errors="replace", **options)


class Localserve:
    """One server and its folder. `stop` it, `kill` it, `start` it again on the same folder."""

    def __init__(self, *options, mailboxes=40, filter="on", signatures=SIGNATURES, folder=None, ready=True):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="postino-e2e-"))
        self.state = self.folder / "state"
        self.log = self.folder / "log"
        self.options = ["--port-base", "0", "--mailboxes", str(mailboxes), "--filter", filter, *map(str, options)]
        if signatures:
            self.options += ["--signatures", str(signatures)]
        self.filtered = filter == "on" and bool(signatures)
        self.ready = ready
        self.process = None
        self.env = {}
        self.users = itertools.count()
        try:
            self.start()
        except BaseException:
            # Nobody has it yet who could remove it.
            if self.process and self.process.poll() is None:
                self.kill()
            if not folder:
                shutil.rmtree(self.folder, ignore_errors=True)
            raise

    # Life

    def start(self):
        env = self.state / "env"
        env.unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "localserve", "--state", self.state, *self.options], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True)
        wait_until(lambda: env.exists() or self.process.poll() is not None, "the env file", START_SECONDS)
        if self.process.poll() is not None:
            raise AssertionError(f"localserve ended with {self.process.returncode}:\n{self.last_words()}")
        self.env = dict(line.split("=", 1) for line in env.read_text().splitlines())
        self.tls = ssl.create_default_context(cafile=self.env["CA_FILE"])
        if self.filtered and self.ready:
            self.wait_for_scanner()

    def stop(self, code=0):
        self.process.send_signal(signal.SIGTERM)
        ended = self.process.wait(timeout=60)
        assert ended == code, f"localserve ended with {ended} instead of {code}:\n{self.last_words()}"

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=60)

    def remove(self):
        """Ends it, and removes the folder."""
        try:
            if self.process.poll() is None:
                self.stop()
        finally:
            if self.process.poll() is None:
                self.kill()
            shutil.rmtree(self.folder, ignore_errors=True)

    def last_words(self):
        return self.log.read_text(errors="replace")[-4_000:]

    def wait_for_scanner(self):
        wait_until(lambda: (self.antivirus() or {}).get("signatures"), "signatures in the scanner")

    def antivirus(self):
        return self.cli_json("status")["antivirus"]

    # What it is

    @property
    def host(self):
        return self.env["HOST"]

    @property
    def domain(self):
        return self.env["DOMAIN"]

    @property
    def ca(self):
        return self.env["CA_FILE"]

    def port(self, name):
        return int(self.env[f"{name}_PORT"])

    def user(self):
        """The address of a mailbox that no other test has."""
        number = next(self.users)
        assert number < int(self.env["USERS"]), "more mailboxes are needed"
        return f"user{number}@{self.domain}"

    # Clients

    def imap(self, user, *, implicit=True):
        if implicit:
            imap = imaplib.IMAP4_SSL(self.host, self.port("IMAPS"), ssl_context=self.tls, timeout=WAIT_SECONDS)
        else:
            imap = imaplib.IMAP4(self.host, self.port("IMAP"), timeout=WAIT_SECONDS)
        imap.login(user, PASSWORD)
        return imap

    def pop3(self, user):
        pop3 = poplib.POP3_SSL(self.host, self.port("POP3S"), context=self.tls, timeout=WAIT_SECONDS)
        pop3.user(user)
        pop3.pass_(PASSWORD)
        return pop3

    def mx(self):
        """A connection as another server makes it."""
        smtp = smtplib.SMTP(self.host, self.port("MX"), local_hostname="client.example.org", timeout=WAIT_SECONDS)
        smtp.ehlo()
        return smtp

    def submission(self, user):
        smtp = smtplib.SMTP(self.host, self.port("SUBMISSION"), timeout=WAIT_SECONDS)
        smtp.starttls(context=self.tls)
        smtp.login(user, PASSWORD)
        return smtp

    def deliver(self, octets, recipients, sender="ann@example.org"):
        """By port 25, as a stranger. Returns the reply's code and text."""
        with self.mx() as smtp:
            return transaction(smtp, sender, recipients, octets)

    def messages(self, user, mailbox="INBOX", utf8=False):
        """All of a mailbox, by IMAP, in its order; with utf8 as a client sees it that takes such headers (RFC 6855)."""
        imap = self.imap(user)
        try:
            if utf8:
                imap.enable("UTF8=ACCEPT")
            code, facts = imap.select(f'"{mailbox}"', readonly=True)
            assert code == "OK", facts
            if facts[0] == b"0":
                return []
            return [item[1] for item in imap.fetch("1:*", "(BODY.PEEK[])")[1] if isinstance(item, tuple)]
        finally:
            imap.logout()

    def fill(self, user, count, mailbox="INBOX"):
        """Appends small messages, numbered from 1, many with a command (RFC 3502)."""
        with self.imap(user) as imap:
            for first in range(1, count + 1, 100):
                # One tag for all: an APPEND goes on after each literal (RFC 7888: nothing waits for the server).
                command = b"fill APPEND " + mailbox.encode()
                for number in range(first, min(first + 100, count + 1)):
                    octets = (
                        f"From: ann@example.org\r\nTo: {user}\r\nSubject: number {number}\r\n"
                        f"Date: Mon, 02 Feb 2026 10:00:00 +0000\r\nMessage-ID: <fill.{number}@example.org>\r\n\r\n"
                        f"This is number {number}.\r\n").encode()
                    command += b" {%d+}\r\n" % len(octets) + octets
                imap.send(command + b"\r\n")
                answer = imap.readline()
                assert answer.startswith(b"fill OK"), answer

    # The command line

    def cli(self, *arguments, code=0, input=None):
        """`postino --state DIR …`; its exit code is checked unless `code` is None."""
        done = run([BINARY, "--state", self.state, *arguments], input=input)
        if code is not None:
            assert done.returncode == code, f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done

    def cli_json(self, *arguments, code=0, input=None):
        return json.loads(self.cli(*arguments, "--json", code=code, input=input).stdout)


def transaction(smtp, sender, recipients, octets):
    """MAIL, RCPT and DATA; the first reply that is no success, or the last."""
    code, text = smtp.mail(sender)
    if code // 100 != 2:
        return code, text.decode()
    for recipient in [recipients] if isinstance(recipients, str) else recipients:
        code, text = smtp.rcpt(recipient)
        if code // 100 != 2:
            return code, text.decode()
    code, text = smtp.data(octets)
    return code, text.decode()


class ServerTestCase(unittest.TestCase):
    """One server for all tests of a class; each test takes mailboxes of its own."""

    options = ()
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Localserve(*cls.options, **cls.settings)
        cls.addClassCleanup(cls.server.remove)

    def temporary_folder(self):
        folder = tempfile.mkdtemp(prefix="postino-e2e-client-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def assertDelivered(self, stored, sent):
        """What we put in front is header lines; what follows are the octets as they were sent."""
        if not stored.endswith(sent):
            got = stored[stored.find(sent[:20]):]
            at = len(os.path.commonprefix([got, sent]))
            self.fail(f"not the octets that were sent, from octet {at} of {len(sent)}: "
                      f"{got[at:at + 60]!r} instead of {sent[at:at + 60]!r} after {got[max(0, at - 60):at]!r}")
        prefix = stored[: len(stored) - len(sent)]
        self.assertRegex(prefix, rb"\A(?:[A-Za-z-]+:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)+\Z")
        self.assertIn(b"\r\nReceived: ", b"\r\n" + prefix)

    def assertOneDelivered(self, user, sent, mailbox="INBOX"):
        messages = self.server.messages(user, mailbox)
        self.assertEqual(len(messages), 1, f"messages in {mailbox} of {user}")
        self.assertDelivered(messages[0], sent)
        return messages[0]
