"""Rings of talkers as processes, with messages of any length from files and pipes."""

import hashlib
import os
import random
import re
import subprocess
import threading

from running import OCHE, PATIENCE, SLOWNESS, Running

MIB = 1 << 20
# What a host may use at most, whatever goes through it. (Sanitizers take more for themselves.)
HOST_MEMORY = 32 * MIB if SLOWNESS == 1 else 1 << 40


def make_file(path, size, seed):
    """A file of so many bytes in which no piece is like another; returns its SHA-256."""
    block = random.Random(seed).randbytes(min(size, MIB))
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for at in range(0, size, MIB):
            piece = (at.to_bytes(8, "little") + block)[:min(MIB, size - at)]
            file.write(piece)
            digest.update(piece)
    return digest.hexdigest()


def peak_memory(process):
    """The most bytes that a running process ever had in memory."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1)) * 1024


class Host(Running):
    """oche talk --listen (or receive --listen) at a port of the system's choice."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        try:
            self.place = self.wait_for(r"^listening on (127\.0\.0\.1:\d+)$").group(1)
        except BaseException:
            self.__exit__()
            raise

    @property
    def port(self):
        return int(self.place.rpartition(":")[2])


def ring(talkers, *options):
    return Host("talk", "--listen", "127.0.0.1:0", "--of", str(talkers), *options)


class Talker:
    """A talker whose stdin is a file or a pipe, whose stdout is a pipe or goes into a hash."""

    def __init__(self, place, *options, stdin=subprocess.PIPE, hashed=False, command="talk"):
        self.hasher = None
        if hashed:
            self.hasher = subprocess.Popen(["sha256sum"], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE)
        stdout = self.hasher.stdin if hashed else subprocess.PIPE
        self.process = subprocess.Popen([OCHE, command, place, *options], stdin=stdin, stdout=stdout,
                                        stderr=subprocess.PIPE)
        if hashed:
            self.hasher.stdin.close()
        self.err = ""
        self.reader = threading.Thread(target=self._read_errors)
        self.reader.start()

    def _read_errors(self):
        for line in self.process.stderr:
            self.err += line.decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass
        if self.hasher:
            self.hasher.wait()
            self.hasher.stdout.close()

    def say(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def ends_with(self, code):
        assert self.process.wait(PATIENCE) == code, self.err
        self.reader.join(PATIENCE)

    def out(self):
        """All of stdout, to its end, and success."""
        data = self.process.stdout.read()
        self.ends_with(0)
        return data

    def hash(self):
        """The SHA-256 of all of stdout, and success."""
        digest = self.hasher.stdout.read().split()[0].decode()
        self.ends_with(0)
        return digest

    def fails(self, code, *texts):
        self.ends_with(code)
        errors = [line for line in self.err.splitlines() if line.startswith("oche: ")]
        assert len(errors) == 1, self.err
        for text in texts:
            assert text in errors[0], errors[0]


def feed(talker, path):
    """Writes a file into a talker's stdin and leaves that open. Returns the thread."""

    def copy():
        with open(path, "rb") as file:
            while piece := file.read(MIB):
                talker.process.stdin.write(piece)
        talker.process.stdin.flush()

    thread = threading.Thread(target=copy)
    thread.start()
    return thread


def swap(folder, talkers, size, *options):
    """A ring in which each sends a message of that size; checks that each gets its neighbour's.

    The last one's stdin stays open until all else is done, so that the host is still there to be
    looked at. Returns the most memory that the host ever had, in bytes.
    """
    sent = [make_file(os.path.join(folder, str(i)), size, i) for i in range(talkers)]
    with ring(talkers, *options) as host:
        members = []
        try:
            for i in range(talkers):
                last = i == talkers - 1
                stdin = None if last else open(os.path.join(folder, str(i)), "rb")
                members.append(Talker(host.place, "--as", str(i + 1),
                                      stdin=subprocess.PIPE if last else stdin, hashed=i > 0))
                if stdin:
                    stdin.close()
            feeder = feed(members[-1], os.path.join(folder, str(talkers - 1)))
            got = hashlib.sha256()
            left = size
            while left > 0:
                piece = members[0].process.stdout.read(min(MIB, left))
                assert piece, members[0].err + host.err
                got.update(piece)
                left -= len(piece)
            for i in range(1, talkers - 1):
                assert members[i].hash() == sent[i - 1], i
            feeder.join(PATIENCE)
            peak = peak_memory(host.process)
            members[-1].end_input()
            assert got.hexdigest() == sent[-1]
            assert members[0].out() == b""
            if talkers > 1:
                assert members[-1].hash() == sent[-2]
            host.ends_with(0)
        finally:
            for member in members:
                member.__exit__()
    return peak
