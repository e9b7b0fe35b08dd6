"""IMAP by Python's imaplib, and by a socket where it has no words."""
import imaplib
import re
import socket
import time
import unittest
from datetime import datetime

from localserve import PASSWORD, WAIT_SECONDS, ServerTestCase
from samples import difficult, message, multipart


class RawIMAP:
    """Lines in, lines out."""

    def __init__(self, server, user):
        connection = socket.create_connection((server.host, server.port("IMAPS")), timeout=WAIT_SECONDS)
        self.socket = server.tls.wrap_socket(connection, server_hostname=server.host)
        self.file = self.socket.makefile("rb")
        self.greeting = self.line()
        assert self.command(f"LOGIN {user} {PASSWORD}")[-1].startswith("a OK")

    def line(self):
        return self.file.readline().decode().rstrip("\r\n")

    def send(self, text):
        self.socket.sendall(text.encode() + b"\r\n")

    def command(self, text):
        """All lines up to the tagged one."""
        self.send("a " + text)
        lines = []
        while not lines or not lines[-1].startswith("a "):
            lines.append(self.line())
            assert lines[-1] != "", lines
        return lines

    def close(self):
        self.file.close()
        self.socket.close()


class IMAP(ServerTestCase):
    def setUp(self):
        self.user = self.server.user()
        self.imap = self.server.imap(self.user)
        self.addCleanup(self.leave, self.imap)

    def leave(self, imap):
        try:
            imap.logout()
        except (OSError, imaplib.IMAP4.error):
            pass

    def ok(self, answer):
        code, data = answer
        self.assertEqual(code, "OK", data)
        return data

    def append(self, octets, mailbox="INBOX", flags=None, date=None):
        return self.ok(self.imap.append(mailbox, flags, date, octets))

    def test_folders_of_a_new_mailbox(self):
        listing = b"\n".join(self.ok(self.imap.list()))
        for name, use in [("Sent", "Sent"), ("Drafts", "Drafts"), ("Junk", "Junk"), ("Trash", "Trash"),
                          ("Archive", "Archive")]:
            self.assertRegex(listing, rb"\\" + use.encode() + rb'\b[^\n]*"/" "?' + name.encode())
        self.assertRegex(listing, rb'"/" "?INBOX')
        self.assertEqual(self.ok(self.imap.namespace()), [b'(("" "/")) (("Other Users/" "/")) NIL'])

    def test_mailboxes_are_made_renamed_and_removed(self):
        self.ok(self.imap.create("Work/2026"))
        self.ok(self.imap.subscribe("Work/2026"))
        self.append(message("Kept"), "Work/2026")
        self.ok(self.imap.rename("Work", "Old"))
        self.assertEqual(self.ok(self.imap.select("Old/2026")), [b"1"])
        self.ok(self.imap.unselect())
        self.assertEqual(self.imap.select("Work/2026")[0], "NO")
        self.ok(self.imap.delete("Old/2026"))
        self.assertEqual(self.imap.delete("INBOX")[0], "NO")
        self.assertEqual(self.imap.create("INBOX")[0], "NO")

    def test_append_keeps_octets_flags_and_date(self):
        sent = difficult()
        self.append(sent, flags=r"(\Seen \Flagged keyword)", date='"05-Feb-2026 10:11:12 +0100"')
        self.ok(self.imap.select())
        self.assertEqual(self.ok(self.imap.fetch("1", "(BODY.PEEK[])"))[0][1], sent)
        facts = self.ok(self.imap.fetch("1", "(FLAGS INTERNALDATE RFC822.SIZE)"))[0]
        self.assertIn(rb"\Seen", facts)
        self.assertIn(rb"\Flagged", facts)
        self.assertIn(b"keyword", facts)
        self.assertIn(b"RFC822.SIZE %d" % len(sent), facts)
        moment = re.search(rb'INTERNALDATE "([^"]+)"', facts)
        self.assertEqual(imaplib.Internaldate2tuple(facts), imaplib.Internaldate2tuple(
            b'INTERNALDATE "05-Feb-2026 10:11:12 +0100"'), moment)

    def test_the_date_of_saving_is_when_it_came(self):
        """RFC 8514: not INTERNALDATE, which the client chose."""
        raw = RawIMAP(self.server, self.user)
        self.addCleanup(raw.close)
        before = int(time.time())
        self.append(message("Saved"))
        raw.command("SELECT INBOX")
        line = raw.command("FETCH 1 (SAVEDATE)")[0]
        told = re.fullmatch(r'\* 1 FETCH \(SAVEDATE "([^"]+)"\)', line).group(1)
        saved = datetime.strptime(told, "%d-%b-%Y %H:%M:%S %z").timestamp()
        self.assertTrue(before <= saved <= time.time(), line)

    def test_append_of_a_large_message(self):
        sent = message("Large", "0123456789abcdef" * 4 * 1_024 + "\n") + b"x" * 3_000_000 + b"\r\n"
        self.append(sent)
        self.ok(self.imap.select())
        self.assertEqual(self.ok(self.imap.fetch("1", "(BODY.PEEK[])"))[0][1], sent)
        self.assertEqual(
            self.ok(self.imap.fetch("1", "(BODY.PEEK[]<1000000.4096>)"))[0][1], sent[1_000_000:1_004_096])

    def test_parts_of_a_message(self):
        sent = multipart()
        header, _, body = sent.partition(b"\r\n\r\n")
        header += b"\r\n\r\n"
        self.append(sent)
        self.ok(self.imap.select())

        def fetch(item):
            return self.ok(self.imap.fetch("1", f"({item})"))[0]

        self.assertEqual(fetch("BODY.PEEK[HEADER]")[1], header)
        self.assertEqual(fetch("BODY.PEEK[TEXT]")[1], body)
        self.assertEqual(fetch("BODY.PEEK[1]")[1], b"The text.")
        self.assertEqual(fetch("BODY.PEEK[2]")[1], b"AAECAwQFBgc=")
        self.assertIn(b"base64", fetch("BODY.PEEK[2.MIME]")[1])
        self.assertEqual(fetch("BODY.PEEK[TEXT]<3.10>")[1], body[3:13])
        self.assertEqual(
            fetch("BODY.PEEK[HEADER.FIELDS (SUBJECT)]")[1], b"Subject: Two parts\r\n\r\n")
        self.assertNotIn(b"Subject", fetch("BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT)]")[1])
        structure = fetch("BODYSTRUCTURE")
        self.assertIn(b'"MIXED"', structure.upper())
        self.assertIn(b'"FILENAME" "DATA.BIN"', structure.upper())
        self.assertIn(b'"Two parts"', fetch("ENVELOPE"))
        self.assertNotIn(rb"\Seen", fetch("FLAGS"))
        fetch("BODY[1]")
        self.assertIn(rb"\Seen", fetch("FLAGS"))

    def test_search(self):
        for number, (subject, body) in enumerate([("alpha", "first text\n"), ("beta", "second needle\n"),
                                                  ("Gr\u00fc\u00dfe", "third\n")], 1):
            fields = "" if number < 3 else "Content-Type: text/plain; charset=utf-8\n"
            self.append(message(subject, body, fields=fields), flags=r"(\Seen)" if number == 1 else None,
                        date=f'"0{number}-Mar-2026 12:00:00 +0000"')
        self.ok(self.imap.select())

        def search(*criteria, charset=None):
            return self.ok(self.imap.search(charset, *criteria))[0].decode().split()

        self.assertEqual(search("ALL"), ["1", "2", "3"])
        self.assertEqual(search("SUBJECT", "ALPHA"), ["1"])
        self.assertEqual(search("TEXT", "needle"), ["2"])
        self.assertEqual(search("BODY", "text"), ["1"])
        self.assertEqual(search("SEEN"), ["1"])
        self.assertEqual(search("UNSEEN", "NOT", "SUBJECT", "beta"), ["3"])
        self.assertEqual(search("OR", "SUBJECT", "alpha", "SUBJECT", "beta"), ["1", "2"])
        self.assertEqual(search("SINCE", "02-Mar-2026"), ["2", "3"])
        self.assertEqual(search("BEFORE", "02-Mar-2026"), ["1"])
        self.assertEqual(search("ON", "02-Mar-2026"), ["2"])
        self.assertEqual(search("LARGER", "100000"), [])
        self.assertEqual(search("FROM", "ann@example.org"), ["1", "2", "3"])
        self.assertEqual(search("UID", "2:*"), ["2", "3"])
        self.assertEqual(search("HEADER", "Message-ID", "example.org"), ["1", "2", "3"])
        self.imap.literal = "GR\u00dc\u00dfe".encode()
        self.assertEqual(search("SUBJECT", charset="UTF-8"), ["3"])
        self.imap.literal = "gr\u00fc\u00dfe".encode("latin-1")
        self.assertEqual(search("SUBJECT", charset="ISO-8859-1"), ["3"])

    def test_flags(self):
        for number in range(3):
            self.append(message(f"{number}"))
        self.ok(self.imap.select())
        self.ok(self.imap.store("1:2", "+FLAGS", r"(\Flagged $Label1)"))
        self.ok(self.imap.store("2", "-FLAGS", r"(\Flagged)"))
        self.ok(self.imap.uid("STORE", "3", "FLAGS.SILENT", r"(\Draft)"))
        facts = self.ok(self.imap.fetch("1:3", "(FLAGS)"))
        for line, has, has_not in zip(
                facts, [rb"\Flagged", b"$Label1", rb"\Draft"], [rb"\Draft", rb"\Flagged", b"$Label1"]):
            self.assertIn(has, line)
            self.assertNotIn(has_not, line)
        self.assertEqual(self.ok(self.imap.search(None, "KEYWORD", "$Label1")), [b"1 2"])

    def test_copy_move_and_expunge(self):
        sent = [message(f"{number}", f"{number}\n") for number in range(4)]
        for octets in sent:
            self.append(octets)
        self.ok(self.imap.select())
        self.ok(self.imap.uid("COPY", "1:2", "Archive"))
        self.assertRegex(self.imap.response("COPYUID")[1][0], rb"\A\d+ 1:2 1:2\Z")
        self.ok(self.imap.uid("MOVE", "3", "Trash"))
        self.assertEqual(self.ok(self.imap.search(None, "ALL")), [b"1 2 3"])
        self.ok(self.imap.uid("STORE", "1,2", "+FLAGS", r"(\Deleted)"))
        # UIDPLUS: only the one that is named goes.
        self.ok(self.imap.uid("EXPUNGE", "2"))
        self.assertEqual(self.ok(self.imap.uid("SEARCH", "ALL")), [b"1 4"])
        self.ok(self.imap.expunge())
        self.assertEqual(self.ok(self.imap.uid("SEARCH", "ALL")), [b"4"])
        self.assertEqual(self.server.messages(self.user), [sent[3]])
        self.assertEqual(self.server.messages(self.user, "Archive"), sent[:2])
        self.assertEqual(self.server.messages(self.user, "Trash"), [sent[2]])
        self.assertEqual(self.imap.uid("COPY", "4", "Missing")[0], "NO")

    def test_status_and_uidplus(self):
        answer = self.append(message())
        self.assertRegex(answer[0], rb"APPENDUID \d+ 1")
        status = self.ok(self.imap.status("INBOX", "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"))[0]
        self.assertIn(b"MESSAGES 1", status)
        self.assertIn(b"UIDNEXT 2", status)
        self.assertIn(b"UNSEEN 1", status)

    def test_what_others_do_is_told(self):
        self.append(message("First"))
        self.ok(self.imap.select())
        other = self.server.imap(self.user)
        self.addCleanup(self.leave, other)
        other.select()
        other.store("1", "+FLAGS", r"(\Flagged)")
        self.ok(self.imap.noop())
        self.assertIn(rb"\Flagged", self.imap.response("FETCH")[1][0])
        other.store("1", "+FLAGS", r"(\Deleted)")
        other.expunge()
        self.ok(self.imap.noop())
        self.assertEqual(self.imap.response("EXPUNGE")[1], [b"1"])

    def test_idle_tells_of_new_mail(self):
        raw = RawIMAP(self.server, self.user)
        self.addCleanup(raw.close)
        self.assertTrue(raw.command("SELECT INBOX")[-1].startswith("a OK"))
        raw.send("a IDLE")
        self.assertTrue(raw.line().startswith("+"))
        self.server.deliver(message("Pushed"), self.user)
        self.assertEqual(raw.line(), "* 1 EXISTS")
        self.append(message("Pushed, too"))
        lines = [raw.line()]
        while "* 2 EXISTS" not in lines and len(lines) < 5:
            lines.append(raw.line())
        self.assertIn("* 2 EXISTS", lines)
        raw.send("DONE")
        while not (line := raw.line()).startswith("a "):
            pass
        self.assertTrue(line.startswith("a OK"), line)

    def test_starttls_and_login_in_clear(self):
        imap = imaplib.IMAP4(self.server.host, self.server.port("IMAP"), timeout=WAIT_SECONDS)
        self.addCleanup(self.leave, imap)
        self.assertIn("STARTTLS", imap.capabilities)
        self.ok(imap.starttls(self.server.tls))
        self.assertNotIn("STARTTLS", imap.capabilities)
        self.ok(imap.authenticate("PLAIN", lambda _: f"\0{self.user}\0{PASSWORD}".encode()))
        # localserve takes it on loopback, and says so.
        self.leave(self.server.imap(self.user, implicit=False))

    def test_a_wrong_password_and_an_unknown_user_look_the_same(self):
        said = []
        for user in [self.user, f"nobody-here@{self.server.domain}"]:
            imap = imaplib.IMAP4_SSL(self.server.host, self.server.port("IMAPS"), ssl_context=self.server.tls)
            self.addCleanup(self.leave, imap)
            with self.assertRaises(imaplib.IMAP4.error) as caught:
                imap.login(user, "wrong")
            said.append(str(caught.exception))
        self.assertEqual(said[0], said[1])


if __name__ == "__main__":
    unittest.main()
