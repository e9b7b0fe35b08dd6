"""Debian's Postfix and Exim as other servers, in folders of their own; no service of the machine is touched.

Both want root. Postfix is an installed package; Exim, which no machine has beside it, is unpacked (deploy/test), and sees
lists of users of its own, since the user that it insists on is nobody's here.
"""
import grp
import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

from localserve import ROOT, run, wait_until

EXIM = Path(os.environ.get("EXIM", ROOT / ".build/exim/usr/sbin/exim4"))
EXIM_USER = 64_990
# The domain that they take mail for, and who is there.
DOMAIN = "elsewhere.example"
MAILBOX = f"bob@{DOMAIN}"


def has_postfix():
    return shutil.which("postfix") is not None and os.geteuid() == 0


def has_exim():
    return os.access(EXIM, os.X_OK) and os.geteuid() == 0 and run(["unshare", "-m", "true"]).returncode == 0


class Peer:
    """A server that puts mail for `bob` into a Maildir, refuses all others, and sends its own mail by `relay`."""

    log = None

    def __init__(self, folder, certificate=None):
        self.folder = Path(folder)
        self.folder.chmod(0o755)
        self.certificate = certificate
        self.mail = self.folder / "mail"

    def maildir(self):
        return [file for part in ["new", "cur"] for file in (self.mail / part).glob("*")]

    def taken(self, count=1):
        """What it took, as octets with CR LF, once there are so many."""
        files = wait_until(lambda: len(found := self.maildir()) >= count and found, f"mail in a Maildir:\n{self.said()}")
        return [file.read_bytes().replace(b"\n", b"\r\n") for file in files]

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Postfix(Peer):
    SERVICES = [
        "postlog unix-dgram n - n - 1 postlogd", "pickup unix n - n 1 1 pickup", "cleanup unix n - n - 0 cleanup",
        "qmgr unix n - n 1 1 qmgr", "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce",
        "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "smtp unix - - n - - smtp",
        "error unix - - n - - error", "retry unix - - n - - error", "scache unix - - n - 1 scache",
        "tlsmgr unix - - n 1000? 1 tlsmgr", "flush unix n - n 1000? 0 flush", "anvil unix - - n - 1 anvil",
        "proxymap unix - - n - - proxymap", "showq unix n - n - - showq", "virtual unix - n n - - virtual"]

    def __init__(self, folder, address=None, relay=None, certificate=None):
        super().__init__(folder, certificate)
        self.log = self.folder / "log"
        self.etc, spool, data = (self.folder / name for name in ["etc", "spool", "data"])
        for made in [self.etc, spool, data, self.mail]:
            made.mkdir()
        owner, nobody = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
        os.chown(data, owner.pw_uid, owner.pw_gid)
        os.chown(self.mail, nobody.pw_uid, nobody.pw_gid)
        settings = {
            "compatibility_level": "3.6", "queue_directory": spool, "data_directory": data,
            "multi_instance_name": "postfix-postino-test", "multi_instance_enable": "yes", "maillog_file": self.log,
            "alias_maps": "", "alias_database": "",
            "maillog_file_prefixes": self.folder, "myhostname": "postfix.example.org", "mydestination": "",
            "inet_interfaces": "all", "smtp_tls_security_level": "may", "smtputf8_enable": "yes",
            "smtp_tls_loglevel": "1",
            "virtual_mailbox_domains": DOMAIN, "virtual_mailbox_base": self.folder,
            "virtual_mailbox_maps": f"inline:{{{MAILBOX}=mail/}}", "virtual_minimum_uid": "1",
            "virtual_uid_maps": f"static:{nobody.pw_uid}", "virtual_gid_maps": f"static:{nobody.pw_gid}",
            "smtpd_relay_restrictions": "reject_unauth_destination"}
        if relay:
            settings["relayhost"] = "[%s]:%d" % relay
        if certificate:
            settings |= {"smtpd_tls_security_level": "may", "smtpd_tls_cert_file": certificate[0],
                         "smtpd_tls_key_file": certificate[1], "smtpd_tls_received_header": "yes"}
        services = list(self.SERVICES)
        if address:
            services.append("%s:%d inet n - n - - smtpd" % address)
        (self.etc / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        (self.etc / "master.cf").write_text("\n".join(services) + "\n")
        done = run(["postfix", "-c", self.etc, "start"])
        assert done.returncode == 0, done.stdout + done.stderr + self.said()

    def stop(self):
        run(["postfix", "-c", self.etc, "stop"])

    def send(self, octets, sender, *arguments):
        """Options and recipients as its sendmail takes them."""
        done = subprocess.run(
            ["sendmail", "-C", str(self.etc), "-i", "-f", sender, *arguments], input=octets.replace(b"\r\n", b"\n"),
            capture_output=True, timeout=60, env={**os.environ, "MAIL_CONFIG": str(self.etc)})
        assert done.returncode == 0, done.stderr


class Exim(Peer):
    def __init__(self, folder, listening=None, relay=None, certificate=None):
        super().__init__(folder, certificate)
        self.spool = self.folder / "spool"
        self.log = self.spool / "log-main"
        for made in [self.spool, self.mail]:
            made.mkdir()
            os.chown(made, EXIM_USER, EXIM_USER)
        users = "".join(":".join(map(str, entry)) + "\n" for entry in pwd.getpwall() if entry.pw_name != "Debian-exim")
        groups = "".join(
            f"{entry.gr_name}:x:{entry.gr_gid}:\n" for entry in grp.getgrall() if entry.gr_name != "Debian-exim")
        (self.folder / "passwd").write_text(users + f"Debian-exim:x:{EXIM_USER}:{EXIM_USER}::/nonexistent:/bin/false\n")
        (self.folder / "group").write_text(groups + f"Debian-exim:x:{EXIM_USER}:\n")
        tls = ""
        if certificate:
            # It reads its key as the user that it is.
            for name, file in zip(["certificate", "key"], certificate):
                copy = self.folder / name
                copy.write_bytes(Path(file).read_bytes())
                os.chown(copy, EXIM_USER, EXIM_USER)
                copy.chmod(0o600)
            tls = f"tls_certificate = {self.folder}/certificate\ntls_privatekey = {self.folder}/key\n"
        host, port = relay or ("127.0.0.1", 9)
        self.settings = self.folder / "exim.conf"
        self.settings.write_text(f"""\
spool_directory = {self.spool}
log_file_path = {self.spool}/log-%s
log_selector = +pipelining +smtp_confirmation
primary_hostname = exim.example.org
exim_path = {EXIM}
domainlist ours = {DOMAIN}
keep_environment =
deliver_drop_privilege = true
{tls}tls_advertise_hosts = {"*" if tls else ""}
tls_on_connect_ports =
acl_smtp_rcpt = recipients
acl_smtp_data = accept
local_from_check = false

begin acl
recipients:
  accept hosts = :
  deny message = relay not permitted
    !domains = +ours
  deny message = No such person here
    !local_parts = bob
  accept

begin routers
here:
  driver = accept
  domains = +ours
  transport = maildir
away:
  driver = manualroute
  route_list = * {host}
  self = send
  transport = smtp

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = {self.mail}
  envelope_to_add
  return_path_add
smtp:
  driver = smtp
  port = {port}
  allow_localhost
  hosts_try_chunking = *
  tls_tempfail_tryclear = false

begin retry
* * F,1h,1m
""")
        self.process = None
        if listening:
            # Port 25 is root's, and Exim gives that up for a configuration that is not the machine's.
            self.process = subprocess.Popen(
                self.command("-bw60m"), stdin=listening, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                start_new_session=True)
            wait_until(lambda: "daemon started" in self.said() or self.process.poll() is not None, "Exim")
            assert self.process.poll() is None, self.process.stderr.read().decode()

    def command(self, *arguments):
        """Exim with its own users, in a name space of its own."""
        mounts = " && ".join(f"mount --bind {self.folder}/{name} /etc/{name}" for name in ["passwd", "group"])
        return ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$0" "$@"', str(EXIM), "-C", str(self.settings),
                *arguments]

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process.stderr.close()

    def send(self, octets, sender, *recipients):
        done = subprocess.run(
            self.command("-i", "-odf", "-f", sender, *recipients), input=octets.replace(b"\r\n", b"\n"),
            capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode() + self.said()


def listens(host, port):
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0
