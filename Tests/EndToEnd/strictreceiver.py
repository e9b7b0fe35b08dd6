"""A receiver as the large ones are: it refuses what they refuse. A process of its own.

Reads on standard input a line of JSON: the zone (name → TXT). Writes its address, then a line of JSON for each message:
{"taken": true/false, "why": …, "from": …, "to": […], "octets": Base64}.
"""
import base64
import email
import json
import re
import socketserver
import sys
import threading

import dkim

LINE_OCTETS_MAX = 998


def complaint(octets, path, zone):
    """What the first rule says that the message breaks; nothing when it is good."""
    header, found, _ = octets.partition(b"\r\n\r\n")
    if not found:
        return "550 5.6.0 No header"
    if re.search(rb"(?<!\r)\n|\r(?!\n)", octets):
        return "550 5.6.11 Bare CR or LF"
    if any(len(line) > LINE_OCTETS_MAX for line in octets.split(b"\r\n")):
        return "550 5.6.0 Line too long"
    message = email.message_from_bytes(octets)
    for name in ["From", "Date", "Message-ID"]:
        if len(message.get_all(name, [])) != 1:
            return f"550 5.7.1 {name} must stand once (RFC 5322 section 3.6)"
    for name in ["To", "Cc", "Subject", "Reply-To", "Sender"]:
        if len(message.get_all(name, [])) > 1:
            return f"550 5.7.1 {name} stands twice"
    domain = email.utils.parseaddr(message["From"])[1].rpartition("@")[2].lower()
    signatures = message.get_all("DKIM-Signature", [])
    if not signatures:
        return "550 5.7.26 Unauthenticated: no DKIM signature"
    aligned = 0
    for index, field in enumerate(signatures):
        def lookup(name, timeout=0):
            name = (name.decode() if isinstance(name, bytes) else name).rstrip(".")
            return zone.get(name, "").encode() or None
        try:
            good = dkim.DKIM(octets).verify(idx=index, dnsfunc=lookup)
        except dkim.DKIMException:
            good = False
        signer = re.search(r"\bd=([^;\s]+)", field)[1].lower()
        if not good:
            return "550 5.7.20 A DKIM signature does not verify"
        names = re.search(r"\bh=([^;]+)", field)[1].lower().replace(" ", "").replace("\r\n\t", "").split(":")
        if names.count("from") < 2:
            return "550 5.7.20 From is not oversigned"
        aligned += signer == domain
    if not aligned:
        return "550 5.7.26 No signature of the author's domain"
    if path and b"\r\nReturn-Path:" in b"\r\n" + header:
        return "550 5.6.0 Return-Path is ours to write"
    return None


def main():
    zone = json.loads(sys.stdin.readline())
    lock = threading.Lock()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text):
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self):
            self.say("220 strict.example ESMTP")
            greeted, path, recipients = False, None, []
            for line in self.rfile:
                if not line.endswith(b"\r\n") or len(line) > 2_048:
                    return self.say("500 5.5.2 Bad line")
                word = line.strip().decode("latin-1")
                verb = word[:4].upper()
                if verb == "EHLO":
                    greeted = re.fullmatch(r"EHLO [A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", word) is not None
                    self.say("250-strict.example\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250-8BITMIME\r\n"
                             "250 ENHANCEDSTATUSCODES" if greeted else "550 5.7.1 Say who you are")
                elif verb == "MAIL":
                    path, recipients = word.partition("<")[2].partition(">")[0], []
                    self.say("250 2.1.0 Ok" if greeted else "503 5.5.1 Say EHLO first")
                elif verb == "RCPT":
                    recipients.append(word.partition("<")[2].partition(">")[0])
                    self.say("250 2.1.5 Ok")
                elif verb == "DATA":
                    self.say("354 Go ahead")
                    octets = b""
                    for line in self.rfile:
                        if line == b".\r\n":
                            break
                        octets += line[1:] if line.startswith(b".") else line
                    why = complaint(octets, path, zone)
                    with lock:
                        print(json.dumps({
                            "taken": why is None, "why": why, "from": path, "to": recipients,
                            "octets": base64.b64encode(octets).decode()}), flush=True)
                    self.say(why or "250 2.0.0 Ok")
                elif verb == "QUIT":
                    return self.say("221 2.0.0 Bye")
                else:
                    self.say("250 2.0.0 Ok")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    print("127.0.0.1:%d" % server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
