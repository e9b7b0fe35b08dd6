"""Thunderbird on a screen that nobody sees, spoken to by its remote protocol (Marionette): its own code does the work."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from localserve import wait_until
from served import free_ports

START_SECONDS = 120


def has_programs():
    return all(shutil.which(name) for name in ["thunderbird", "Xvfb"])


class ScriptError(Exception):
    """What a script in Thunderbird threw."""


class Thunderbird:
    """`settings`: preferences by name, beside those that keep it quiet and off the network."""

    QUIET = {
        "app.update.enabled": False, "app.donation.eoy.version.viewed": 999, "browser.shell.checkDefaultClient": False,
        "datareporting.policy.dataSubmissionEnabled": False, "extensions.update.enabled": False,
        "mail.shell.checkDefaultClient": False, "mail.spotlight.firstRunDone": True, "mail.rights.version": 1,
        "mailnews.start_page.enabled": False, "mailnews.start_page_override.mstone": "ignore",
        "mail.provider.suppress_dialog_on_startup": True, "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False, "toolkit.telemetry.enabled": False,
        "network.dns.disableIPv6": True, "services.settings.server": "http://127.0.0.1:9/",
        "mail.winsearch.firstRunDone": True, "calendar.timezone.local": "UTC", "mail.cloud_files.enabled": False,
        # What it shows is what the server says, not a copy of its own.
        "mail.server.default.offline_download": False, "mail.server.default.autosync_offline_stores": False,
        "mail.biff.show_alert": False, "mail.biff.play_sound": False, "mail.inappnotifications.enabled": False}

    def __init__(self, settings=None):
        self.folder = Path(tempfile.mkdtemp(prefix="postino-e2e-thunderbird-"))
        self.processes = []
        self.number = 0
        self.connection = None
        try:
            profile = self.folder / "profile"
            profile.mkdir()
            [port] = free_ports(1)
            preferences = {**self.QUIET, "marionette.port": port, **(settings or {})}
            (profile / "user.js").write_text("".join(
                f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()))
            display = self.display()
            self.start(
                ["thunderbird", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", profile],
                {"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "DISPLAY": display, "LC_ALL": "C.UTF-8",
                 "MOZ_DISABLE_CONTENT_SANDBOX": "1", "MOZ_CRASHREPORTER_DISABLE": "1", "NO_AT_BRIDGE": "1",
                 "LIBGL_ALWAYS_SOFTWARE": "1"})
            self.connection = wait_until(lambda: self.connect(port), "Thunderbird's port", START_SECONDS)
            self.reader = self.connection.makefile("rb")
            self.read()  # Its greeting.
            self.command("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {
                "acceptInsecureCerts": False, "unhandledPromptBehavior": "ignore"}}})
            self.command("Marionette:SetContext", {"value": "chrome"})
            self.command("WebDriver:SetTimeouts", {"script": 120_000})
        except BaseException:
            self.close()
            raise

    def start(self, arguments, environment, **options):
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(
                [str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=options.pop("stdout", log),
                stderr=log, env=environment, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def display(self):
        """A screen; the X server itself says which number was free."""
        ours, theirs = os.pipe()
        try:
            self.start(
                ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
                {"PATH": "/usr/bin:/bin", "HOME": str(self.folder)}, pass_fds=[theirs])
            os.close(theirs)
            theirs = None
            number = b""
            while not number.endswith(b"\n") and (part := os.read(ours, 16)):
                number += part
        finally:
            os.close(ours)
            if theirs is not None:
                os.close(theirs)
        assert number, self.said()
        return f":{number.strip().decode()}"

    def connect(self, port):
        assert self.processes[-1].poll() is None, self.said()
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=180)
        except OSError:
            return None
        return connection

    def said(self):
        return (self.folder / "log").read_text(errors="replace")[-4_000:]

    def close(self):
        if self.connection:
            self.connection.close()
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    # The protocol: a length, a colon, JSON.

    def read(self):
        length = b""
        while not length.endswith(b":"):
            octet = self.reader.read(1)
            assert octet, f"Thunderbird closed: {self.said()}"
            length += octet
        return json.loads(self.reader.read(int(length[:-1])))

    def command(self, name, arguments):
        self.number += 1
        octets = json.dumps([0, self.number, name, arguments]).encode()
        self.connection.sendall(b"%d:%s" % (len(octets), octets))
        while True:
            _, number, error, result = self.read()
            if number == self.number:
                break
        if error:
            raise ScriptError(f"{error['error']}: {error['message']}\n{error.get('stacktrace', '')}")
        return result

    def run(self, script, *arguments):
        """The body of an asynchronous function that sees `args`; what it returns."""
        wrapped = (
            "const [args, done] = [arguments[0], arguments[arguments.length - 1]];"
            "const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');"
            f"(async () => {{ {script} }})().then(value => done({{ value }}), error => done({{ error: String(error) "
            "+ '\\n' + (error && error.stack || '') }));")
        result = self.command("WebDriver:ExecuteAsyncScript", {"script": wrapped, "args": [list(arguments)]})["value"]
        if result is None:
            # A dialogue stands open, and nobody is there to close it.
            said = self.command("WebDriver:GetAlertText", {})
            raise ScriptError(f"Thunderbird asks: {said['value']}")
        if "error" in result:
            raise ScriptError(result["error"])
        return result.get("value")
