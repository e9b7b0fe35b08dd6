"""What an administrator does with stored mail: trace, bring back, limit, erase, check, convert."""
import re
import shutil
import tarfile
import tempfile
import unittest
from pathlib import Path

from localserve import BINARY, Localserve, ServerTestCase, run, wait_until
from samples import message


def octets_on_disk(server):
    return b"".join(path.read_bytes() for path in sorted(server.state.glob("segments/*/*.seg")))


class StoredMail(ServerTestCase):
    settings = {"mailboxes": 12, "filter": "on"}

    def events(self, *arguments):
        return [row["event"] for row in self.server.cli_json("trace", *arguments)]

    def test_the_whole_life_of_a_message_is_traced(self):
        user = self.server.user()
        octets = message("quarterly numbers", "seven\n")
        octets = octets.replace(b"Message-ID: ", b"X-Old-ID: ", 1)
        octets = b"Message-ID: <life-1@example.org>\r\n" + octets
        self.assertEqual(self.server.deliver(octets, [user])[0], 250)
        with self.server.imap(user) as imap:
            imap.select()
            imap.uid("MOVE", "1", "Archive")
            imap.select("Archive")
            imap.uid("STORE", "1", "+FLAGS", r"(\Deleted)")
            imap.expunge()
        kept = self.server.cli_json("undelete", user, "--list")
        self.assertEqual([row["folder"] for row in kept], ["Archive"])
        self.server.cli("undelete", user, "--subject", "nothing like it", code=3)
        self.assertIn("Brought back 1 message into Archive", self.server.cli("undelete", user).stdout)
        pop3 = self.server.pop3(user)
        self.assertEqual(pop3.stat()[0], 0)
        pop3.quit()
        expected = ["received", "checked", "delivered", "moved", "expunged", "brought back"]
        for query in (["<life-1@example.org>"], [user, "--subject", "Quarterly"], ["--address", "ann@example.org", user]):
            self.assertEqual(self.events(*query, "--since", "1h"), expected, query)
        text = self.server.cli("trace", "quarterly").stdout
        self.assertIn("session ", text)
        self.assertRegex(text, r"delivered +" + re.escape(user) + r" +INBOX +1")
        session = re.search(r"session ([^,]+),", text).group(1)
        self.assertEqual(self.events("--session", session), expected)
        self.server.cli("trace", "no-such-word-anywhere", code=3)
        self.assertTrue(self.server.messages(user, "Archive")[0].endswith(octets))

    def test_a_refused_message_has_a_trace(self):
        user = self.server.user()
        octets = message("infected", "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\n")
        code, text = self.server.deliver(octets, [user])
        self.assertEqual(code, 550, text)
        rows = self.server.cli_json("trace", user)
        self.assertEqual([row["event"] for row in rows], ["received", "refused"])
        self.assertTrue(rows[1]["detail"].startswith("550"))

    def test_what_pop3_fetches_and_deletes_is_known_and_comes_back(self):
        user = self.server.user()
        self.server.deliver(message("by pop", "text\n"), [user])
        pop3 = self.server.pop3(user)
        pop3.retr(1)
        pop3.dele(1)
        pop3.quit()
        wait_until(lambda: "expunged" in self.events(user), "the expunge in the trace")
        self.assertEqual(self.events(user), ["received", "checked", "delivered", "fetched by POP3", "expunged"])
        self.server.cli("undelete", user, "--into", "Rescued", "--since", "10m")
        self.assertEqual(len(self.server.messages(user, "Rescued")), 1)

    def test_quota_of_a_mailbox(self):
        user = self.server.user()
        self.assertIn("Set the quota", self.server.cli("quota", "set", user, "--messages", "5", "--size", "10M").stdout)
        for number in range(4):
            self.assertEqual(self.server.deliver(message(f"m{number}", "x\n"), [user])[0], 250)
        # At 80 percent the owner is told, which fills the fifth place, which is told, too.
        wait_until(lambda: len(self.server.messages(user)) == 6, "the warnings")
        self.assertIn(b"Subject: Your mailbox is 80 % full", self.server.messages(user)[-2])
        self.assertIn(b"Subject: Your mailbox is full", self.server.messages(user)[-1])
        code, text = self.server.deliver(message("one too many", "x\n"), [user])
        self.assertEqual((code, text[:5]), (452, "4.2.2"))
        with self.server.imap(user) as imap:
            code, answer = imap.append("INBOX", None, None, message("appended", "x\n"))
            self.assertEqual(code, "NO")
            self.assertIn(b"[OVERQUOTA]", answer[0])
        row = self.server.cli_json("quota", "show", user)[0]
        self.assertEqual((row["messages"], row["messagesMax"], row["octetsMax"]), (6, 5, 10 << 20))
        self.server.cli("quota", "set", user, "--messages", "none")
        self.assertEqual(self.server.deliver(message("again", "x\n"), [user])[0], 250)
        self.assertIn("all was right", self.server.cli("quota", "recalc", user).stdout)
        self.server.cli("quota", "set", user, "--size", "much", code=64)
        self.server.cli("quota", "set", f"nobody@{self.server.domain}", "--size", "1G", code=3)

    def test_an_erased_message_is_off_the_disk_and_the_backup_that_has_it_is_named(self):
        user, other = self.server.user(), self.server.user()
        secret = message("secret", "plutonium-" + "q" * 40 + "\n")
        shared = message("shared", "strontium-" + "q" * 40 + "\n")
        for octets, recipients in ((secret, [user]), (shared, [user, other]), (message("last", "x\n"), [user])):
            self.assertEqual(self.server.deliver(octets, recipients)[0], 250)
        self.server.cli("backup", "now")
        newest = self.server.cli_json("backup", "list")[-1]["name"]
        done = self.server.cli("msg", "purge", user, "--folder", "INBOX", "--uid", "1")
        self.assertIn("off the disk", done.stdout)
        self.assertIn(newest, done.stdout)
        self.assertNotIn(b"plutonium-", octets_on_disk(self.server))
        done = self.server.cli("msg", "purge", user, "--folder", "INBOX", "--uid", "2")
        self.assertIn("octets stay", done.stdout)
        self.assertEqual(len(self.server.messages(user)), 1)
        self.assertOneDelivered(other, shared)
        self.assertEqual(self.server.cli_json("undelete", user, "--list"), [])
        self.server.cli("msg", "purge", user, "--folder", "INBOX", "--uid", "1", code=3)
        self.assertIn("is good", self.server.cli("check").stdout)

    def test_check_finds_a_flipped_octet(self):
        server = Localserve(mailboxes=1, filter="off")
        self.addCleanup(server.remove)
        user = f"user0@{server.domain}"
        server.deliver(message("m", "x\n" * 500), [user])
        self.assertIn("The store is good", server.cli("check").stdout)
        server.stop()
        path = next(server.state.glob("segments/*/*.seg"))
        octets = bytearray(path.read_bytes())
        octets[len(octets) // 2] ^= 1
        path.write_bytes(octets)
        done = server.cli("check", code=5)
        self.assertIn("do not have its digest", done.stdout)
        self.assertIn("The store is good", server.cli("check", "--quick").stdout)
        server.start()


class OldStore(unittest.TestCase):
    """A store that version 1 of the program made."""

    def test_is_refused_rehearsed_and_converted(self):
        folder = Path(tempfile.mkdtemp(prefix="postino-e2e-old-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        state = folder / "state"
        with tarfile.open(Path(__file__).parent / "stores/version-1.tar.xz") as archive:
            archive.extractall(state)
        before = (state / "mail.db").read_bytes()
        with self.assertRaisesRegex(AssertionError, "postino store upgrade"):
            Localserve(mailboxes=2, filter="off", folder=folder)

        def cli(*arguments):
            return run([BINARY, "--state", state, *arguments])

        rehearsal = cli("store", "upgrade", "--dry-run")
        self.assertEqual(rehearsal.returncode, 0, rehearsal.stderr)
        self.assertIn("Nothing was changed", rehearsal.stdout)
        self.assertEqual((state / "mail.db").read_bytes(), before)
        done = cli("store", "upgrade")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("store 1 to 4", done.stdout)
        self.assertTrue((state / "mail.db.before-4").exists())
        self.assertIn("nothing to do", cli("store", "upgrade").stdout)
        server = Localserve(mailboxes=2, filter="off", folder=folder)
        try:
            users = [f"user{number}@{server.domain}" for number in range(2)]
            self.assertIn("The store is good", server.cli("check").stdout)
            self.assertEqual([len(server.messages(user)) for user in users], [6, 6])
            self.assertEqual(len(server.messages(users[0], "Work/2026")), 1)
            with server.imap(users[0]) as imap:
                imap.select()
                flags = imap.uid("FETCH", "1:2", "(FLAGS)")[1]
                self.assertTrue(all(b"$Label1" in line and b"\\Seen" in line for line in flags), flags)
            self.assertEqual(server.cli_json("quota", "show", server.domain)[0]["messages"], 13)
            self.assertIn("Brought back 1 message into INBOX", server.cli("undelete", users[0]).stdout)
            self.assertEqual(server.deliver(message("new", "x\n"), users)[0], 250)
            server.stop()
            self.assertIn("Dropped mail.db.before-4", cli("store", "drop-old").stdout)
            server.start()
        finally:
            server.remove()


if __name__ == "__main__":
    unittest.main()
