"""Programs that want a terminal."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time


def run_in_terminal(arguments, env, timeout):
    """Runs a program on a terminal of its own that nobody types at. Returns its exit code and what it drew."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    drawn = b""
    process = subprocess.Popen(
        [str(argument) for argument in arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=env,
        start_new_session=True)
    os.close(theirs)
    try:
        end = time.monotonic() + timeout
        while True:
            readable, _, _ = select.select([ours], [], [], 0.2)
            if readable:
                try:
                    octets = os.read(ours, 65_536)
                except OSError:  # The program has closed its side.
                    octets = b""
                if not octets:
                    break
                drawn += octets
            elif process.poll() is not None:
                break
            if time.monotonic() > end:
                raise AssertionError(f"not done within {timeout} s: {drawn[:3_000]!r}")
        return process.wait(timeout=10), drawn
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)
