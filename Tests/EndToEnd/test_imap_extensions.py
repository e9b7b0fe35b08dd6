"""METADATA, NOTIFY, CONTEXT=SEARCH and quotas by Python's imaplib, on a socket and over TLS."""
import imaplib
import unittest

from localserve import ServerTestCase
from samples import message


class Extensions(ServerTestCase):
    settings = {"filter": "off"}

    def setUp(self):
        self.user = self.server.user()
        self.imap = self.server.imap(self.user)
        self.addCleanup(self.imap.shutdown)

    def say(self, name, *arguments):
        """The untagged responses of that name."""
        imaplib.Commands[name] = ("AUTH", "SELECTED")
        code, text = self.imap.xatom(name, *arguments)
        self.assertEqual(code, "OK", text)

    def line(self):
        """What the server says although nothing was asked."""
        return self.imap.readline().rstrip(b"\r\n")

    def test_notes(self):
        self.say("SETMETADATA", "INBOX", '(/private/comment "Mine" /shared/comment "Ours")')
        self.say("GETMETADATA", "(DEPTH infinity)", "INBOX", "(/private /shared)")
        self.assertEqual(
            self.imap.response("METADATA")[1][-1], b'INBOX (/private/comment "Mine" /shared/comment "Ours")')
        self.say("GETMETADATA", '""', "/shared/admin")
        self.assertIn(f"mailto:postmaster@{self.server.domain}".encode(), self.imap.response("METADATA")[1][-1])

    def test_notes_outlive_the_server(self):
        value = "x" * 3_000
        self.say("SETMETADATA", '""', f'(/private/vendor/test "{value}")')
        self.server.stop()
        self.server.start()
        self.imap = self.server.imap(self.user)
        self.addCleanup(self.imap.shutdown)
        self.say("GETMETADATA", '""', "/private/vendor/test")
        said = self.imap.response("METADATA")[1]
        self.assertIn(value.encode(), b"".join(part for item in said for part in ([item] if isinstance(item, bytes) else item)))

    def test_mail_elsewhere_is_told(self):
        self.imap.create("Work")
        self.say("NOTIFY", "SET", "(PERSONAL (MessageNew MessageExpunge MailboxName))")
        self.server.deliver(message(), self.user)
        self.assertRegex(self.line(), rb"^\* STATUS INBOX \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1\)$")
        with self.server.imap(self.user) as other:
            other.create("Play")
        self.assertEqual(self.line(), b'* LIST () "/" Play')
        self.say("NOTIFY", "NONE")
        self.server.deliver(message(), self.user)
        self.imap.noop()
        self.assertEqual(self.imap.response("STATUS")[1], [None])

    def test_mail_in_the_selected_mailbox_is_told(self):
        self.imap.select()
        self.say("NOTIFY", "SET", "(SELECTED (MessageNew (UID) MessageExpunge FlagChange))")
        self.server.deliver(message(), self.user)
        self.assertEqual([self.line(), self.line(), self.line()],
                         [b"* 1 EXISTS", b"* 1 RECENT", b"* 1 FETCH (UID 1)"])

    def test_a_result_is_kept_up_to_date(self):
        self.imap.select()
        self.imap.uid("SEARCH", "RETURN", "(UPDATE COUNT)", "UNSEEN")
        tag = self.imap.response("ESEARCH")[1][-1].split(b'"')[1]
        self.server.deliver(message(), self.user)
        self.imap.noop()
        self.assertEqual(self.imap.response("ESEARCH")[1], [b'(TAG "%s") UID ADDTO (0 1)' % tag])
        self.imap.store("1", "+FLAGS", "(\\Seen)")
        self.assertEqual(self.imap.response("ESEARCH")[1], [b'(TAG "%s") UID REMOVEFROM (0 1)' % tag])

    def test_a_quota_is_not_a_clients_to_set(self):
        code, text = self.imap.setquota('""', "(STORAGE 5)")
        self.assertEqual(code, "NO", text)
        self.assertIn(b"NOPERM", text[0])


if __name__ == "__main__":
    unittest.main()
