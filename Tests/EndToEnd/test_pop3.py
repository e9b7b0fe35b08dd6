"""POP3 by Python's poplib."""
import base64
import poplib
import time
import unittest

from localserve import PASSWORD, WAIT_SECONDS, ServerTestCase
from samples import difficult, message


class POP3(ServerTestCase):
    def setUp(self):
        self.user = self.server.user()

    def open(self):
        pop3 = self.server.pop3(self.user)
        self.addCleanup(pop3.close)
        return pop3

    def octets(self, lines):
        return b"\r\n".join(lines) + b"\r\n"

    def test_lists_reads_and_deletes(self):
        sent = [difficult("First"), message("Second", "1\n2\n3\n4\n"), message("Third")]
        for octets in sent:
            self.server.deliver(octets, self.user)
        stored = self.server.messages(self.user)
        pop3 = self.open()
        self.assertEqual(pop3.stat(), (3, sum(map(len, stored))))
        self.assertEqual(pop3.list()[1], [b"%d %d" % (number, len(octets)) for number, octets in enumerate(stored, 1)])
        for number, octets in enumerate(stored, 1):
            self.assertEqual(self.octets(pop3.retr(number)[1]), octets)
        header, _, _ = stored[1].partition(b"\r\n\r\n")
        self.assertEqual(self.octets(pop3.top(2, 2)[1]), header + b"\r\n\r\n1\r\n2\r\n")
        identifiers = [line.split()[1] for line in pop3.uidl()[1]]
        self.assertEqual(len(set(identifiers)), 3)
        pop3.dele(1)
        with self.assertRaises(poplib.error_proto):
            pop3.retr(1)
        pop3.dele(3)
        pop3.rset()
        pop3.dele(2)
        pop3.quit()
        self.assertEqual(self.server.messages(self.user), [stored[0], stored[2]])
        # The same messages have the same identifiers in the next session.
        pop3 = self.open()
        self.assertEqual([line.split()[1] for line in pop3.uidl()[1]], [identifiers[0], identifiers[2]])
        pop3.quit()

    def test_it_can_be_switched_off(self):
        self.server.cli("mailbox", "set", self.user, "--pop3", "off")
        with self.assertRaisesRegex(poplib.error_proto, "switched off"):
            self.open()
        self.assertFalse(self.server.cli_json("mailbox", "show", self.user)["mailbox"]["pop3"])
        self.server.cli("mailbox", "set", self.user, "--pop3", "on")
        self.open().quit()

    def test_what_is_deleted_can_be_left_for_some_days(self):
        self.server.cli("mailbox", "set", self.user, "--pop3-leave-days", "5")
        self.server.deliver(message("One"), self.user)
        pop3 = self.open()
        pop3.dele(1)
        pop3.quit()
        self.assertEqual(len(self.server.messages(self.user)), 1)
        self.server.deliver(message("Two"), self.user)
        pop3 = self.open()
        self.assertEqual(pop3.stat()[0], 1)
        self.assertIn(b"Subject: Two", pop3.retr(1)[1])
        pop3.quit()
        # Nothing is to be left any more: what was left goes with the next login.
        self.server.cli("mailbox", "set", self.user, "--pop3-leave-days", "0")
        self.open().quit()
        self.assertEqual(len(self.server.messages(self.user)), 1)

    def test_languages_and_utf8(self):
        pop3 = poplib.POP3_SSL(self.server.host, self.server.port("POP3S"), context=self.server.tls)
        self.assertEqual(pop3.capa()["UTF8"], ["USER"])
        self.assertIn("LANG", pop3.capa())
        self.assertTrue(pop3.utf8().startswith(b"+OK"))
        self.assertIn(b"en English", pop3._longcmd("LANG")[1])
        self.assertTrue(pop3._shortcmd("LANG en").startswith(b"+OK en"))
        pop3.close()

    def test_nothing_is_deleted_without_quit(self):
        self.server.deliver(message(), self.user)
        pop3 = self.open()
        pop3.dele(1)
        pop3.close()
        self.assertEqual(len(self.server.messages(self.user)), 1)
        # The lock is free again at once.
        pop3 = self.open()
        self.assertEqual(pop3.stat()[0], 1)
        pop3.quit()

    def test_a_second_session_waits_and_is_told(self):
        first = self.open()
        # Mail may come and IMAP may read meanwhile.
        self.server.deliver(message("Meanwhile"), self.user)
        self.assertEqual(len(self.server.messages(self.user)), 1)
        self.assertEqual(first.stat()[0], 0)
        started = time.monotonic()
        with self.assertRaisesRegex(poplib.error_proto, r"\[IN-USE\]"):
            self.server.pop3(self.user)
        waited = time.monotonic() - started
        self.assertGreater(waited, 4)
        self.assertLess(waited, 20)
        first.quit()
        second = self.open()
        self.assertEqual(second.stat()[0], 1)
        second.quit()

    def test_capabilities_tls_and_sasl(self):
        pop3 = poplib.POP3(self.server.host, self.server.port("POP3"), timeout=WAIT_SECONDS)
        self.addCleanup(pop3.close)
        capabilities = pop3.capa()
        for word in ["STLS", "UIDL", "TOP", "RESP-CODES", "PIPELINING", "SASL"]:
            self.assertIn(word, capabilities)
        pop3.stls(self.server.tls)
        self.assertNotIn("STLS", pop3.capa())
        response = base64.b64encode(f"\0{self.user}\0{PASSWORD}".encode()).decode()
        self.assertTrue(pop3._shortcmd(f"AUTH PLAIN {response}").startswith(b"+OK"))
        self.assertEqual(pop3.stat(), (0, 0))
        pop3.quit()

    def test_a_wrong_password_is_refused(self):
        pop3 = poplib.POP3_SSL(self.server.host, self.server.port("POP3S"), context=self.server.tls)
        self.addCleanup(pop3.close)
        pop3.user(self.user)
        with self.assertRaisesRegex(poplib.error_proto, r"\[AUTH\]"):
            pop3.pass_("wrong")

    def test_only_the_inbox_is_seen(self):
        with self.server.imap(self.user) as imap:
            imap.append("Archive", None, None, message("Not seen"))
            imap.append("INBOX", None, None, message("Seen"))
        pop3 = self.open()
        self.assertEqual(pop3.stat()[0], 1)
        pop3.quit()


if __name__ == "__main__":
    unittest.main()
