"""A backup is made, proven, and restored on an empty folder; its mail is read there."""
import shutil
import unittest

from localserve import BINARY, Localserve, ServerTestCase, run
from samples import difficult, message


class Restored(ServerTestCase):
    settings = {"mailboxes": 4, "filter": "off"}

    def validity(self, server, user):
        with server.imap(user) as imap:
            return int(imap.status("INBOX", "(UIDVALIDITY)")[1][0].split()[-1].rstrip(b")"))

    def test_the_whole_way(self):
        user = f"user1@{self.server.domain}"
        first, large = difficult("Before"), message("Large", "0123456789abcdef" * 64 + "\n") + b"y" * 2_000_000 + b"\r\n"
        self.assertEqual(self.server.deliver(first, user)[0], 250)
        with self.server.imap(user) as imap:
            imap.append("Archive", r"(\Seen \Flagged)", None, large)
        self.server.cli("alias", "add", f"alias@{self.server.domain}", user)
        before = {name: self.server.messages(user, name) for name in ["INBOX", "Archive"]}
        validity = self.validity(self.server, user)
        pop3 = self.server.pop3(user)
        identifiers = pop3.uidl()[1]
        pop3.quit()

        self.assertEqual(self.server.cli_json("backup", "list"), [])
        [made] = self.server.cli_json("backup", "now")
        self.assertGreater(made["octetsAdded"], 2_000_000)
        # A second set adds only what is new.
        self.assertEqual(self.server.deliver(message("After"), user)[0], 250)
        [again] = self.server.cli_json("backup", "now")
        self.assertNotEqual(again["name"], made["name"])
        self.assertLess(again["octetsAdded"], 2_000_000)
        self.assertEqual([row["name"] for row in self.server.cli_json("backup", "list")], [made["name"], again["name"]])
        proof = self.server.cli_json("backup", "verify", made["name"])
        self.assertTrue(proof["isProven"])
        self.assertEqual(proof["bodiesRead"], 2)
        self.assertEqual(self.server.cli_json("backup", "list")[0]["state"], "proven")
        self.server.cli("backup", "verify", "20200101T000000Z-1-1", code=3)

        # The server is lost; only the backups are left.
        folder = self.temporary_folder()
        target = folder / "backups"
        shutil.copytree(self.server.state / "backups", target)
        restored = folder / "restored"
        state = restored / "state"
        done = run([BINARY, "restore", "server", made["name"], "--target", target, "--into", state])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        # Not over something.
        done = run([BINARY, "restore", "server", made["name"], "--target", target, "--into", state])
        self.assertNotEqual(done.returncode, 0)

        server = Localserve(mailboxes=4, filter="off", folder=restored)
        self.addCleanup(server.remove)
        for name, messages in before.items():
            self.assertEqual(server.messages(user, name), messages, name)
        with server.imap(user) as imap:
            imap.select("Archive", readonly=True)
            self.assertIn(rb"\Flagged", imap.fetch("1", "(FLAGS)")[1][0])
        self.assertIn(
            {"address": f"alias@{self.server.domain}", "target": user, "isMembersOnly": False},
            server.cli_json("alias", "list"))
        # IMAP clients see that it is another time; POP3 clients do not fetch everything again.
        self.assertGreater(self.validity(server, user), validity)
        pop3 = server.pop3(user)
        self.assertEqual(pop3.uidl()[1], identifiers)
        pop3.quit()
        # It is a server that works.
        self.assertEqual(server.deliver(message("New life"), user)[0], 250)
        self.assertEqual(len(server.messages(user)), 2)


class Damaged(ServerTestCase):
    settings = {"mailboxes": 4, "filter": "off"}

    def test_damage_is_found(self):
        user = f"user2@{self.server.domain}"
        self.server.deliver(message("To be damaged", "needle in the haystack\n"), user)
        [made] = self.server.cli_json("backup", "now")
        target = self.server.state / "backups"
        damaged = 0
        for file in target.rglob("*"):
            if file.is_file() and (octets := file.read_bytes()) and b"needle in the haystack" in octets:
                file.chmod(0o600)
                file.write_bytes(octets.replace(b"needle in the haystack", b"noodle in the haystack"))
                damaged += 1
        self.assertGreater(damaged, 0)
        done = self.server.cli("backup", "verify", made["name"], code=5)
        self.assertIn("FAILED", done.stdout)
        states = {row["name"]: row["state"] for row in self.server.cli_json("backup", "list")}
        self.assertTrue(states[made["name"]].startswith("failed"), states)
        folder = self.temporary_folder()
        done = run([BINARY, "restore", "server", made["name"], "--target", target, "--into", folder / "state"])
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse((folder / "state/mail.db").exists())


if __name__ == "__main__":
    unittest.main()
