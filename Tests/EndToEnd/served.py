"""`postino serve` by a configuration of a test's own, with the ways of `Localserve` to talk to it."""
import itertools
import json
import os
import random
import shutil
import socket
import ssl
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from certificates import Authority
from dnsserver import DNSServer
from localserve import BINARY, PASSWORD, START_SECONDS, WAIT_SECONDS, Localserve, wait_until

PORTS = ["smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "lmtp", "http"]


def free_ports(count, host="127.0.0.1"):
    """That nothing listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for taken in sockets:
            taken.bind((host, 0))
        return [taken.getsockname()[1] for taken in sockets]
    finally:
        for taken in sockets:
            taken.close()


def listener(port):
    """A socket that listens on a port below 1024, which is free on some address of loopback; only for root."""
    for _ in range(20):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((f"127.{random.randint(64, 127)}.{random.randint(1, 254)}.{random.randint(1, 254)}", port))
        except OSError:
            listening.close()
            continue
        listening.listen(20)
        return listening
    raise AssertionError(f"port {port} is taken on all of loopback")


def may_listen_on_ports_of_root():
    try:
        listener(25).close()
    except AssertionError:
        return False
    return True


class Served(Localserve):
    """`settings`: sections of the configuration file, laid over those of a server on loopback."""

    def __init__(self, settings=None, mailboxes=5, domain="example.test"):
        self.folder = Path(tempfile.mkdtemp(prefix="postino-e2e-"))
        self.folder.chmod(0o755)
        self.state, self.log = self.folder / "state", self.folder / "log"
        self.users = itertools.count()
        self.process = None
        # No query leaves the machine.
        self.dns = DNSServer({"example.org": {"A": ["192.0.2.1"]}, domain: {"A": ["192.0.2.1"]}})
        try:
            self.authority = Authority(self.folder)
            certificate, key = self.authority.issue("localhost", f"mail.{domain}", "127.0.0.1")
            ports = dict(zip(PORTS, free_ports(len(PORTS))))
            self.env = {
                "HOST": "127.0.0.1", "DOMAIN": domain, "USERS": str(mailboxes), "CA_FILE": str(self.authority.file),
                "MX_PORT": str(ports["smtp"]), **{f"{name.upper()}_PORT": str(port) for name, port in ports.items()}}
            configuration = {
                "hostname": f"mail.{domain}", "state": str(self.state), "user": "",
                "listen": {"host": "127.0.0.1", **ports},
                "tls": {"certificate": str(certificate), "key": str(key)},
                "dns": {"resolver": self.dns.address}, "limits": {"greeting_delay_seconds": 0},
                "filter": {"enabled": False}, "store": {"reserve_mib": 64}}
            for name, value in (settings or {}).items():
                if isinstance(value, dict):
                    configuration.setdefault(name, {}).update(value)
                else:
                    configuration[name] = value
            # YAML holds JSON.
            self.configuration = self.folder / "postino.yaml"
            self.configuration.write_text(json.dumps(configuration, indent=2))
            self.state.mkdir(mode=0o700)
            self.start()
            self.cli("domain", "add", domain)
            self.cli("mailbox", "add", "--from", "-", input="".join(
                f"user{number}@{domain} {PASSWORD}\n" for number in range(mailboxes)))
        except BaseException:
            if self.process and self.process.poll() is None:
                self.kill()
            self.dns.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def start(self):
        before = self.said().count("message=serving")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--config", self.configuration], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        wait_until(
            lambda: self.said().count("message=serving") > before or self.process.poll() is not None, "serving",
            START_SECONDS)
        if self.process.poll() is not None:
            raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.last_words()}")
        self.tls = ssl.create_default_context(cafile=str(self.authority.file))

    def remove(self):
        super().remove()
        self.dns.close()

    def said(self):
        return self.log.read_text(errors="replace") if os.path.exists(self.log) else ""

    def submit(self, user, recipients, octets):
        with self.submission(user) as smtp:
            smtp.sendmail(user, recipients, octets)

    def waiting(self, user, reply=""):
        """What the queue holds of a sender after an attempt."""
        return wait_until(
            lambda: [row for row in self.cli_json("queue", "list", "--sender", user)
                     if row["attempts"] and reply in (row["lastReply"] or "")], f"an attempt of {user}: {reply}")

    def counter(self, name):
        """One of /metrics."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port('HTTP')}/metrics", timeout=WAIT_SECONDS) as answer:
            text = answer.read().decode()
        return next(int(line.split()[1]) for line in text.splitlines() if line.split()[0] == name)
