"""What an operator or a disk does wrong: a clear sentence and a documented exit code."""
import os
import shutil
import socket
import sqlite3
import tempfile
import unittest
from pathlib import Path

from localserve import BINARY, SIGNATURES, Localserve, run, wait_until
from samples import message

STANDARD_PORTS = [25, 587, 465, 143, 993, 110, 995, 80]


class BadInput(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="postino-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def localserve(self, *options, code):
        """One that ends by itself; returns what it said."""
        done = run([BINARY, "localserve", "--state", self.folder / "state", "--filter", "off", *options])
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertFalse((self.folder / "state/env").exists())
        return done.stderr

    def free_base(self):
        for base in range(23_000, 30_000, 7):
            sockets = []
            try:
                for port in STANDARD_PORTS:
                    sockets.append(socket.socket())
                    sockets[-1].bind(("127.0.0.1", base + port))
                return base
            except OSError:
                continue
            finally:
                for taken in sockets:
                    taken.close()
        self.fail("no free ports")

    def test_a_port_in_use(self):
        base = self.free_base()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", base + 143))
            taken.listen()
            for detached in [[], ["--detach"]]:
                said = self.localserve("--port-base", base, *detached, code=2)
                self.assertIn(f"127.0.0.1 port {base + 143}", said)

    def test_ports_are_the_base_plus_the_standard_port(self):
        base = self.free_base()
        server = Localserve("--port-base", base, folder=self.folder, filter="off", mailboxes=1)
        self.addCleanup(server.remove)
        self.assertEqual(server.port("MX"), base + 25)
        self.assertEqual(server.port("IMAPS"), base + 993)
        self.assertEqual(server.port("HTTP"), base + 80)

    def test_a_second_server_on_the_folder(self):
        server = Localserve(folder=self.folder, filter="off", mailboxes=1)
        self.addCleanup(server.remove)
        done = run([BINARY, "localserve", "--state", server.state, "--port-base", "0"])
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("is being served by another process", done.stderr)
        # The first one goes on, and its env file is still there.
        self.assertTrue((server.state / "env").exists())
        self.assertEqual(server.deliver(message(), f"user0@{server.domain}")[0], 250)

    def test_detached_and_its_end(self):
        state = self.folder / "state"
        arguments = [BINARY, "localserve", "--state", state, "--port-base", "0", "--filter", "off", "--detach"]
        done = run(arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        env = dict(line.split("=", 1) for line in (state / "env").read_text().splitlines())
        pid = int(env["PIDS"])
        try:
            self.assertEqual(run(arguments).returncode, 1)
            self.assertEqual(run([BINARY, "--state", state, "status"]).returncode, 0)
        finally:
            os.kill(pid, 15)
        wait_until(lambda: not (state / "env").exists(), "the end of the detached server")

    def test_configuration_errors_have_a_line_and_a_column(self):
        file = self.folder / "postino.yaml"
        cases = [
            ("hostname: mail.example.test\nlisten:\n  smtp: many\n", ":3:9:", "listen.smtp must be a whole number"),
            ("hostname: mail.example.test\nnonsense: 1\n", ":2:1:", "unknown key nonsense"),
            ("hostname: mail.example.test\nhostname: other.example.test\n", ":", "twice"),
            ("hostname: [a\n", ":", ""),
            ("hostname: &a mail.example.test\n", ":1:", "anchors"),
            ("listen:\n  smtp: 25\n", "", "the key hostname is missing"),
        ]
        for text, place, sentence in cases:
            with self.subTest(text):
                file.write_text(text)
                done = run([BINARY, "config", "test", "--config", file])
                self.assertEqual(done.returncode, 5, done.stderr)
                self.assertIn(f"{file}{place}", done.stderr)
                self.assertIn(sentence, done.stderr)
                self.assertEqual(run([BINARY, "serve", "--config", file]).returncode, 2)
        file.write_text("hostname: mail.example.test\n")
        self.assertEqual(run([BINARY, "config", "test", "--config", file]).returncode, 0)
        done = run([BINARY, "config", "test", "--config", self.folder / "missing.yaml"])
        self.assertEqual(done.returncode, 5)

    def test_the_default_configuration_is_good(self):
        file = Path(__file__).resolve().parents[2] / "Config/postino.yaml"
        if not file.exists():
            self.skipTest("there is no Config/postino.yaml")
        # It lacks only what nobody can know.
        text = file.read_text()
        good = self.folder / "postino.yaml"
        good.write_text("\n".join(
            "hostname: mail.example.test" if line.startswith("hostname:") else line for line in text.splitlines()) + "\n")
        done = run([BINARY, "config", "test", "--config", good])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_store_of_a_newer_version(self):
        server = Localserve(folder=self.folder, filter="off", mailboxes=1)
        server.stop()
        database = sqlite3.connect(server.state / "mail.db")
        database.execute("UPDATE schema_version SET version = 999 WHERE chapter = 'store'")
        database.commit()
        database.close()
        said = self.localserve("--port-base", "0", code=2)
        self.assertIn("newer", said.lower())
        done = run([BINARY, "--state", server.state, "mailbox", "list"])
        self.assertEqual(done.returncode, 2, done.stdout)

    def test_a_store_that_is_no_store(self):
        (self.folder / "state").mkdir()
        (self.folder / "state/mail.db").write_bytes(b"This is no database. " * 1_000)
        said = self.localserve("--port-base", "0", code=2)
        self.assertTrue(said.startswith("postino: Could not "), said)

    def test_wrong_options(self):
        for options in [["--port-base", "99999"], ["--mailboxes", "0"], ["--relay", "nowhere"], ["--filter", "maybe"]]:
            with self.subTest(options):
                self.localserve(*options, code=64)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_that_cannot_be_written(self):
        self.folder.chmod(0o500)
        self.addCleanup(self.folder.chmod, 0o700)
        self.assertIn("cannot be used", self.localserve("--port-base", "0", code=2))

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a folder away")
    def test_a_folder_of_somebody_else(self):
        state = self.folder / "state"
        state.mkdir()
        os.chown(state, 65_534, 65_534)
        self.assertIn("belongs to", self.localserve("--port-base", "0", code=2))

    def test_it_keeps_its_mail_and_its_authority_over_starts(self):
        server = Localserve(folder=self.folder, signatures=SIGNATURES, mailboxes=1)
        self.addCleanup(server.remove)
        user, sent = f"user0@{server.domain}", message("Kept")
        self.assertEqual(server.deliver(sent, user)[0], 250)
        authority, messages = Path(server.ca).read_text(), server.messages(user)
        for stop in [server.stop, server.kill]:
            stop()
            server.start()
            self.assertEqual(Path(server.ca).read_text(), authority)
            self.assertEqual(server.messages(user), messages)
        server.stop()
        server.options.append("--fresh")
        server.start()
        self.assertEqual(server.messages(user), [])


if __name__ == "__main__":
    unittest.main()
