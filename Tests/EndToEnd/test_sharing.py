"""Folders that one mailbox shares with another, by IMAP's ACL (imaplib) and by the command line."""
import imaplib
import unittest

from localserve import PASSWORD, ServerTestCase
from samples import message

imaplib.Commands.setdefault("LISTRIGHTS", ("AUTH", "SELECTED"))


class Sharing(ServerTestCase):
    settings = {"filter": "off"}

    def setUp(self):
        self.ann, self.bob = self.server.user(), self.server.user()
        self.a, self.b = self.server.imap(self.ann), self.server.imap(self.bob)
        self.addCleanup(self.a.shutdown)
        self.addCleanup(self.b.shutdown)
        self.name = f'"Other Users/{self.ann}/Projects"'
        self.ok(self.a.create("Projects"))
        self.ok(self.a.append("Projects", None, None, message("Plans", body="The plan.\n")))

    def ok(self, answer):
        self.assertEqual(answer[0], "OK", answer)
        return answer[1]

    def no(self, answer, code):
        self.assertEqual(answer[0], "NO", answer)
        self.assertIn(f"[{code}]".encode(), answer[1][-1])

    def listed(self):
        return [line for line in self.ok(self.b.list('""', '"*"')) if f"Other Users/{self.ann}/".encode() in line]

    def test_announced(self):
        for word in "ACL", "RIGHTS=KXTE", "LIST-MYRIGHTS", "CONTEXT=SORT":
            self.assertIn(word, self.a.capabilities)
        self.assertEqual(self.ok(self.a.namespace()), [b'(("" "/")) (("Other Users/" "/")) NIL'])

    def test_what_is_not_shared_is_not_there(self):
        self.assertEqual(self.listed(), [])
        self.no(self.b.select(self.name), "NONEXISTENT")
        self.no(self.b.getacl(self.name), "NONEXISTENT")
        self.no(self.b.status(self.name, "(MESSAGES)"), "NONEXISTENT")

    def test_a_folder_is_read_and_taken_back(self):
        self.ok(self.a.setacl("Projects", self.bob, "lr"))
        self.assertEqual(len(self.listed()), 1)
        # RFC 4314 section 5.2: who can change nothing has it read-only, which imaplib takes ill when it was not asked for.
        with self.assertRaises(imaplib.IMAP4.readonly):
            self.b.select(self.name)
        self.assertEqual(self.ok(self.b.select(self.name, readonly=True)), [b"1"])
        self.assertIn(b"The plan.", self.ok(self.b.fetch("1", "(BODY.PEEK[])"))[0][1])
        self.assertEqual(self.ok(self.b.myrights(self.name)), [self.name.encode() + b" lr"])
        self.ok(self.a.deleteacl("Projects", self.bob))
        self.no(self.b.fetch("1", "(FLAGS)"), "NOPERM")
        self.ok(self.b.noop())
        self.assertEqual(self.b.response("EXPUNGE")[1], [b"1"])
        self.ok(self.b.unselect())
        self.assertEqual(self.listed(), [])

    def test_both_work_in_it_and_see_each_other(self):
        self.ok(self.a.setacl("Projects", self.bob, "lrswite"))
        self.ok(self.a.select("Projects"))
        self.ok(self.b.select(self.name))
        self.ok(self.b.append(self.name, "\\Flagged", None, message("From Bob")))
        self.ok(self.a.noop())
        self.assertEqual(self.a.response("EXISTS")[1][-1], b"2")
        self.ok(self.a.store("1", "+FLAGS", "(\\Answered)"))
        self.ok(self.b.noop())
        self.assertIn(b"\\Answered", b"".join(self.b.response("FETCH")[1]))
        # To and from a folder of one's own: octets, flags and keywords go along.
        self.ok(self.b.store("1", "+FLAGS", "(todo)"))
        self.ok(self.b.copy("1", "INBOX"))
        self.ok(self.b.uid("MOVE", "2", "Archive"))
        self.assertEqual(self.server.messages(self.bob)[0], self.server.messages(self.ann, "Projects")[0])
        self.ok(self.b.select("INBOX"))
        self.assertIn(b"todo", self.ok(self.b.fetch("1", "(FLAGS)"))[0])
        self.ok(self.a.noop())
        self.assertEqual(len(self.server.messages(self.ann, "Projects")), 1)
        self.assertEqual(len(self.server.messages(self.bob, "Archive")), 1)
        self.assertEqual(self.server.cli("check").returncode, 0)

    def test_the_owner_pays(self):
        self.ok(self.a.setacl("Projects", self.bob, "lri"))
        self.server.cli("quota", "set", self.ann, "--messages", "2")
        self.ok(self.b.append(self.name, None, None, message()))
        self.no(self.b.append(self.name, None, None, message()), "OVERQUOTA")
        self.ok(self.b.append("INBOX", None, None, message()))
        self.server.cli("quota", "set", self.ann, "--messages", "none")

    def test_idle_hears_of_mail_that_comes(self):
        self.ok(self.a.setacl("Projects", self.bob, "lr"))
        self.ok(self.b.select(self.name, readonly=True))
        self.b.send(b"idle IDLE\r\n")
        self.assertTrue(self.b.readline().startswith(b"+"))
        self.ok(self.a.append("Projects", None, None, message("News")))
        self.assertEqual(self.b.readline(), b"* 2 EXISTS\r\n")
        self.b.readline()
        self.b.send(b"DONE\r\n")
        self.assertTrue(self.b.readline().startswith(b"idle OK"))

    def test_everybody_of_the_domain(self):
        self.ok(self.a.setacl("Projects", "anyone", "lr"))
        self.assertIn(b"anyone lr", self.ok(self.a.getacl("Projects"))[0])
        self.assertEqual(len(self.listed()), 1)
        address = "guest@elsewhere-shared.example"
        self.server.cli("domain", "add", "elsewhere-shared.example")
        self.server.cli("mailbox", "add", address, "--password-stdin", input=PASSWORD + "\n")
        with self.server.imap(address) as guest:
            self.no(guest.select(self.name, readonly=True), "NONEXISTENT")
        # Who is named has it all the same.
        self.ok(self.a.setacl("Projects", address, "lr"))
        with self.server.imap(address) as guest:
            self.ok(guest.select(self.name, readonly=True))

    def test_the_command_line(self):
        self.server.cli("folder", "share", self.ann, "Projects", self.bob, "read")
        self.server.cli("folder", "share", self.ann, "Projects", "anyone", "l")
        self.server.cli("folder", "share", self.ann, "Projects", self.bob, "+s")
        shares = self.server.cli_json("folder", "shares", self.ann)
        self.assertEqual(shares, [
            {"folder": "Projects", "who": self.bob, "rights": "lrs"},
            {"folder": "Projects", "who": "anyone", "rights": "l"}])
        self.ok(self.b.select(self.name, readonly=True))
        self.server.cli("folder", "unshare", self.ann, "Projects", self.bob)
        self.no(self.b.fetch("1", "(FLAGS)"), "NOPERM")
        self.assertEqual(len(self.server.cli_json("folder", "shares", self.ann, "Projects")), 1)
        self.server.cli("folder", "share", self.ann, "Projects", self.ann, "l", code=1)
        self.server.cli("folder", "share", self.ann, "Nothing", self.bob, "l", code=3)
        self.server.cli("folder", "share", self.ann, "Projects", "nobody@elsewhere.example", "l", code=3)
        self.server.cli("folder", "share", self.ann, "Projects", self.bob, "Q", code=64)
        self.server.cli("folder", "unshare", self.ann, "Projects", "anyone")
        self.assertIn("Nothing is shared", self.server.cli("folder", "shares", self.ann).stdout)

    def test_rights_outlive_the_server_and_go_with_the_mailbox(self):
        self.ok(self.a.setacl("Projects", self.bob, "lr"))
        self.server.kill()
        self.server.start()
        self.b = self.server.imap(self.bob)
        self.addCleanup(self.b.shutdown)
        self.assertEqual(len(self.listed()), 1)
        self.ok(self.b.subscribe(self.name))
        self.server.cli("mailbox", "remove", self.ann)
        self.assertEqual(self.listed(), [])
        self.no(self.b.select(self.name), "NONEXISTENT")


if __name__ == "__main__":
    unittest.main()
