"""Timing oche against others: in turns, by the wall clock, on one core or two.

A party has a name, run(index, samples, cores), which returns the estimate and its standard error, and
a dictionary `sizes` for samples_for.
oche is always a whole process, from its start to its last line, as a user runs it. A peer is a process
that was started, and has compiled what it compiles, before its time is taken; on two cores it is two
such processes with half of the samples each, and the time is that of the slower one.
"""

import json
import math
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Samples are a multiple of this, on every core: all lengths of arrays divide it.
UNIT = 65536
# Peers get one thread each.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS",
                                     "OPENBLAS_NUM_THREADS")}
# How far two estimates may be apart, in standard errors. The seeds are fixed; a party that computes
# another thing is off by far more.
MOST_ERRORS = 6


def median(values):
    """The middle one, or the upper of the two middle ones."""
    return sorted(values)[len(values) // 2]


def run_text(command):
    """What a command prints."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Oche:
    """The program under test."""

    name = "oche"

    def __init__(self, program, problems):
        self.sizes = {}
        self.program = program
        self.problems = problems

    def result(self, definition, options):
        """The JSON of a run."""
        command = [self.program, "estimate", *definition, "--method", "plain", "--json", *options]
        return json.loads(run_text(command))

    def run(self, index, samples, cores):
        """One run on so many threads."""
        problem = self.problems[index]
        answer = self.result([problem["expression"], *problem["inputs"]],
                             ["--samples", str(samples), "--workers", str(cores)])
        return answer["estimate"], answer["standard_error"]

    def rate_of_processes(self, index, samples, processes):
        """Samples per second of so many processes at once, with one thread and so many samples each."""
        problem = self.problems[index]
        command = [self.program, "estimate", problem["expression"], *problem["inputs"], "--method", "plain",
                   "--json", "--samples", str(samples), "--workers", "1"]
        begin = time.perf_counter()
        children = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(processes)]
        if any([child.wait() for child in children]):
            raise SystemExit(f"{' '.join(command)} failed")
        return processes * samples / (time.perf_counter() - begin)


class Peer:
    """A program of peers_serve.py's protocol, as many processes of it as there are cores to use."""

    def __init__(self, name, command, problems, processes):
        self.name = name
        self.processes = processes
        self.sizes = {}
        self.labels = {}
        self.scales = {}
        environment = {**os.environ, **ONE_THREAD, "PYTHONDONTWRITEBYTECODE": "1"}
        self._children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                           env=environment) for _ in range(processes)]
        for child in self._children:
            self._send(child, json.dumps(problems))
        words = [self._receive(child) for child in self._children]
        self.absent = words[0][7:] if words[0].startswith("absent") else None
        self.version = words[0].removeprefix("ready ")

    def _send(self, child, line):
        child.stdin.write(line + "\n")
        child.stdin.flush()

    def _receive(self, child):
        line = child.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended in the middle (exit code {child.wait()}); its words are above")
        return line.strip()

    def _ask(self, children, line):
        for child in children:
            self._send(child, line)
        return [self._receive(child) for child in children]

    def prepare(self, index, form=""):
        """Takes that form, or the best; whether the peer can do the problem. `labels` says which, or why not."""
        answer = self._ask(self._children[:1], f"prepare {index} {form}".strip())[0]
        kind, _, self.labels[index] = answer.partition(" ")
        if kind == "form":
            self._ask(self._children[1:], f"prepare {index} {self.labels[index]}")
        return kind == "form"

    def run(self, index, samples, cores):
        """One run, half of it in each process where there are two; what else the first one says."""
        for seed, child in enumerate(self._children[:cores], 1):
            self._send(child, f"run {index} {samples // cores} {seed}")
        parts = [[float(word) for word in self._receive(child).split()] for child in self._children[:cores]]
        scale = self.scales.get(index, 1.0)
        return (scale * sum(part[0] for part in parts) / cores,
                abs(scale) * math.hypot(*(part[1] for part in parts)) / cores, *parts[0][2:])

    def close(self):
        """Ends the processes."""
        for child in self._children:
            child.stdin.close()
            child.stdout.close()
            child.wait()


def python_peer(name, script, arguments, problems, processes):
    """The peer of a script here."""
    return Peer(name, [sys.executable, os.path.join(HERE, script), *arguments], problems, processes)


def timed(party, index, samples, cores):
    """Samples per second and (estimate, standard error) of one run."""
    begin = time.perf_counter()
    answer = party.run(index, samples, cores)
    return samples / (time.perf_counter() - begin), answer


def seconds_of(party, index, samples, cores):
    """How long one run takes."""
    return samples / timed(party, index, samples, cores)[0]


def samples_for(party, index, cores, seconds):
    """How many samples take about so long, beside what even the least run takes; found once for each
    party and problem."""
    if (index, cores, seconds) not in party.sizes:
        samples = UNIT * cores
        start = median([seconds_of(party, index, samples, cores) for _ in range(3)])
        took = 0
        while took < 0.7 * seconds:
            # Four times as many, or, when the rate is known well enough, as many as needed.
            samples *= 4 if took < 0.1 * seconds else max(1.1, min(4, seconds / took))
            samples = math.ceil(samples / UNIT / cores) * UNIT * cores
            took = seconds_of(party, index, samples, cores) - start
        party.sizes[index, cores, seconds] = samples
    return party.sizes[index, cores, seconds]


def agree(first, second):
    """Whether two (estimate, standard error, …) can be of the same thing."""
    return abs(first[0] - second[0]) <= MOST_ERRORS * math.hypot(first[1], second[1]) + 1e-12 * abs(first[0])


class Contest:
    """Ours and theirs in turns: the rates, and the ratio of each pair. Each side takes so many samples,
    or as many as take so many seconds."""

    def __init__(self, ours, theirs, index, cores, turns, samples=None, seconds=None):
        our_samples = samples or samples_for(ours, index, cores, seconds)
        their_samples = samples or samples_for(theirs, index, cores, seconds)
        self.ours, self.theirs, self.ratios = [], [], []
        for _ in range(turns):
            rate, answer = timed(ours, index, our_samples, cores)
            other_rate, other_answer = timed(theirs, index, their_samples, cores)
            self.ours.append(rate)
            self.theirs.append(other_rate)
            self.ratios.append(rate / other_rate)
        self.answers = answer, other_answer
        self.agree = agree(answer, other_answer)

    def cell(self):
        """The ratio's median and spread."""
        return ratio_text(self.ratios) + ("" if self.agree else " **DISAGREE**")


def ratio_text(ratios):
    """The median and, in brackets, the least and the most."""
    middle = median(ratios)
    digits = 2 if middle < 10 else 1 if middle < 100 else 0
    return f"{middle:.{digits}f} ({min(ratios):.{digits}f}–{max(ratios):.{digits}f})"
