"""A DNS server that knows a few names: for SPF and the like, on a UDP port of loopback (RFC 1035)."""
import socket
import struct
import threading

TYPES = {"A": 1, "NS": 2, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}


def encoded(name):
    labels = [label for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def rdata(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "MX":
        preference, name = value.split()
        return struct.pack("!H", int(preference)) + encoded(name)
    if kind == "TXT":
        octets = value.encode()
        pieces = [octets[start:start + 255] for start in range(0, len(octets), 255)] or [b""]
        return b"".join(bytes([len(piece)]) + piece for piece in pieces)
    return encoded(value)


class DNSServer:
    """`zone`: name → {type: [values]}. Names that are not in it do not exist; `failing` ones get SERVFAIL."""

    def __init__(self, zone, failing=()):
        self.zone = {name.lower().rstrip("."): records for name, records in zone.items()}
        self.failing = {name.lower() for name in failing}
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self):
        self.socket.close()

    def serve(self):
        while True:
            try:
                query, client = self.socket.recvfrom(4096)
            except OSError:
                return
            if len(query) < 17:
                continue
            try:
                self.socket.sendto(self.answer(query), client)
            except OSError:
                return

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        name = ".".join(labels).lower()
        kind = struct.unpack("!H", query[at + 1:at + 3])[0]
        question = query[12:at + 5]
        self.asked.append((name, kind))
        records = []
        code = 0
        if name in self.failing:
            code = 2
        elif name in self.zone:
            for type_name, values in self.zone[name].items():
                if TYPES[type_name] == kind:
                    records += [rdata(type_name, value) for value in values]
        elif not any(known.endswith("." + name) or not name for known in self.zone):
            code = 3
        # QR, AA, RD as asked, RA.
        flags = 0x8480 | (query[2] & 1) << 8 | code
        answers = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data for data in records)
        return query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question + answers
