"""Behind a proxy: who the client is, as the PROXY protocol says it, from proxies alone; by hand, by swaks and by HAProxy."""
import imaplib
import shutil
import smtplib
import socket
import ssl
import struct
import subprocess
import unittest

from localserve import PASSWORD, WAIT_SECONDS, ServerTestCase, run, transaction, wait_until
from samples import difficult, message
from served import Served, free_ports

# Loopback's addresses are many: one is the proxy's.
PROXY, NO_PROXY = "127.0.0.2", "127.0.0.3"
TRUSTED, STRANGER, TRUSTED_6 = "192.0.2.10", "198.51.100.7", "2001:db8::10"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def version_1(source, destination="192.0.2.1"):
    family = "TCP6" if ":" in source else "TCP4"
    return f"PROXY {family} {source} {destination} 40000 25\r\n".encode()


def version_2(source, destination="192.0.2.1", extra=b"", command=1):
    family, kind = (socket.AF_INET6, 0x21) if ":" in source else (socket.AF_INET, 0x11)
    rest = (socket.inet_pton(family, source) + socket.inet_pton(family, destination)
            + struct.pack("!HH", 40_000, 25) + extra)
    return SIGNATURE + bytes([0x20 | command, kind]) + struct.pack("!H", len(rest)) + rest


class Proxies(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Served({
            "proxy_networks": [f"{PROXY}/32"], "trusted_networks": ["192.0.2.0/24", "2001:db8::/32"],
            # What a trusted client may send away stays in the queue.
            "outbound": {"relay": "127.0.0.1:9"}}, mailboxes=12)
        cls.addClassCleanup(cls.server.remove)

    def connect(self, header, port="MX", source=PROXY):
        connection = socket.create_connection(
            (self.server.host, self.server.port(port)), timeout=WAIT_SECONDS, source_address=(source, 0))
        self.addCleanup(connection.close)
        connection.sendall(header)
        return connection

    @staticmethod
    def all_of(connection):
        said = b""
        while part := connection.recv(65_536):
            said += part
        return said

    def smtp(self, header, **options):
        connection = self.connect(header, **options)
        smtp = smtplib.SMTP()
        smtp.sock = connection
        self.assertEqual(smtp.getreply()[0], 220)
        smtp._host = "localhost"
        smtp.ehlo("client.example.org")
        return smtp

    def relays(self, header, **options):
        """May this client send away?"""
        smtp = self.smtp(header, **options)
        smtp.mail("ann@example.org")
        code = smtp.rcpt("bob@elsewhere.example")[0]
        smtp.quit()
        return {250: True, 550: False}[code]

    def test_the_client_is_who_the_header_says(self):
        for write in [version_1, version_2]:
            for source in [TRUSTED, STRANGER, TRUSTED_6, "2001:db9::1"]:
                with self.subTest(write.__name__, source=source):
                    destination = "2001:db8::1" if ":" in source else "192.0.2.1"
                    header = write(source, destination)
                    self.assertEqual(self.relays(header), source in [TRUSTED, TRUSTED_6])

    def test_the_trace_fields_name_the_client_and_not_the_proxy(self):
        for write in [version_1, version_2]:
            user, sent = self.server.user(), difficult()
            smtp = self.smtp(write(STRANGER))
            self.assertEqual(transaction(smtp, "ann@example.org", user, sent)[0], 250)
            stored = self.assertOneDelivered(user, sent)
            self.assertIn(f"([{STRANGER}])".encode(), stored)
            self.assertNotIn(PROXY.encode(), stored)

    def test_what_stands_behind_the_header_is_read(self):
        """In the same packet; behind TLVs (version 2, §2.2); and when TLS begins at once."""
        for header in [version_1(STRANGER), version_2(STRANGER)]:
            said = self.all_of(self.connect(header + b"a CAPABILITY\r\nb LOGOUT\r\n", port="IMAP"))
            self.assertIn(b"\r\na OK", said)
        user = self.server.user()
        extra = b"\x04\x00\x05extra"
        connection = self.connect(version_2(STRANGER, extra=extra), port="IMAPS")
        with self.server.tls.wrap_socket(connection, server_hostname="localhost") as tls:
            tls.sendall(f"a LOGIN {user} {PASSWORD}\r\nb LOGOUT\r\n".encode())
            said = self.all_of(tls)
        self.assertIn(b"a OK", said)
        self.assertIn(b"b OK", said)

    def test_the_proxys_own_connections_are_the_proxys(self):
        for header in [b"PROXY UNKNOWN\r\n", SIGNATURE + b"\x20\x00\0\0", version_2(TRUSTED, command=0)]:
            with self.subTest(header):
                self.assertFalse(self.relays(header))

    def test_a_proxy_that_says_no_header_is_not_served(self):
        for words in [b"EHLO client.example.org\r\n", b"PROXY TCP4 1.2.3 4.5.6.7 1 2\r\n",
                      SIGNATURE + b"\x31\x11\0\x0c" + bytes(12), b"PROXY " + b"x" * 200]:
            with self.subTest(words):
                self.assertEqual(self.connect(words).recv(100), b"")

    def test_who_is_no_proxy_cannot_claim_to_be_somebody(self):
        for header in [version_1(TRUSTED), version_2(TRUSTED)]:
            with self.subTest(header):
                connection = self.connect(header + b"MAIL FROM:<a@example.org>\r\n", source=NO_PROXY)
                said = b""
                while b"\n" not in said.partition(b"\n")[2] and (part := connection.recv(4096)):
                    said += part
                self.assertTrue(said.startswith(b"220 "), said)
                self.assertRegex(said.partition(b"\n")[2], rb"\A5\d\d ")

    def test_who_is_no_proxy_needs_no_header(self):
        self.assertFalse(self.relays(b"", source=NO_PROXY))

    def test_swaks(self):
        families = {"1": "TCP4", "2": "AF_INET"}
        for version, family in families.items():
            for source, code in [(TRUSTED, 0), (STRANGER, 24)]:
                with self.subTest(version, source=source):
                    done = run(
                        ["swaks", "--server", self.server.host, "--port", self.server.port("MX"), "--local-interface",
                         PROXY, "--proxy-version", version, "--proxy-family", family, "--proxy-source", source,
                         "--proxy-source-port", "40000", "--proxy-dest", "192.0.2.1", "--proxy-dest-port", "25",
                         "--from", "ann@example.org", "--to", "bob@elsewhere.example", "--quit-after", "RCPT",
                         "--timeout", "60"])
                    self.assertEqual(done.returncode, code, done.stdout + done.stderr)


@unittest.skipUnless(shutil.which("haproxy", path="/usr/sbin:/usr/bin"), "haproxy is not installed")
class HAProxy(ServerTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Served({"proxy_networks": [f"{PROXY}/32"]}, mailboxes=5)
        cls.addClassCleanup(cls.server.remove)
        ports = {"MX": "send-proxy", "SUBMISSION": "send-proxy-v2", "IMAPS": "send-proxy-v2"}
        cls.front = dict(zip(ports, free_ports(len(ports))))
        text = "defaults\n    mode tcp\n    timeout connect 10s\n    timeout client 60s\n    timeout server 60s\n"
        for name, how in ports.items():
            text += (f"listen {name}\n    bind 127.0.0.1:{cls.front[name]}\n"
                     f"    server postino 127.0.0.1:{cls.server.port(name)} {how} source {PROXY}\n")
        file = cls.server.folder / "haproxy.cfg"
        file.write_text(text)
        process = subprocess.Popen(
            [shutil.which("haproxy", path="/usr/sbin:/usr/bin"), "-db", "-f", file], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        cls.addClassCleanup(process.wait, 30)
        cls.addClassCleanup(process.terminate)

        def serves():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", cls.front["MX"])) == 0

        wait_until(serves, "HAProxy")

    def test_mail_goes_in_and_out_through_it(self):
        user, sent = self.server.user(), difficult()
        with smtplib.SMTP("127.0.0.1", self.front["MX"], timeout=WAIT_SECONDS, source_address=(NO_PROXY, 0)) as smtp:
            smtp.ehlo("client.example.org")
            smtp.starttls(context=ssl._create_unverified_context())
            smtp.sendmail("ann@example.org", [user], sent)
        self.assertIn(f"([{NO_PROXY}])".encode(), self.assertOneDelivered(user, sent))
        with smtplib.SMTP("localhost", self.front["SUBMISSION"], timeout=WAIT_SECONDS) as smtp:
            smtp.starttls(context=self.server.tls)
            smtp.login(user, PASSWORD)
            smtp.sendmail(user, [user], message("Submitted", sender=user))
        with imaplib.IMAP4_SSL(
                "localhost", self.front["IMAPS"], ssl_context=self.server.tls, timeout=WAIT_SECONDS) as imap:
            imap.login(user, PASSWORD)
            self.assertEqual(imap.select(), ("OK", [b"2"]))
            self.assertTrue(imap.fetch("1", "(BODY[])")[1][0][1].endswith(sent))


if __name__ == "__main__":
    unittest.main()
