"""The program on a terminal of 200 columns."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from running import OCHE, PATIENCE


class Terminal:
    """A terminal as the program's stderr, or as all that it reads and writes (`whole`)."""

    def __init__(self, *arguments, whole=False):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        own = {"start_new_session": True,
               "preexec_fn": lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)} if whole else {}
        self.process = subprocess.Popen([OCHE, *arguments],
                                        stdin=slave if whole else subprocess.DEVNULL,
                                        stdout=slave if whole else subprocess.PIPE, stderr=slave,
                                        **own)
        os.close(slave)
        self.shown = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        os.close(self.master)

    def _read(self):
        try:
            data = os.read(self.master, 65536)
        except OSError:  # what Linux says at the end of a terminal
            data = b""
        self.shown += data.decode()
        return bool(data)

    def wait_for(self, pattern, after=0):
        """The first match of the pattern in what is shown from `after` on."""
        while not (found := re.compile(pattern).search(self.shown, after)):
            assert self._read(), self.shown
        return found

    def type(self, text):
        """Types; returns where in `shown` what follows begins."""
        at = len(self.shown)
        os.write(self.master, text.encode())
        return at

    def finish(self):
        """Waits for the end. Returns the exit code, and stdout where it isn't the terminal."""
        while self._read():
            pass
        out = self.process.stdout.read().decode() if self.process.stdout else ""
        return self.process.wait(PATIENCE), out
