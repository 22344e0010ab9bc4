"""Load on `oche host`: simulated workers (exchange_load.cc) that speak the real protocol with keys, and
the programs of exchange_peers.py beside it. Measures, and writes its section of the report."""

import contextlib
import json
import os
import re
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field

import contest
import exchange_peers
import machine

TITLE = "## A host under load"
# exchange_load's: of every chunk the same tally, which neither the host nor `oche` knows.
JOB = ["if(x<2,1,0)", "x=0..1", "--method", "plain"]
CONFIG = "sessions = 6000\n"
# What a worker says of each chunk: so long that a lease is never of more than one, or what one takes.
ONE_CHUNK, TRUE_CHUNK = 0.1, 2e-5


@dataclass
class Effort:
    """How much of it."""

    quick: bool
    stay: float = 0  # seconds that workers stay; 0: a few

    @property
    def seconds(self):
        """Of a measurement."""
        return 0.3 if self.quick else 5

    @property
    def workers(self):
        """That join."""
        return 40 if self.quick else 1000

    @property
    def idle(self):
        """Sessions with nothing to do."""
        return 100 if self.quick else 5000

    @property
    def turns(self):
        """Of what is compared."""
        return 1 if self.quick else 5


class Host:
    """A host on a free port of loopback, and what it uses."""

    def __init__(self, oche, options=()):
        self.oche = oche
        self.options = list(options)
        self.home = tempfile.TemporaryDirectory()
        config = os.path.join(self.home.name, "host.toml")
        with open(config, "w", encoding="ascii") as out:
            out.write(CONFIG)
        self.environment = {**os.environ, "OCHE_HOME": self.home.name}
        self.process = subprocess.Popen([oche, "host", "--listen", "127.0.0.1:0", "--quiet", "--config", config,
                                         *self.options], stderr=subprocess.PIPE, text=True, env=self.environment)
        first = self.process.stderr.readline()
        found = re.search(r"listening address=(\S+)", first)
        if not found:
            self.process.kill()
            raise SystemExit(f"the host doesn't say where it listens: {first}")
        self.endpoint = found[1]
        self.reader = threading.Thread(target=self.process.stderr.read)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()
        self.home.cleanup()

    def memory(self):
        """Resident, in bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as lines:
            return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    def ask(self, command, *arguments):
        """What a command that dials it prints; again, if the machine is too busy for a handshake in time."""
        for _ in range(20):
            done = subprocess.run([self.oche, command, self.endpoint, *arguments, *self.options], text=True,
                                  check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env=self.environment)
            # 130: the answer of a job that was cancelled.
            if done.returncode in (0, 130):
                return done.stdout
        raise SystemExit(f"oche {command} {self.endpoint} ended with exit code {done.returncode}")

    def submit(self):
        """Sends the job, which has no end: number 1."""
        subprocess.run([self.oche, "estimate", *JOB, "--samples", str(2**53), "--at", self.endpoint, "--detach",
                        *self.options], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=self.environment)

    def end(self):
        """Ends the job; its answer."""
        self.ask("cancel", "1")
        return json.loads(self.ask("result", "1", "--json"))


class Crowd:
    """exchange_load with these workers; it measures, and stays until it is closed."""

    def __init__(self, load, host, **options):
        given = {"host": host.endpoint, "process": host.process.pid, **options}
        if host.options:
            given["insecure"] = 1
        self.process = subprocess.Popen([load, *(f"{name}={value}" for name, value in given.items())],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=host.environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def measured(self):
        """What it found, when it has."""
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("exchange_load ended before it had measured")  # and has said why
        return json.loads(line)


@dataclass
class Found:
    """What measure() found; each is what exchange_load prints and `digest`, whether that was right."""

    effort: Effort
    machine: list = field(default_factory=list)
    load: list = field(default_factory=list)
    stayed: dict = None
    idle: dict = None
    single: dict = field(default_factory=dict)  # by the number of workers
    whole: dict = None
    limits: list = field(default_factory=list)  # microseconds per exchange of two leases, by hand
    efficiency: dict = field(default_factory=dict)  # by the length of a lease
    encryption: list = field(default_factory=list)  # pairs: with keys, without
    peers: dict = field(default_factory=dict)       # Rate, or why it is absent

    def all_agree(self):
        """Whether all digests were those of the job."""
        runs = [self.stayed, self.whole, *self.single.values(), *self.efficiency.values(),
                *(run for pair in self.encryption for run in pair)]
        return all(run["digest"] and run["refused"] == 0 for run in runs if run)


class Bench:
    """The two programs."""

    def __init__(self, oche, bench):
        self.oche = oche
        self.load = os.path.join(bench, "exchange_load")

    def digest(self, samples):
        """Of the job with so many samples, by the tree of the tally that all chunks have."""
        return contest.run_text([self.load, f"digest={samples}"]).strip()

    def job(self, seconds, options=(), **crowd):
        """A job at a new host, computed by a crowd that is measured for so many seconds; then it is cancelled."""
        with Host(self.oche, options) as host:
            host.submit()
            with Crowd(self.load, host, seconds=seconds, **crowd) as workers:
                found = workers.measured()
                answer = host.end()
        found["digest"] = answer["digest"] == self.digest(answer["samples"])
        return found

    def idle(self, sessions, seconds):
        """Sessions with no job to do."""
        with Host(self.oche) as host:
            with Crowd(self.load, host, workers=1, wait="joined"):
                before = host.memory()
                with Crowd(self.load, host, workers=sessions, wait="joined", seconds=seconds) as workers:
                    found = workers.measured()
                    found["bytes"] = (host.memory() - before) / sessions
        return found


def measure(oche, bench, effort, note):
    """Everything, as Found."""
    both = Bench(oche, bench)
    found = Found(effort)
    found.machine = machine.describe(oche, "")[:2]
    found.load = [machine.load()]
    for workers in (8, 100, effort.workers):
        note(f"exchange: {workers} workers")
        found.single[workers] = both.job(effort.seconds, workers=workers, claim=ONE_CHUNK)
        found.limits.append(float(contest.run_text([os.path.join(bench, "exchange_limit_bench"),
                                                    str(effort.seconds)])))
    note("exchange: leases of many chunks")
    found.whole = both.job(effort.seconds, workers=100, claim=TRUE_CHUNK)
    for length, times in ((0.2, 2), (1, 3)):
        note(f"exchange: leases of {length} s")
        seconds = effort.seconds if effort.quick else times * effort.seconds
        found.efficiency[length] = both.job(seconds, workers=effort.workers, computing=length, claim=length)
    for turn in range(effort.turns):
        note(f"exchange: encryption, turn {turn + 1}")
        found.encryption.append([both.job(effort.seconds, options, workers=8, computing=0.001, claim=ONE_CHUNK)
                                 for options in ((), ("--insecure",))])
    note("exchange: idle sessions")
    found.idle = both.idle(effort.idle, effort.seconds)
    if effort.stay:
        note(f"exchange: {effort.workers} workers stay for {effort.stay:g} s")
        found.stayed = both.job(effort.stay, workers=effort.workers, computing=1, claim=1)
    for name, (run, tasks) in exchange_peers.PEERS.items():
        note(f"exchange: {name}")
        try:
            found.peers[name] = run(8, tasks // 20 if effort.quick else tasks)
        except exchange_peers.Absent as why:
            found.peers[name] = str(why)
    found.load.append(machine.load())
    return found
