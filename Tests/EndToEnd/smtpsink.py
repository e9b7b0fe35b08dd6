"""Another server: takes mail on loopback and refuses what it is told to."""
import socketserver
import ssl
import threading


class SMTPSink:
    """`rcpt` and `data`: address → replies, taken one by one; the last one stays. All others get 250.

    `listening`: a socket to serve on, else one of its own; `certificate`: its file and its key's, for STARTTLS.
    """

    def __init__(self, rcpt=None, data=None, listening=None, certificate=None):
        self.rcpt = {address: list(replies) for address, replies in (rcpt or {}).items()}
        self.data = {address: list(replies) for address, replies in (data or {}).items()}
        # (reverse-path, recipients, octets)
        self.messages = []
        # Of each message: did it come under TLS?
        self.encrypted = []
        self.tls = None
        if certificate:
            self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.tls.load_cert_chain(*certificate)
        self.attempts = 0
        self.lock = threading.Lock()
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                sink.serve(self.rfile, self.wfile, self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Handler, bind_and_activate=listening is None)
        if listening:
            self.server.socket.close()
            self.server.socket, self.server.server_address = listening, listening.getsockname()
        self.host = self.server.server_address[0]
        self.address = "%s:%d" % self.server.server_address
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def reply(self, replies, address):
        with self.lock:
            waiting = replies.get(address)
            if not waiting:
                return "250 2.0.0 Ok"
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def serve(self, reader, writer, connection, encrypted=False):
        def say(text):
            writer.write(text.encode() + b"\r\n")

        if not encrypted:
            say("220 sink.example ESMTP")
        path, recipients = None, []
        for line in reader:
            word = line.strip().decode("latin-1")
            verb = word[:4].upper()
            if verb == "EHLO":
                offered = "250-STARTTLS\r\n" if self.tls and not encrypted else ""
                say(f"250-sink.example\r\n250-PIPELINING\r\n{offered}250-8BITMIME\r\n250 ENHANCEDSTATUSCODES")
            elif verb == "STAR" and self.tls and not encrypted:
                say("220 2.0.0 Go ahead")
                try:
                    with self.tls.wrap_socket(connection, server_side=True) as tls:
                        return self.serve(tls.makefile("rb"), tls.makefile("wb", buffering=0), tls, encrypted=True)
                except OSError:  # The client liked the certificate not.
                    return
            elif verb == "MAIL":
                path, recipients = word.partition("<")[2].partition(">")[0], []
                with self.lock:
                    self.attempts += 1
                say("250 2.1.0 Ok")
            elif verb == "RCPT":
                address = word.partition("<")[2].partition(">")[0]
                reply = self.reply(self.rcpt, address)
                if reply.startswith("250"):
                    recipients.append(address)
                say(reply)
            elif verb == "DATA":
                if not recipients:
                    say("554 5.5.1 No valid recipients")
                    continue
                say("354 Go ahead")
                octets = b""
                for line in reader:
                    if line == b".\r\n":
                        break
                    octets += line[1:] if line.startswith(b".") else line
                reply = self.reply(self.data, recipients[0])
                if reply.startswith("250"):
                    with self.lock:
                        self.messages.append((path, recipients, octets))
                        self.encrypted.append(encrypted)
                say(reply)
            elif verb == "QUIT":
                say("221 2.0.0 Bye")
                return
            else:
                say("250 2.0.0 Ok")
