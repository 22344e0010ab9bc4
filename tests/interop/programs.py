"""Starts oche and the chapter's Python programs, and waits for what they print."""

import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

OCHE = os.environ["OCHE"]
CHAPTER = Path(__file__).parent / "chapter"
# Only a program that hangs ever waits this long; no test's success depends on it.
PATIENCE = 120

PEER = re.compile(r"\('127\.0\.0\.1', \d+\)")


class Program:
    """A running program; `out` and `err` hold what it has printed so far."""

    def __init__(self, command, stdin=subprocess.PIPE):
        self.process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.text = {"out": b"", "err": b""}
        self.selector = selectors.DefaultSelector()
        for name, stream in (("out", self.process.stdout), ("err", self.process.stderr)):
            self.selector.register(stream, selectors.EVENT_READ, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        self.selector.close()

    @property
    def out(self):
        return self.text["out"].decode()

    @property
    def err(self):
        return self.text["err"].decode()

    def _read(self, deadline):
        """Takes what arrives next; False when both streams have ended."""
        if not self.selector.get_map():
            return False
        events = self.selector.select(max(0, deadline - time.monotonic()))
        assert events, f"nothing more came\nstdout: {self.out}\nstderr: {self.err}"
        for key, _ in events:
            chunk = os.read(key.fd, 65536)
            self.text[key.data] += chunk
            if not chunk:
                self.selector.unregister(key.fileobj)
        return True

    def wait_for(self, text, stream="out", times=1):
        """Returns once `text` was printed so many times, a whole line or not."""
        deadline = time.monotonic() + PATIENCE
        while self.text[stream].count(text.encode()) < times:
            assert self._read(deadline), (f"ended without {text!r}\nstdout: {self.out}\n"
                                          f"stderr: {self.err}")

    def type(self, line):
        self.process.stdin.write(line if isinstance(line, bytes) else (line + "\n").encode())
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def finish(self):
        """Waits for the end; returns the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(PATIENCE)

    def succeeds(self):
        code = self.finish()
        assert code == 0, f"exit {code}\nstdout: {self.out}\nstderr: {self.err}"
        return self.out

    def fails(self, code, *texts):
        """Waits for the end with that exit code and one line of error that has all the texts."""
        assert self.finish() == code, f"stdout: {self.out}\nstderr: {self.err}"
        errors = [line for line in self.err.splitlines() if line.startswith("oche: ")]
        assert len(errors) == 1, self.err
        assert errors[0] == self.err.splitlines()[-1]
        for text in texts:
            assert text in errors[0], errors[0]
        return errors[0]


def oche(*arguments, **options):
    return Program([OCHE, *arguments], **options)


def listening(*arguments):
    """An oche that listens on a port of the system's choice; returns it and the port."""
    program = oche(*arguments)
    program.wait_for("\n", "err")
    match = re.match(r"listening on (?:127\.0\.0\.1|\[::1\]):(\d+)\n", program.err)
    assert match, program.err
    return program, int(match.group(1))


def place(port):
    return f"127.0.0.1:{port}"


def free_port():
    """A port that was free just now, for the chapter's servers, which can't choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def chapter(name, port, allowed="127.0.0.1"):
    """One of the chapter's programs, on this computer and that port."""
    text = (CHAPTER / f"{name}.py").read_text()
    for old, new in (
            ("HOSTNAME = ''", "HOSTNAME = '127.0.0.1'"),
            ("SERVER = '131.193.178.183'", "SERVER = '127.0.0.1'"),
            ("'131.193.41.130'", f"'{allowed}'"),
            ("PORTNUMBER = 11267", f"PORTNUMBER = {port}"),
            ("PORTNUMBER = 41267", f"PORTNUMBER = {port}"),
    ):
        text = text.replace(old, new)
    return Program([sys.executable, "-u", "-c", text])


def connect(port):
    """A peer of our own, for what no program of ours would send."""
    peer = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    peer.settimeout(PATIENCE)
    return peer


def serve():
    """A server of our own; returns its socket and port."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(PATIENCE)
    return server, server.getsockname()[1]


def accept(server):
    peer, _ = server.accept()
    peer.settimeout(PATIENCE)
    return peer


def everything(peer):
    """What the peer sends until its end."""
    received = b""
    while chunk := peer.recv(65536):
        received += chunk
    return received


def same_peer(text):
    """With every client's port replaced by that of the chapter's first one."""
    return PEER.sub("('127.0.0.1', 49158)", text)
