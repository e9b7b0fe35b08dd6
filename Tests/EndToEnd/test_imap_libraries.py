"""IMAP libraries of Python that are not its own: what they make of our extensions."""
import unittest

from localserve import PASSWORD, ServerTestCase
from samples import difficult, message

try:
    import imapclient
except ImportError:
    imapclient = None
try:
    import imap_tools
except ImportError:
    imap_tools = None
try:
    import aioimaplib
except ImportError:
    aioimaplib = None


@unittest.skipUnless(imapclient, "imapclient is not installed")
class IMAPClient(ServerTestCase):
    def client(self, user):
        client = imapclient.IMAPClient(
            "localhost", self.server.port("IMAPS"), ssl=True, ssl_context=self.server.tls, use_uid=True)
        client.login(user, PASSWORD)
        self.addCleanup(client.shutdown)
        return client

    def test_what_it_knows_of_the_extensions(self):
        user = self.server.user()
        for octets in [difficult("beta", user), message("alpha"), message("Re: beta")]:
            self.server.deliver(octets, user)
        stored = self.server.messages(user)
        client = self.client(user)
        for capability in ["CONDSTORE", "QRESYNC", "SORT", "THREAD=REFERENCES", "MOVE", "UNSELECT", "QUOTA", "IDLE"]:
            self.assertTrue(client.has_capability(capability), capability)
        self.assertEqual(client.enable("CONDSTORE"), [b"CONDSTORE"])
        selected = client.select_folder("INBOX")
        self.assertEqual(selected[b"EXISTS"], 3)
        self.assertIn(b"HIGHESTMODSEQ", selected)
        bodies = client.fetch([1, 2, 3], ["BODY.PEEK[]", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE"])
        for uid, octets in enumerate(stored, start=1):
            self.assertEqual(bodies[uid][b"BODY[]"], octets)
            self.assertEqual(bodies[uid][b"RFC822.SIZE"], len(octets))
        self.assertEqual(bodies[2][b"ENVELOPE"].subject, b"alpha")
        self.assertEqual(client.sort(["SUBJECT"]), [2, 1, 3])
        # All have one date, so that they stand in the order of the mailbox.
        self.assertEqual(client.thread("ORDEREDSUBJECT"), ((1, 3), (2,)))
        before = selected[b"HIGHESTMODSEQ"]
        client.add_flags([2], [imapclient.SEEN])
        changed = client.fetch([1, 2, 3], ["FLAGS"], ["CHANGEDSINCE %d" % before])
        self.assertEqual(list(changed), [2])
        self.assertEqual(client.search(["MODSEQ", str(before + 1)]).modseq, changed[2][b"MODSEQ"][0])
        client.create_folder("Entwürfe & mehr")
        client.move([1], "Entwürfe & mehr")
        self.assertIn("Entwürfe & mehr", [name for _, _, name in client.list_folders()])
        self.assertEqual(client.folder_status("Entwürfe & mehr", ["MESSAGES"])[b"MESSAGES"], 1)
        client.idle()
        self.server.deliver(message("new"), user)
        found = []
        while not any(b"EXISTS" in line for line in found):
            found += client.idle_check(timeout=60)
        client.idle_done()


@unittest.skipUnless(imap_tools, "imap-tools is not installed")
class IMAPTools(ServerTestCase):
    def test_reads_what_is_stored(self):
        user = self.server.user()
        for octets in [difficult("First", user), message("Second")]:
            self.server.deliver(octets, user)
        mailbox = imap_tools.MailBox("localhost", self.server.port("IMAPS"), ssl_context=self.server.tls)
        with mailbox.login(user, PASSWORD) as mailbox:
            self.assertEqual([found.subject for found in mailbox.fetch()], ["First", "Second"])
            self.assertEqual(mailbox.uids(imap_tools.AND(subject="Second")), ["2"])
            mailbox.flag("1", imap_tools.MailMessageFlags.FLAGGED, True)
            self.assertEqual(mailbox.uids(imap_tools.AND(flagged=True)), ["1"])
            mailbox.move("1", "Archive")
            self.assertEqual(mailbox.folder.status("Archive")["MESSAGES"], 1)


@unittest.skipUnless(aioimaplib, "aioimaplib is not installed")
class AioIMAPLib(ServerTestCase):
    def test_reads_what_is_stored(self):
        import asyncio

        user = self.server.user()
        self.server.deliver(difficult("First", user), user)
        stored = self.server.messages(user)[0]

        async def read():
            client = aioimaplib.IMAP4_SSL("localhost", self.server.port("IMAPS"), ssl_context=self.server.tls)
            await client.wait_hello_from_server()
            await client.login(user, PASSWORD)
            await client.select("INBOX")
            _, lines = await client.fetch("1", "(BODY.PEEK[])")
            await client.logout()
            return bytes(lines[1])

        self.assertEqual(asyncio.run(read()), stored)


if __name__ == "__main__":
    unittest.main()
