"""A DNS of its own, signed from the root: NSD answers with the zone, Unbound validates it by the zone's own key."""
import shutil
import socket
import struct
import subprocess

from localserve import run, wait_until
from served import free_ports

PROGRAMS = ["nsd", "unbound", "ldns-keygen", "ldns-signzone"]


def has_programs():
    return all(shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") for name in PROGRAMS)


class SignedZone:
    """`records`: lines of a master file below the root. `spoiled`: text in the signed zone → what stands there instead,
    so that its signature is wrong. `anchor` is the file of the root's key; `address` the resolver, as HOST:PORT."""

    def __init__(self, folder, records, spoiled=None):
        self.folder = folder
        self.processes = []
        soa = "ns.root.example. hostmaster.root.example. 1 3600 600 86400 60"
        (folder / "root").write_text(
            f"$ORIGIN .\n$TTL 60\n. IN SOA {soa}\n. IN NS ns.root.example.\nns.root.example. IN A 127.0.0.1\n"
            + "\n".join(records) + "\n")
        made = run(["ldns-keygen", "-k", "-a", "ECDSAP256SHA256", "-r", "/dev/urandom", "."], cwd=folder)
        assert made.returncode == 0, made.stderr
        key = made.stdout.strip()
        self.anchor = folder / f"{key}.key"
        done = run(["ldns-signzone", "-o", ".", "-f", "root.signed", "root", key], cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        signed = (folder / "root.signed").read_text()
        for old, new in (spoiled or {}).items():
            assert signed.count(old) == 1, (old, signed.count(old))
            signed = signed.replace(old, new)
        (folder / "root.signed").write_text(signed)
        authority, resolver = free_ports(2)
        (folder / "nsd.conf").write_text(f"""\
server:
    ip-address: 127.0.0.1@{authority}
    username: ""
    zonesdir: "{folder}"
    database: ""
    pidfile: "{folder}/nsd.pid"
    xfrdfile: "{folder}/xfrd.state"
    zonelistfile: "{folder}/zone.list"
    server-count: 1
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "root.signed"
""")
        (folder / "unbound.conf").write_text(f"""\
server:
    interface: 127.0.0.1@{resolver}
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    do-ip6: no
    chroot: ""
    username: ""
    directory: "{folder}"
    pidfile: "{folder}/unbound.pid"
    use-syslog: no
    trust-anchor-file: "{self.anchor}"
    module-config: "validator iterator"
stub-zone:
    name: "."
    stub-addr: 127.0.0.1@{authority}
remote-control:
    control-enable: no
""")
        self.start("nsd", "-c", folder / "nsd.conf", "-d")
        self.start("unbound", "-c", folder / "unbound.conf", "-d")
        self.address = f"127.0.0.1:{resolver}"
        wait_until(lambda: self.answers(resolver), f"the resolver: {self.said()}", 30)

    def start(self, name, *arguments):
        program = shutil.which(name, path="/usr/sbin:/sbin")
        with open(self.folder / f"{name}.log", "wb") as log:
            self.processes.append(subprocess.Popen(
                [program, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True))

    def said(self):
        return "".join(file.read_text(errors="replace") for file in self.folder.glob("*.log"))

    @staticmethod
    def answers(port):
        """It says NOERROR and AD of the root's NS records."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.5)
            # RD and AD, one question: "." NS IN.
            asking.sendto(struct.pack("!HHHHHH", 7, 0x0120, 1, 0, 0, 0) + b"\0" + struct.pack("!HH", 2, 1),
                          ("127.0.0.1", port))
            try:
                flags = struct.unpack("!HH", asking.recv(4096)[:4])[1]
            except OSError:
                return False
        return flags & 0x002F == 0x0020

    def close(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=30)
