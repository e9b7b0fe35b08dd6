"""kill -9 under load: what was acknowledged is there, once."""
import collections
import imaplib
import os
import random
import smtplib
import threading
import time
import unittest

from changing import Changes
from localserve import Localserve, transaction
from samples import message

ROUNDS = int(os.environ.get("KILL_ROUNDS", "10"))
SECONDS = 2
SMTP_THREADS, APPEND_THREADS, CHANGING_THREADS = 4, 2, 2
FAILURES = (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.error)


class Load:
    """Delivers numbered messages until it is stopped, each as often as it needs to be acknowledged."""

    def __init__(self, server, users):
        self.server, self.users = server, users
        # Number → (user, octets).
        self.sent = {}
        self.acknowledged = set()
        # Attempts of which nobody knows what became of them.
        self.unknown = collections.Counter()
        self.refused = 0
        self.serving = threading.Event()
        self.serving.set()
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.problems = []

    def run(self, thread):
        way, _, number = thread.partition("-")
        try:
            if way == "append":
                user = self.users[int(number) % len(self.users)]
                self.deliver(thread, [user], lambda: self.server.imap(user), self.append)
            else:
                self.deliver(thread, self.users, self.server.mx, self.send)
        except Exception as error:  # Told to the test, not to the terminal.
            self.problems.append(f"{thread}: {error!r}")

    def deliver(self, thread, users, connect, send):
        chance = random.Random(thread)
        connection, number = None, 0
        while not self.stopping.is_set():
            self.serving.wait()
            key = f"{thread}-{number}"
            if key not in self.sent:
                # Small ones, and now and then one that goes through a file.
                lines = 16_000 if chance.random() < 0.01 else chance.randrange(1, 60)
                octets = message(f"number {key}", f"{key}\n" + ("z" * 76 + "\n") * lines)
                self.sent[key] = (users[number % len(users)], octets)
            try:
                connection = connection or connect()
            except FAILURES:
                time.sleep(0.01)
                continue
            try:
                taken = send(connection, *self.sent[key])
            except FAILURES:
                connection = None
                with self.lock:
                    self.unknown[key] += 1
                continue
            with self.lock:
                if taken:
                    self.acknowledged.add(key)
                    number += 1
                else:
                    # Refused for now: not there, and not allowed to be.
                    self.refused += 1

    def send(self, smtp, user, octets):
        smtp.rset()
        return transaction(smtp, "ann@example.org", user, octets)[0] == 250

    def append(self, imap, _, octets):
        return imap.append("INBOX", None, None, octets)[0] == "OK"


class KillUnderLoad(unittest.TestCase):
    def changes(self, server, load, number):
        user = f"user{number}@{server.domain}"
        with server.imap(user) as imap:
            for message_number in range(40):
                imap.append("INBOX", None, None, f"Subject: kept {message_number}\r\n\r\n{message_number}\r\n".encode())
        return Changes(lambda: server.imap(user), 40, load)

    def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(self):
        server = Localserve(mailboxes=3 + CHANGING_THREADS)
        self.addCleanup(server.remove)
        users = [f"user{number}@{server.domain}" for number in range(3)]
        load = Load(server, users)
        names = [f"smtp-{n}" for n in range(SMTP_THREADS)] + [f"append-{n}" for n in range(APPEND_THREADS)]
        threads = [threading.Thread(target=load.run, args=(name,), daemon=True) for name in names]
        changing = [self.changes(server, load, number) for number in range(3, 3 + CHANGING_THREADS)]
        threads += [
            threading.Thread(target=changes.run, args=(f"changes-{number}",), daemon=True)
            for number, changes in enumerate(changing)]
        for thread in threads:
            thread.start()
        chance = random.Random(1)
        counts = []
        for _ in range(ROUNDS):
            before = len(load.acknowledged)
            # Killed at a moment that nobody chose, while mail comes in.
            end = time.monotonic() + SECONDS + chance.random()
            while time.monotonic() < end or len(load.acknowledged) < before + 20:
                self.assertLess(time.monotonic(), end + 60, "no mail is taken")
                time.sleep(0.01)
            server.kill()
            counts.append(len(load.acknowledged) - before)
            load.serving.clear()
            server.start()
            load.serving.set()
        load.stopping.set()
        for thread in threads:
            thread.join(timeout=120)
            self.assertFalse(thread.is_alive())
        self.assertEqual(load.problems + sum((changes.problems for changes in changing), []), [])
        for changes in changing:
            changes.imap = changes.connect()
            changes.compare()
            self.assertGreater(changes.done, ROUNDS)

        found = collections.Counter()
        for user in users:
            with server.imap(user) as imap:
                imap.select("INBOX", readonly=True)
                uids = [int(uid) for uid in imap.uid("SEARCH", "ALL")[1][0].split()]
                self.assertEqual(uids, sorted(set(uids)))
            for stored in server.messages(user):
                key = stored.partition(b"Subject: number ")[2].partition(b"\r\n")[0].decode()
                owner, octets = load.sent[key]
                self.assertEqual(owner, user)
                self.assertTrue(stored.endswith(octets), f"{key} is not as it was sent")
                found[key] += 1
        lost = sorted(load.acknowledged - set(found))
        self.assertEqual(lost, [], "acknowledged and lost")
        for key, count in found.items():
            certain = 1 if key in load.acknowledged else 0
            self.assertLessEqual(count, certain + load.unknown[key], f"{key} is there too often")
        print(f"[{sum(counts)} acknowledged, {ROUNDS} kills, {sum(load.unknown.values())} unknown, "
              f"{load.refused} put off; {sum(changes.done for changes in changing)} changes, "
              f"{sum(changes.unknown for changes in changing)} of them unknown]", end=" ", flush=True)

        # And it stops in order, and comes back.
        server.stop()
        server.start()
        self.assertEqual(sum(len(server.messages(user)) for user in users), sum(found.values()))


if __name__ == "__main__":
    unittest.main()
