"""Messages to send."""
import itertools
import random

_numbers = itertools.count(1)


def message(subject="Hello", body="One line.\n", sender="ann@example.org", recipient="user@example.test", fields=""):
    """Octets with CR LF, with all fields that a message must have."""
    text = (
        f"From: {sender}\nTo: {recipient}\nSubject: {subject}\n"
        f"Date: Mon, 02 Feb 2026 10:00:00 +0000\nMessage-ID: <{next(_numbers)}.{random.getrandbits(64):x}@example.org>\n"
        f"{fields}\n{body}")
    return text.replace("\n", "\r\n").encode("utf-8")


def difficult(subject="Difficult", recipient="user@example.test"):
    """What clients and servers stumble over: dots, 8 bits, long lines, blanks at line ends, no line end missing."""
    return message(
        subject, recipient=recipient,
        fields="MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
        body=".\n..\n.one dot\nFrom here on\n>From quoted\nGr\u00fc\u00dfe aus K\u00f6ln \u2014 \u65e5\u672c\u8a9e\n"
        "trailing blanks   \n\ttab\n" + "x" * 900 + "\n\n\nend\n")


def multipart(subject="Two parts", recipient="user@example.test"):
    return message(
        subject, recipient=recipient,
        fields='MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="cut"\n',
        body="preamble\n--cut\nContent-Type: text/plain; charset=us-ascii\n\nThe text.\n--cut\n"
        'Content-Type: application/octet-stream; name="data.bin"\nContent-Transfer-Encoding: base64\n'
        'Content-Disposition: attachment; filename="data.bin"\n\nAAECAwQFBgc=\n--cut--\n')


def eicar():
    """The test file of anti-virus programs, put together here so that no scanner finds it in this file."""
    halves = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"]
    return "".join(halves)


_HAM = "meeting agenda minutes project release review patch branch compiler budget invoice train lunch tuesday draft".split()
_SPAM = "casino jackpot winner lottery pills cheap discount millions prize urgent offer refinance viagra bonus click".split()
_BOTH = "the and you for with this that from have will please today more about your time here".split()


def prose(is_spam, seed):
    """Words of one kind among common ones; never the same text twice."""
    chance = random.Random(f"{is_spam}-{seed}")
    words = [chance.choice((_SPAM if is_spam else _HAM) if chance.random() < 0.6 else _BOTH) for _ in range(80)]
    lines = [" ".join(words[start:start + 10]) for start in range(0, 80, 10)]
    return message(" ".join(words[:4]), "\n".join(lines) + "\n", sender="someone@example.org")


def mbox(messages):
    """RFC 4155, with LF, as mbox files are."""
    return b"".join(
        b"From ann@example.org Mon Feb  2 10:00:00 2026\n" + octets.replace(b"\r\n", b"\n") + b"\n" for octets in messages)
