"""A host under mixed load and faults for as long as one likes: its memory and descriptors must not grow, and
every job that ends must have the digest of an undisturbed run.

    OCHE=build/oche OCHE_HOST=build/asan/oche python3 tests/faults/soak.py --seconds 1800

OCHE_HOST is the program that is the host (with a sanitizer in it, say), OCHE the one that all others are.
Prints what was done and a sample every some seconds; exit code 0, or 1 with the reason.
"""

import argparse
import collections
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
# pylint: disable=wrong-import-position
import running  # noqa: E402
from frames import hello  # noqa: E402
from line import Line  # noqa: E402
from running import JOBS, OCHE, PATIENCE, Running, oche, parse_json, result  # noqa: E402
from strangers import connect, descriptors, first_flight, memory, until  # noqa: E402
from test_host import Host  # noqa: E402

# Samples of a job: a tenth of a second of one core, or less.
SAMPLES = {"pi": 100_000_000, "costly": 10_000_000, "stratified": 10_000_000, "distribution": 2_000_000,
           "data": 2_000_000}
LIMITS = 'lease = "2s"\nanswers = 20\nsessions = 200\n'
SAMPLE_EVERY = 5.0  # seconds
WARM_UP = 0.3  # of the time: what is kept is being filled
# Of the fitted line, after the warm-up. What is kept (20 answers, the lines of jobs that are over) varies by that.
MOST_GROWTH = 16 * 2**20


class Soak:
    def __init__(self, host, seed):
        self.host = host
        self.over = threading.Event()
        self.idle = threading.Event()  # nobody waits for a job any more, so workers may go
        self.failures = []
        self.done = collections.Counter()
        self.lock = threading.Lock()
        self.chances = random.Random(seed)
        self.names = 0
        self.hello = first_flight()
        self.digests = {}
        self.samples = []  # (seconds, bytes, descriptors)

    # ---- What goes on, each on a thread of its own until all is over ----

    def workers(self, chance):
        """One comes, works a while, and goes in one way or another."""
        name = self.name("w")
        way = chance.choice(["killed", "killed", "interrupted", "stopped", "cut", "drained"])
        with contextlib.ExitStack() as stack:
            place = self.host.place
            if way == "cut":
                line = stack.enter_context(Line(place, cut_at=chance.randrange(100, 20000)))
                place = line.address
            worker = stack.enter_context(Running("work", place, "--cores", "1", "--name", name, "--quiet"))
            self.idle.wait(chance.uniform(0.2, 6))
            if way == "killed":
                worker.signal(signal.SIGKILL)
            elif way == "interrupted":
                worker.signal(signal.SIGINT)
            elif way == "drained":
                oche("drain", self.host.place, name)  # it may not be there any more, or not yet
                worker.signal(signal.SIGTERM)
            elif way == "stopped":
                worker.signal(signal.SIGSTOP)
                self.idle.wait(chance.uniform(1, 9))
                worker.signal(signal.SIGCONT)
                self.idle.wait(1)
        self.count(f"worker {way}")

    def jobs(self, chance):
        """One is sent; its client waits, comes back for it, or takes it back."""
        job, seed = chance.choice(sorted(SAMPLES)), str(chance.randrange(1, 4))
        arguments = [*JOBS[job][0], "--seed", seed, "--samples", str(SAMPLES[job])]
        sent = [*arguments, "--at", self.host.place, "--priority", str(chance.randrange(-1, 2))]
        way = chance.choice(["waited for", "waited for", "fetched", "taken back", "left by its client"])
        if way == "waited for":
            ended = oche(*sent, "--json", "--quiet")
        elif way == "left by its client":
            with Running(*sent) as client:
                number = client.wait_for(r"^job (\d+) at ").group(1)
                client.signal(signal.SIGKILL)
            ended = oche("result", self.host.place, number, "--json")
        else:
            number = oche(*sent, "--detach").out.strip()
            assert number.isdigit(), number
            if way == "taken back":
                assert oche("cancel", self.host.place, number).code in (0, 2)  # 2: it was over
            ended = oche("result", self.host.place, number, "--json")
            if way == "taken back":
                return self.count("job taken back")
        assert ended.code == 0, ended
        answer = parse_json(ended.out)
        assert answer["digest"] == self.digest(job, seed, arguments), (job, seed)
        assert any(member["chunks"] > 0 for member in answer["crew"])
        return self.count(f"job {way}")

    def rings(self, chance):
        """Three talk; sometimes one of them dies in the middle of it."""
        ring, size = self.name("ring"), 3
        words = [bytes([65 + i]) * chance.randrange(1, 200_000) for i in range(size)]
        victim = chance.randrange(size) if chance.random() < 0.3 else None
        with tempfile.TemporaryDirectory() as folder:
            talkers = []
            for i in range(size):
                said = os.path.join(folder, str(i))
                with open(said, "wb") as file:
                    file.write(words[i])
                with open(said, "rb") as source, open(said + "heard", "wb") as sink, open(said + "why", "wb") as why:
                    # The victim's input never ends.
                    talkers.append(subprocess.Popen(
                        [OCHE, "talk", self.host.place, "--ring", ring, "--of", str(size), "--as", str(i + 1)],
                        stdin=subprocess.PIPE if i == victim else source, stdout=sink, stderr=why))
            if victim is not None:
                self.over.wait(0.3)
                talkers[victim].kill()
                talkers[victim].stdin.close()
                talkers[victim].wait()
                for talker in talkers:  # if it died before all were there, the others wait for another
                    try:
                        talker.wait(1)
                    except subprocess.TimeoutExpired:
                        talker.kill()
                        talker.wait()
                return self.count("ring broken")
            codes = [talker.wait(PATIENCE) for talker in talkers]
            reasons = ""
            for i in range(size):
                with open(os.path.join(folder, f"{i}why"), encoding="utf-8") as why:
                    reasons += why.read()
            assert codes == [0] * size, reasons
            for i in range(size):
                with open(os.path.join(folder, f"{i}heard"), "rb") as heard:
                    assert heard.read() == words[i - 1]
        return self.count("ring done")

    def messages(self, chance):
        name, text = self.name("m"), f"message {chance.random()}"
        with Running("receive", "--at", self.host.place, "--name", name) as receiver:
            receiver.wait_for("waiting at")
            if chance.random() < 0.2:
                return self.count("receiver killed")
            assert oche("send", self.host.place, "--to", name, text).code == 0
            receiver.ends_with(0)
            assert receiver.out == text + "\n"
        return self.count("message sent")

    def questions(self, chance):
        command = chance.choice(["jobs", "workers", "doctor"])
        assert oche(command, self.host.place).code == 0
        self.over.wait(0.2)
        self.count(f"asked for {command}")

    def garbage(self, chance):
        words = [b"GET / HTTP/1.1\r\n\r\n", self.hello, self.hello[:-1] + b"x", self.hello[:chance.randrange(300)],
                 hello(1), chance.randbytes(chance.randrange(2000)), self.hello + chance.randbytes(500), b""]
        with contextlib.suppress(OSError), connect(self.host) as peer:
            peer.sendall(chance.choice(words))
            if chance.random() < 0.5:
                peer.settimeout(0.2)
                peer.recv(65536)
        self.over.wait(0.05)
        self.count("garbage said")

    def silence(self, _):
        with contextlib.ExitStack() as stack:
            for _ in range(30):
                stack.enter_context(connect(self.host))
            self.over.wait(6)
        self.count("30 silent peers")

    # ---- All of it ----

    def name(self, stem):
        with self.lock:
            self.names += 1
            return f"{stem}{self.names}"

    def count(self, what):
        with self.lock:
            self.done[what] += 1

    def digest(self, job, seed, arguments):
        with self.lock:
            if (job, seed) not in self.digests:
                self.digests[job, seed] = result(*arguments, "--workers", "1")["digest"]
            return self.digests[job, seed]

    def keep_doing(self, action, seed, end):
        chance = random.Random(seed)
        try:
            while not end.is_set():
                action(chance)
        except BaseException as error:  # pylint: disable=broad-exception-caught
            self.failures.append(f"{action.__name__}: {error!r}")
            self.over.set()

    def run(self, seconds):
        process = self.host.process.pid
        actions = [self.jobs] * 2 + [self.rings, self.messages, self.questions, self.garbage, self.silence]

        def thread(action, end):
            return threading.Thread(target=self.keep_doing, args=(action, self.chances.random(), end))

        threads = [thread(action, self.over) for action in actions]
        workers = [thread(self.workers, self.idle) for _ in range(3)]
        begun = time.monotonic()
        for one in threads + workers:
            one.start()
        while not self.over.wait(SAMPLE_EVERY):
            now = time.monotonic() - begun
            if self.host.process.poll() is not None:
                self.failures.append("the host is gone")
                break
            self.samples.append((now, memory(process), descriptors(process)))
            print("%6.0f s  %7.1f MiB  %4d descriptors" % (now, self.samples[-1][1] / 2**20, self.samples[-1][2]),
                  flush=True)
            if now > seconds:
                break
        self.over.set()
        for one in threads:
            one.join()
        self.idle.set()
        for one in workers:
            one.join()

    def growth(self):
        """Of the line fitted to the memory after the warm-up, from its begin to its end, in bytes."""
        late = [(t, size) for t, size, _ in self.samples if t > WARM_UP * self.samples[-1][0]]
        if len(late) < 10:
            return 0.0
        mean_t = sum(t for t, _ in late) / len(late)
        mean_size = sum(size for _, size in late) / len(late)
        slope = (sum((t - mean_t) * (size - mean_size) for t, size in late) /
                 sum((t - mean_t) ** 2 for t, _ in late))
        return slope * (late[-1][0] - late[0][0])


def soak(seconds, seed=1):
    """Returns a list of what went wrong."""
    program = os.environ.get("OCHE_HOST", OCHE)
    os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=16")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OCHE_HOME"] = os.path.join(folder, "home")
        config = os.path.join(folder, "host.toml")
        with open(config, "w", encoding="ascii") as file:
            file.write(LIMITS)
        others, running.OCHE = running.OCHE, program
        try:
            host = Host("--config", config)
        finally:
            running.OCHE = others
        with host:
            # What is opened once, for the first that comes.
            assert oche("jobs", host.place).code == 0
            process = host.process.pid
            until(lambda: not [line for line in sockets(process) if line], "nobody is connected")
            base = descriptors(process)
            it = Soak(host, seed)
            it.run(seconds)
            failures = list(it.failures)
            if host.process.poll() is None:
                try:
                    until(lambda: descriptors(process) <= base, f"{base} descriptors, as at the start")
                except AssertionError as error:
                    failures.append(f"{error}: {descriptors(process)}")
                host.signal(signal.SIGTERM)
            code = host.finish()
            if code != 0 or "Sanitizer" in host.err:
                failures.append(f"the host ended with {code}: {host.err[-5000:]}")
            if failures:
                print(host.err[-20000:], file=sys.stderr)
            for what, number in sorted(it.done.items()):
                print(f"{number:8} {what}")
            growth = it.growth()
            print("memory grew by %.1f MiB after the warm-up; descriptors %d at the start, %d at most" %
                  (growth / 2**20, base, max((n for _, _, n in it.samples), default=0)))
            if growth > MOST_GROWTH:
                failures.append(f"the host's memory grows: {growth:.0f} bytes")
    return failures


def sockets(process_id):
    """The connections of that process that are there."""
    inodes = set()
    for descriptor in os.listdir(f"/proc/{process_id}/fd"):
        with contextlib.suppress(OSError):
            inodes.add(os.readlink(f"/proc/{process_id}/fd/{descriptor}"))
    with open(f"/proc/{process_id}/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return [row for row in rows if f"socket:[{row[9]}]" in inodes and row[3] == "01"]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=1800)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    failures = soak(chosen.seconds, chosen.seed)
    for failure in failures:
        print("FAILED:", failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
