"""The command line, on the running server and on its stopped store: the same words, the same exit codes."""
import poplib
import time
import unittest

from localserve import PASSWORD, Localserve, ServerTestCase
from samples import message


class CommandLine(ServerTestCase):
    settings = {"mailboxes": 4, "filter": "off"}

    def both(self):
        """Once with the server, once without it."""
        for kind in ["running", "stopped"]:
            with self.subTest(kind):
                if kind == "stopped":
                    self.server.stop()
                try:
                    yield kind
                finally:
                    if kind == "stopped":
                        self.server.start()

    def test_domains(self):
        for kind in self.both():
            name = f"{kind}.example"
            self.server.cli("domain", "add", name)
            self.server.cli("domain", "add", name, code=1)
            names = [row["name"] for row in self.server.cli_json("domain", "list")]
            self.assertIn(name, names)
            self.assertIn(name, self.server.cli("domain", "list").stdout)
            self.server.cli("mailbox", "add", f"first@{name}", "--password-stdin", input=PASSWORD + "\n")
            self.server.cli("domain", "remove", name, code=1)
            self.server.cli("mailbox", "remove", f"first@{name}")
            self.server.cli("domain", "remove", name)
            self.server.cli("domain", "remove", name, code=3)
            self.server.cli("domain", "add", "not a domain", code=64)

    def test_mailboxes(self):
        for kind in self.both():
            address = f"{kind}@{self.server.domain}"
            self.server.cli("mailbox", "add", address, "--password-stdin", input="first password\n")
            again = self.server.cli_json(
                "mailbox", "add", address, "--password-stdin", input="x\n", code=1)
            self.assertEqual(again["error"]["word"], "mailbox-exists")
            shown = self.server.cli_json("mailbox", "show", address)
            self.assertEqual(shown["mailbox"]["address"], address)
            self.assertEqual({row["name"] for row in shown["folders"]},
                             {"INBOX", "Sent", "Drafts", "Junk", "Trash", "Archive"})
            [made] = self.server.cli_json("mailbox", "password", address, "--generate")
            self.assertGreater(len(made["password"]), 10)
            self.assertIn(address, [row["address"] for row in self.server.cli_json("mailbox", "list")])
            self.server.cli("mailbox", "remove", address)
            self.server.cli("mailbox", "show", address, code=3)
            missing = self.server.cli_json("mailbox", "remove", address, code=3)
            self.assertEqual(missing["error"]["code"], 3)
            self.server.cli("mailbox", "add", "nobody@elsewhere.example", "--generate", code=3)

    def test_a_new_password_holds_at_once(self):
        address = f"changes@{self.server.domain}"
        self.server.cli("mailbox", "add", address, "--password-stdin", input=PASSWORD + "\n")
        self.server.imap(address).logout()
        self.server.cli("mailbox", "password", address, "--password-stdin", input="another one\n")
        with self.assertRaises(Exception):
            self.server.imap(address)
        self.server.cli("mailbox", "password", address, "--password-stdin", input=PASSWORD + "\n")
        self.server.imap(address).logout()

    def test_aliases(self):
        for kind in self.both():
            alias, target = f"alias-{kind}@{self.server.domain}", f"user1@{self.server.domain}"
            self.server.cli("alias", "add", alias, target, "carol@elsewhere.example")
            rows = [row for row in self.server.cli_json("alias", "list") if row["address"] == alias]
            self.assertEqual({row["target"] for row in rows}, {target, "carol@elsewhere.example"})
            self.server.cli("alias", "remove", alias, "carol@elsewhere.example")
            self.server.cli("alias", "remove", alias)
            self.server.cli("alias", "remove", alias, code=3)

    def test_a_catch_all_takes_what_nobody_else_gets(self):
        self.server.cli("domain", "add", "catching.example")
        self.server.cli("alias", "add", "@catching.example", f"user2@{self.server.domain}")
        sent = message("For anybody")
        self.assertEqual(self.server.deliver(sent, "anybody@catching.example")[0], 250)
        self.assertOneDelivered(f"user2@{self.server.domain}", sent)
        tagged = message("Tagged")
        self.assertEqual(self.server.deliver(tagged, f"user3+tag@{self.server.domain}")[0], 250)
        self.assertOneDelivered(f"user3@{self.server.domain}", tagged)

    def test_queue_and_status(self):
        for kind in self.both():
            self.assertEqual(self.server.cli_json("queue", "list"), [])
            self.server.cli("queue", "retry", "12345", code=3)
            if kind == "running":
                status = self.server.cli_json("status")
                self.assertEqual(status["server"]["hostname"], f"mail.{self.server.domain}")
                ports = {row["name"]: row["port"] for row in status["listeners"]}
                self.assertEqual(ports["imaps"], self.server.port("IMAPS"))
            else:
                self.assertEqual(self.server.cli_json("status", code=4)["error"]["code"], 4)

    def test_wrong_usage(self):
        for words in [["no-such-noun"], ["mailbox", "no-such-verb"], ["mailbox", "show"], ["domain", "add"]]:
            with self.subTest(words):
                self.server.cli(*words, code=64)

    def test_no_password_and_no_terminal(self):
        done = self.server.cli("mailbox", "add", f"quiet@{self.server.domain}", code=64, input="")
        self.assertIn("--password-stdin", done.stderr)

    def test_an_error_says_what_to_do_next(self):
        done = self.server.cli("mailbox", "add", "ann@elsewhere.example", "--generate", code=3)
        self.assertIn("Could not add the mailbox ann@elsewhere.example", done.stderr)
        self.assertIn("postino domain add elsewhere.example", done.stderr)


class Lists(ServerTestCase):
    settings = {"mailboxes": 1, "filter": "off"}

    def test_a_thousand_mailboxes_in_seconds(self):
        file = self.temporary_folder() / "list"
        file.write_text("# Address and password.\n" + "".join(
            f"person{number}@{self.server.domain} secret {number}\n" for number in range(1_000)))
        started = time.monotonic()
        self.server.cli("mailbox", "add", "--from", file)
        self.assertLess(time.monotonic() - started, 30)
        self.assertEqual(len(self.server.cli_json("mailbox", "list")), 1_001)
        # Each has its own password, blanks included.
        sent = message("To the last one")
        recipient = f"person999@{self.server.domain}"
        self.assertEqual(self.server.deliver(sent, recipient)[0], 250)
        pop3 = poplib.POP3_SSL(self.server.host, self.server.port("POP3S"), context=self.server.tls)
        pop3.user(recipient)
        pop3.pass_("secret 999")
        self.assertEqual(pop3.stat()[0], 1)
        pop3.quit()
        # All or none: they are there already.
        self.server.cli("mailbox", "add", "--from", file, code=1)
        self.server.cli("mailbox", "add", "--from", file, "--skip-existing")

    def test_ten_thousand_mailboxes_at_start(self):
        started = time.monotonic()
        server = Localserve(mailboxes=10_000, filter="off")
        self.addCleanup(server.remove)
        self.assertLess(time.monotonic() - started, 60)
        server.imap(f"user9999@{server.domain}").logout()


if __name__ == "__main__":
    unittest.main()
