"""COMPRESS=DEFLATE (RFC 4978): where it is switched on, by Python and by mbsync."""
import imaplib
import unittest
import zlib

from localserve import PASSWORD, ServerTestCase, run
from samples import message


class Compressed:
    """A connection's file both ways, compressed."""

    def __init__(self, imap):
        self.socket = imap.sock
        self.out = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.into = zlib.decompressobj(-15)
        self.held = b""
        self.sent = self.taken = self.plain = 0
        imap.send, imap.read, imap.readline = self.send, self.read, self.readline

    def send(self, octets):
        packet = self.out.compress(octets) + self.out.flush(zlib.Z_SYNC_FLUSH)
        self.sent += len(packet)
        self.socket.sendall(packet)

    def more(self):
        packet = self.socket.recv(65_536)
        assert packet, "the connection is gone"
        self.taken += len(packet)
        octets = self.into.decompress(packet)
        self.plain += len(octets)
        self.held += octets

    def read(self, count):
        while len(self.held) < count:
            self.more()
        octets, self.held = self.held[:count], self.held[count:]
        return octets

    def readline(self):
        while b"\n" not in self.held:
            self.more()
        return self.read(self.held.index(b"\n") + 1)


class Compress(ServerTestCase):
    options = ("--compress",)

    def test_python(self):
        user = self.server.user()
        sent = message("Compressed", body="The same line, again and again.\n" * 5_000)
        with self.server.imap(user) as imap:
            self.assertIn(b"COMPRESS=DEFLATE", imap.capability()[1][0])
            imaplib.Commands.setdefault("COMPRESS", ("AUTH", "SELECTED"))
            self.assertEqual(imap._simple_command("COMPRESS", "DEFLATE")[0], "OK")
            stream = Compressed(imap)
            self.assertEqual(imap.append("INBOX", None, None, sent)[0], "OK")
            imap.select()
            self.assertEqual(imap.fetch("1", "(BODY.PEEK[])")[1][0][1], sent)
            self.assertLess(stream.taken * 20, stream.plain)
            code, text = imap._simple_command("COMPRESS", "DEFLATE")
            self.assertEqual(code, "NO")
            self.assertIn(b"COMPRESSIONACTIVE", text[0])

    def test_a_bomb_takes_no_memory(self):
        imap = self.server.imap(self.server.user())
        self.addCleanup(imap.shutdown)
        imaplib.Commands.setdefault("COMPRESS", ("AUTH", "SELECTED"))
        imap._simple_command("COMPRESS", "DEFLATE")
        stream = Compressed(imap)
        bomb = stream.out.compress(b"x" * (1 << 30)) + stream.out.flush(zlib.Z_SYNC_FLUSH)
        before = self.memory()
        try:
            stream.socket.sendall(bomb)
            while stream.socket.recv(65_536):
                pass
        except OSError:
            pass
        self.assertLess(self.memory() - before, 64 << 20)

    def memory(self):
        for line in open(f"/proc/{self.server.process.pid}/status"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10

    def test_mbsync(self):
        user, sent = self.server.user(), message("By mbsync", body="x\n" * 1_000)
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
        self.assertIn("COMPRESS DEFLATE", done.stdout)
        self.assertEqual(len(list((folder / "mail/INBOX/new").iterdir())), 1)


if __name__ == "__main__":
    unittest.main()
