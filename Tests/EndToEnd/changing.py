"""A mail client that changes its mailbox without rest, and knows at any moment what must be there."""
import imaplib
import random
import re
import time

FOLDERS = ["INBOX", "Archive"]
FLAGS = ["\\Seen", "\\Flagged", "\\Answered", "project"]
FAILURES = (OSError, EOFError, imaplib.IMAP4.error)


class Changes:
    """Stores flags, moves and expunges for one mailbox that nobody else changes.

    `state` is what was acknowledged: the number of a message → (folder, flags). Of one command alone the outcome may be
    unknown, when the server was killed in it: then each of its messages is as before or as after it.
    """

    def __init__(self, connect, messages, load):
        self.connect, self.load = connect, load
        self.state = {number: ("INBOX", frozenset()) for number in range(messages)}
        self.next = messages
        self.after = {}
        self.imap = None
        self.uids = {}
        self.done = self.unknown = 0
        self.problems = []

    def run(self, thread):
        chance = random.Random(thread)
        try:
            while not self.load.stopping.is_set():
                self.load.serving.wait()
                try:
                    if self.imap is None:
                        self.imap = self.connect()
                        self.compare()
                    self.step(chance)
                    self.state = self.after
                    self.done += 1
                except FAILURES:
                    self.unknown += self.after != self.state
                    self.imap = None
                    time.sleep(0.01)
        except Exception as error:  # Told to the test, not to the terminal.
            self.problems.append(f"{thread}: {error!r}")

    def step(self, chance):
        folder = chance.choice(FOLDERS)
        mine = sorted(number for number, (where, _) in self.state.items() if where == folder)
        some = chance.sample(mine, min(len(mine), chance.randrange(1, 6)))
        self.after = dict(self.state)
        if not some or len(self.state) < 20:
            return self.append(folder)
        self.check(self.imap.select(folder))
        uids = ",".join(str(self.uids[number]) for number in some)
        kind = chance.random()
        if kind < 0.5:
            flag = chance.choice(FLAGS)
            adds = chance.random() < 0.6
            for number in some:
                flags = self.state[number][1]
                self.after[number] = (folder, flags | {flag} if adds else flags - {flag})
            self.check(self.imap.uid("STORE", uids, "+FLAGS.SILENT" if adds else "-FLAGS.SILENT", f"({flag})"))
        elif kind < 0.85:
            other = FOLDERS[1 - FOLDERS.index(folder)]
            for number in some:
                self.after[number] = (other, self.state[number][1])
            self.check(self.imap.uid("MOVE", uids, other))
            self.learn(other)
        else:
            self.expunge(folder, some, uids)

    def append(self, folder):
        number, self.next = self.next, self.next + 1
        self.after[number] = (folder, frozenset())
        self.check(self.imap.append(folder, None, None, f"Subject: kept {number}\r\n\r\n{number}\r\n".encode()))
        self.learn(folder)

    def expunge(self, folder, some, uids):
        marked = {number: (folder, self.state[number][1] | {"\\Deleted"}) for number in some}
        self.after.update(marked)
        self.check(self.imap.uid("STORE", uids, "+FLAGS.SILENT", "(\\Deleted)"))
        self.state, self.after = self.after, {
            number: facts for number, facts in self.after.items() if number not in marked}
        self.check(self.imap.uid("EXPUNGE", uids))

    def check(self, answer):
        if answer[0] != "OK":
            raise AssertionError(answer)

    def learn(self, folder):
        self.uids.update({number: uid for number, (uid, _) in self.look(folder).items()})

    def look(self, folder):
        """Number → (UID, flags); a number that is there twice is an error."""
        self.check(self.imap.select(folder))
        found = {}
        answer = self.imap.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        self.check(answer)
        facts = ""
        for item in answer[1]:
            if not isinstance(item, tuple):
                continue
            facts, fields = item[0].decode(), item[1].decode()
            number = int(re.search(r"kept (\d+)", fields)[1])
            assert number not in found, f"{number} is in {folder} twice"
            flags = re.search(r"FLAGS \(([^)]*)\)", facts)[1].split()
            found[number] = (int(re.search(r"UID (\d+)", facts)[1]), frozenset(flags) - {"\\Recent"})
        return found

    def compare(self):
        """Takes what is there for what is so, if it may be so."""
        there = {}
        for folder in FOLDERS:
            for number, (uid, flags) in self.look(folder).items():
                assert number not in there, f"{number} is in both folders"
                there[number] = (folder, flags)
                self.uids[number] = uid
        for number in self.state.keys() | self.after.keys() | there.keys():
            allowed = [self.state.get(number), self.after.get(number)] if self.after else [self.state.get(number)]
            assert there.get(number) in allowed, f"{number} is {there.get(number)}, not one of {allowed}"
        self.state, self.after = there, {}
