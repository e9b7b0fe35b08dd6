"""Other people's DKIM and ARC, and ours through SignMail: keys, signatures, verdicts."""
import subprocess

import dkim

import localserve

SIGN_MAIL = localserve.BINARY.parent / "SignMail"
SEED_OCTETS = 32


class Key:
    """A key of one domain, made by SignMail: its file, its name, and the text of its record."""

    def __init__(self, folder, kind, domain, selector):
        self.kind, self.domain, self.selector = kind, domain, selector
        self.file = folder / f"{selector}.{domain}.pem"
        made = localserve.run([SIGN_MAIL, "key", kind, domain, selector, self.file])
        if made.returncode:
            raise AssertionError(made.stderr)
        self.name, _, self.text = made.stdout.strip().partition(" ")

    @property
    def algorithm(self):
        return b"ed25519-sha256" if self.kind == "ed25519" else b"rsa-sha256"

    @property
    def private(self):
        """As dkimpy wants it: PEM, or for Ed25519 the seed in Base64."""
        if self.kind == "rsa":
            return self.file.read_bytes()
        der = subprocess.run(
            ["openssl", "pkey", "-in", str(self.file), "-outform", "DER"], capture_output=True, check=True).stdout
        return dkim.base64.b64encode(der[-SEED_OCTETS:])


def sign_mail(octets, *arguments):
    """The message with our fields in front."""
    done = subprocess.run([SIGN_MAIL, *map(str, arguments)], input=octets, capture_output=True, timeout=60)
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    return done.stdout


def lookup(keys):
    """What dkimpy asks instead of the DNS."""
    zone = {key.name + ".": key.text.encode() for key in keys}
    return lambda name, timeout=0: zone.get(name.decode() if isinstance(name, bytes) else name)


def dkimpy_sign(octets, key, canonical):
    header, _, body = canonical.partition("/")
    field = dkim.sign(
        octets, key.selector.encode(), key.domain.encode(), key.private, signature_algorithm=key.algorithm,
        canonicalize=(header.encode(), body.encode()))
    return field + octets


def dkimpy_verify(octets, keys, index=0):
    try:
        return dkim.DKIM(octets).verify(idx=index, dnsfunc=lookup(keys))
    except dkim.DKIMException:
        return False


def _opendkim(folder, octets, settings):
    """Runs opendkim once on one message; it reads line ends as a Unix program does."""
    (folder / "message").write_bytes(octets.replace(b"\r\n", b"\n"))
    (folder / "settings").write_text("Syslog no\n" + settings)
    done = localserve.run(["opendkim", "-x", folder / "settings", "-t", folder / "message"])
    return done.stdout + done.stderr


def opendkim_sign(folder, octets, key, canonical):
    said = _opendkim(
        folder, octets,
        f"Mode s\nDomain {key.domain}\nSelector {key.selector}\nKeyFile {key.file}\nCanonicalization {canonical}\n"
        f"SignatureAlgorithm {key.algorithm.decode()}\nRequireSafeKeys no\nOversignHeaders From\n")
    field = "DKIM-Signature:" + said.partition("DKIM-Signature:")[2].rstrip("\n")
    return field.replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n" + octets


def opendkim_verify(folder, octets, keys):
    (folder / "keys").write_text("".join(f"{key.name} {key.text}\n" for key in keys))
    said = _opendkim(folder, octets, f"Mode v\nTestPublicKeys {folder / 'keys'}\n")
    return "succeeded" in said and "failed" not in said
