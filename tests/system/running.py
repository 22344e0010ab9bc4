"""Runs the real program: managers, workers and single commands.

Nothing here waits for a time: a test waits for what a program prints, and threads read it all
along, so that no program ever waits for a reader. PATIENCE only bounds how long a broken program may
hang.
"""

import json
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

from host_lines import plainly, record_of

OCHE = os.environ["OCHE"]
PATIENCE = 120
# How many times fewer samples do where the program is built with sanitizers, and that much slower.
SLOWNESS = int(os.environ.get("OCHE_SLOWNESS", "1"))

POINTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "points.csv")

# Jobs of the identity and fault tests: arguments, and samples that take one core about a second.
JOBS = {
    "pi": (["pi"], 1_500_000_000 // SLOWNESS),
    "costly": (["estimate", "exp(-x^2)*sin(3*y)/(1+z^2)+log(1+x*y*z)", "x=0..1", "y=0..2",
                "z=0..1"], 150_000_000 // SLOWNESS),
    "stratified": (["estimate", "exp(-x*y)*cos(z)", "x=0..1", "y=0..1", "z=0..2", "--method",
                    "stratified"], 100_000_000 // SLOWNESS),
    "distribution": (["estimate", "a*exp(-b*t)+c; a*b>5; tan(a-c)", "a~normal(5,0.1)", "b~uniform(1,2)",
                      "t=3", "c~gamma(2,0.1)", "corr(a,b)=0.4"], 30_000_000 // SLOWNESS),
    "data": (["estimate", "x*exp(-y*t); sum(j=1..3, z[j])", f"x~data('{POINTS}')", f"y~data('{POINTS}', 3)",
              "t~normal(3,0.5)", f"z[1..3]~data('{POINTS}', \"the z\")"], 30_000_000 // SLOWNESS),
}


class Running:
    """A program whose lines of stdout and stderr are read as they come; those of a host's log as sentences."""

    def __init__(self, *arguments, stdin=subprocess.DEVNULL, **options):
        self.process = subprocess.Popen([OCHE, *arguments], stdin=stdin,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.lines = {"out": [], "err": []}
        self.raw = []  # of stderr, as they came
        self.changed = threading.Condition()
        self.found_at = 0  # where in stderr wait_for() found its line
        self.readers = {name: threading.Thread(target=self._read, args=(name, stream))
                        for name, stream in (("out", self.process.stdout),
                                             ("err", self.process.stderr))}
        for reader in self.readers.values():
            reader.start()

    def _read(self, name, stream):
        for line in stream:
            text = line.decode(errors="replace")
            with self.changed:
                if name == "err":
                    self.raw.append(text)
                    text = plainly(text)
                self.lines[name].append(text)
                self.changed.notify_all()
        with self.changed:
            self.lines[name].append(None)  # the end
            self.changed.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for reader in self.readers.values():
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()

    def text(self, name):
        with self.changed:
            return "".join(line for line in self.lines[name] if line is not None)

    @property
    def out(self):
        return self.text("out")

    @property
    def err(self):
        return self.text("err")

    def mark(self):
        """The place in stderr up to here, for wait_for(after=...)."""
        with self.changed:
            return len(self.lines["err"])

    def wait_for(self, pattern, after=0, times=1):
        """The match of the n-th line of stderr, at or after a mark, that has the pattern."""
        deadline = time.monotonic() + PATIENCE
        at = after
        with self.changed:
            while True:
                lines = self.lines["err"]
                for at in range(at, len(lines)):
                    assert lines[at] is not None, f"ended without /{pattern}/\n{self.all()}"
                    if found := re.search(pattern, lines[at]):
                        times -= 1
                        if times == 0:
                            self.found_at = at
                            return found
                at = len(lines)
                arrived = self.changed.wait_for(lambda: len(self.lines["err"]) > at,
                                                max(0, deadline - time.monotonic()))
                assert arrived, f"still no /{pattern}/\n{self.all()}"

    def all(self):
        return f"stdout: {self.out}\nstderr: {self.err[-5000:]}"

    def signal(self, number):
        self.process.send_signal(number)

    def records(self):
        """Of a host's log."""
        with self.changed:
            return [record_of(line) for line in self.raw]

    def interrupt(self):
        self.signal(signal.SIGINT)

    def finish(self):
        """Waits for the end; returns the exit code."""
        code = self.process.wait(PATIENCE)
        for reader in self.readers.values():
            reader.join(PATIENCE)
        return code

    def ends_with(self, code):
        assert self.finish() == code, self.all()

    def fails(self, code, *texts):
        """Waits for the end with that exit code and one line of error that has all the texts."""
        self.ends_with(code)
        errors = [line for line in self.err.splitlines() if line.startswith("oche: ")]
        assert len(errors) == 1, self.all()
        check_message(errors[0], *texts)

    def json(self, code=0):
        self.ends_with(code)
        return parse_json(self.out)


def check_message(message, *texts):
    assert "unexpected" not in message.lower(), message
    for text in texts:
        assert text in message, message


def parse_json(text):
    """The one object that text is, with the strictness of the standard: no NaN, no Infinity."""
    assert text.count("\n") == 1 and text.endswith("\n"), text

    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


@dataclass
class Ended:
    code: int
    out: str
    err: str = field(repr=True)


def oche(*arguments, **options):
    """Runs one command to its end."""
    ended = subprocess.run([OCHE, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=PATIENCE, check=False, **options)
    return Ended(ended.returncode, ended.stdout.decode(errors="replace"),
                 ended.stderr.decode(errors="replace"))


def result(*arguments, code=0):
    """Runs a job and returns its JSON."""
    ended = oche(*arguments, "--json")
    assert ended.code == code, ended
    assert ended.err == "", ended
    return parse_json(ended.out)


class Manager(Running):
    """A manager at a port of the system's choice, which tells each event of its crew."""

    def __init__(self, *arguments, listen="127.0.0.1:0"):
        super().__init__(*arguments, "--listen", listen, "--json", "--verbose")
        try:
            self.place = self.wait_for(r"^listening on (127\.0\.0\.1:\d+)$").group(1)
        except BaseException:
            self.__exit__()
            raise

    @property
    def port(self):
        return int(self.place.rpartition(":")[2])

    def wait_accepted(self, worker, after=0):
        """The range of the chunks of a result of that worker."""
        found = self.wait_for(rf"^worker {worker}: chunks (\d+\.\.\d+) accepted$", after)
        return found.group(1)


def worker(place, name, *options):
    return Running("work", place, "--cores", "1", "--name", name, *options)


def crew_of(result):
    """Chunks accepted from each member of the crew."""
    return {member["name"]: member["chunks"] for member in result["crew"]}


def check_contributed(result, *names):
    """Those names and no others make the crew, and each had a chunk accepted."""
    crew = crew_of(result)
    assert sorted(crew) == sorted(names), result["crew"]
    assert all(chunks > 0 for chunks in crew.values()), result["crew"]


class Undisturbed:
    """Digests of undisturbed runs, each computed once: digest(job, samples)."""

    def __init__(self):
        self.known = {}

    def digest(self, job, samples):
        key = (job, samples)
        if key not in self.known:
            run = result(*JOBS[job][0], "--samples", str(samples), "--workers", "2")
            assert run["samples"] == samples
            self.known[key] = run["digest"]
        return self.known[key]
