"""Certificates of a small authority, made with openssl."""
import hashlib
import ssl

from localserve import run


class Authority:
    """Its own certificate is `file`; what it issues lies beside it."""

    def __init__(self, folder, name="Test authority"):
        self.folder, self.name = folder, name
        self.file, self.key = folder / "authority.pem", folder / "authority.key"
        self.openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "30", "-subj", f"/CN={name}", "-keyout", self.key,
            "-out", self.file, "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")

    def issue(self, *names):
        """The files of a certificate (with its issuer) and of its key."""
        stem = self.folder / names[0]
        key, request, certificate = (stem.with_name(stem.name + end) for end in [".key", ".csr", ".pem"])
        extensions = stem.with_name(stem.name + ".ext")
        extensions.write_text("subjectAltName=" + ",".join(
            f"{'IP' if name[-1].isdigit() else 'DNS'}:{name}" for name in names))
        self.openssl(
            "req", "-new", "-newkey", "rsa:2048", "-noenc", "-subj", f"/CN={names[0]}", "-keyout", key, "-out", request)
        self.openssl(
            "x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-days", "20", "-set_serial", "2",
            "-extfile", extensions, "-out", certificate)
        certificate.write_text(certificate.read_text() + self.file.read_text())
        return certificate, key

    @staticmethod
    def fingerprint(certificate):
        """SHA-256 of its public key, as a TLSA record "3 1 1" holds it (RFC 6698 §2.1)."""
        public = run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"]).stdout
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(public.replace("PUBLIC KEY", "CERTIFICATE"))).hexdigest()

    @staticmethod
    def openssl(*arguments):
        done = run(["openssl", *arguments])
        if done.returncode:
            raise AssertionError(done.stderr)
