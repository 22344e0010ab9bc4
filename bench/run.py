"""Runs the benchmarks and prints the report in Markdown: ratios of one run on one machine.

Usage: run.py [--oche build/oche] [--bench build/bench] [--write bench/RESULTS.md] [--quick]
              [--only exchange|threads] [--stay SECONDS]
A peer whose packages aren't here is left out, and the report says so. --quick runs everything once
for a moment, so that the tests can tell that it runs; its numbers mean nothing. --only exchange (the
load on a host) or threads measures that alone, and --write then changes that section of the file only; --stay is how long a
thousand workers stay with it there.
"""

import argparse
import math
import os
import sys
from dataclasses import dataclass

import contest
import exchange
import exchange_report
import machine
import peers_propagation
import report
import start_time


@dataclass
class Effort:
    """How long things take. A full run takes about half an hour."""

    quick: bool

    @property
    def turns(self):
        """Pairs of runs in a contest."""
        return 1 if self.quick else 5

    @property
    def thread_turns(self):
        """The same for two threads over one: a ratio near to its limit, on machines that others share."""
        return 1 if self.quick else 11

    @property
    def seconds(self):
        """About how long one run of a contest lasts."""
        return 0.002 if self.quick else 0.25

    @property
    def long_seconds(self):
        """The same against the limit, and of two threads over one: where a process's start would show."""
        return 3 * self.seconds

    @property
    def python_arguments(self):
        """For the scripts of the peers."""
        return ["--quick"] if self.quick else []


PYTHON_PEERS = ("NumPy", "numba", "numexpr", "muParser", "GSL", "OpenTURNS")


def start_peers(bench, problems, effort):
    """The limits and all peers, in two processes each; absent ones too, which say why. In a quick run
    NumPy alone of the Python peers has two."""
    limits = contest.Peer("limit", [os.path.join(bench, "limits_peer")], problems, 2)
    # limits_peer knows nothing of volumes.
    for index, problem in enumerate(problems):
        limits.scales[index] = report.volume(problem)
    return [limits] + [
        contest.python_peer(name, f"peers_{name.lower()}.py", effort.python_arguments, problems,
                            1 if effort.quick and name != "NumPy" else 2)
        for name in PYTHON_PEERS]


def note(text):
    """Progress, for who waits."""
    print("run.py:", text, file=sys.stderr, flush=True)


def peer_contests(oche, peers, problems, effort):
    """{cores: {index: {peer's name: Contest or None}}}, problem by problem."""
    results = {1: {}, 2: {}}
    for index, problem in enumerate(problems):
        note(f"peers: {problem['expression']}")
        for peer in peers:
            if peer.absent:
                continue
            able = peer.prepare(index)
            seconds = effort.long_seconds if peer.name == "limit" else effort.seconds
            for cores in range(1, peer.processes + 1):
                found = contest.Contest(oche, peer, index, cores, effort.turns, seconds=seconds) if able else None
                results[cores].setdefault(index, {})[peer.name] = found
    return results


def thread_contests(oche, problems, effort):
    """For each problem the ratios of two threads to one and of two processes to one, all in turns, and
    that of the fastest runs of each: what other load takes away shows least there."""
    results = []
    for index, problem in enumerate(problems):
        note(f"threads: {problem['expression']}")
        samples = contest.samples_for(oche, index, 1, effort.long_seconds)
        ones, twos, processes = [], [], []
        for _ in range(effort.thread_turns):
            ones.append(contest.timed(oche, index, samples, 1)[0])
            twos.append(contest.timed(oche, index, 2 * samples, 2)[0])
            processes.append(oche.rate_of_processes(index, samples, 2))
        results.append(([two / one for one, two in zip(ones, twos)],
                        [two / one for one, two in zip(ones, processes)], max(twos) / max(ones),
                        max(processes) / max(ones)))
    return results


class Propagation(contest.Oche):
    """oche's run of the problem of peers_propagation.py."""

    DEFINITION = ["a*exp(-b*t)+c", "a~normal(5,0.1)", "b~uniform(1,2)", "t=3", "c~normal(0,0.2)"]

    def run(self, index, samples, cores):
        answer = self.result(self.DEFINITION, ["--samples", str(samples), "--workers", str(cores)])
        quantiles = {one["probability"]: one["value"] for one in answer.get("quantiles", [])}
        return (answer["estimate"], answer["standard_error"], answer["standard_deviation"],
                *(quantiles[p] for p in peers_propagation.PROBABILITIES if p in quantiles))


def alike(ours, theirs, samples):
    """Whether deviations and quantiles can be of one distribution. The standard error of a quantile is
    sqrt(p(1-p)/n)/density, for 2.5% of a normal distribution 2.7 deviations over sqrt(n); oche's bins
    add up to 0.1%."""
    error = 2.7 * ours[2] / math.sqrt(samples)
    return all(abs(a - b) <= contest.MOST_ERRORS * math.sqrt(2) * error + 0.001 * abs(a)
               for a, b in zip(ours[2:], theirs[2:]))


class PropagationScript:
    """NumPy's plain form as a whole process, as oche is one."""

    name = "NumPy"

    def __init__(self, version):
        self.version = version
        self.labels = {0: f"{peers_propagation.PLAIN}, a whole process"}

    def run(self, index, samples, cores):
        script = os.path.join(contest.HERE, "peers_propagation.py")
        return tuple(map(float, contest.run_text([sys.executable, script, "script", str(samples), "1"]).split()))


def propagation_contests(program, effort):
    """[(version and form, samples, contest)] for one core."""
    oche = Propagation(program, [])
    results = []

    def contests(peer, numbers):
        for samples in (100_000,) if effort.quick else numbers:
            found = contest.Contest(oche, peer, 0, 1, effort.turns, samples=samples)
            found.agree = found.agree and alike(*found.answers, samples)
            results.append(((peer.version, peer.labels[0]), samples, found))

    for name, forms, numbers in (("NumPy", ("", peers_propagation.PLAIN), (10_000_000, 100_000_000)),
                                 ("OpenTURNS", ("",), (10_000_000,))):
        note(f"propagation: {name}")
        peer = contest.python_peer(name, "peers_propagation.py", [name, *effort.python_arguments], [], 1)
        if not peer.absent:
            for form in forms:
                peer.prepare(0, form)
                contests(peer, numbers)
            if name == "NumPy":
                contests(PropagationScript(peer.version), numbers)
        peer.close()
    return results


def chapter_contest(oche, effort):
    """Ratios of oche's pi to the chapter's loop, both as samples per second of one core."""
    samples = 20_000 if effort.quick else 2_000_000
    script = os.path.join(contest.HERE, "chapter_pi.py")
    ours, loops = [], []
    many = contest.samples_for(oche, 0, 1, 2 * effort.seconds)
    for _ in range(effort.turns):
        loops.append(float(contest.run_text([sys.executable, script, str(samples)]).split()[-2]))
        ours.append(contest.timed(oche, 0, many, 1)[0])
    return ours, loops


def program_output(bench, name, full, quick, effort):
    """What a benchmark of C++ prints."""
    note(name)
    return contest.run_text([os.path.join(bench, name), *(quick if effort.quick else full)]).rstrip()


def measure_exchange(options):
    """The load on a host."""
    return exchange.measure(options.oche, options.bench, exchange.Effort(options.quick, options.stay), note)


def measure_threads(options):
    """Two threads over one alone, and its section."""
    effort = Effort(options.quick)
    problems = report.problems(options.bench)
    before = machine.load()
    threads = thread_contests(contest.Oche(options.oche, problems), problems, effort)
    found = report.Measured(problems=problems, effort=effort, threads=threads)
    return found, report.threads(found) + [
        f"Measured alone (`./dev bench --only threads`); load average at the begin and the end: {before}, {machine.load()}.",
        ""]


def measure(options):
    """Everything, as report.Measured."""
    effort = Effort(options.quick)
    problems = report.problems(options.bench)
    oche = contest.Oche(options.oche, problems)
    found = report.Measured(problems=problems, effort=effort)
    found.machine = machine.describe(options.oche, oche.result(["1/x", "x=1..2"], ["--samples", "1"])["numerics"])
    found.load = [machine.load()]
    found.engine = program_output(options.bench, "engine_bench", [], ["1", "262144"], effort)
    found.peers = start_peers(options.bench, problems, effort)
    found.contests = peer_contests(oche, found.peers, problems, effort)
    found.threads = thread_contests(oche, problems, effort)
    for peer in found.peers:
        peer.close()
    found.propagation = propagation_contests(options.oche, effort)
    found.starts = start_time.measure(options.oche, 5 if effort.quick else 301)
    found.chapter = chapter_contest(oche, effort)
    found.streams = program_output(options.bench, "streams_bench", [], ["1"], effort)
    found.exchange = measure_exchange(options)
    found.load.append(machine.load())
    return found


def main():
    """Prints the report, and writes it where asked. Exit code 1 if two parties disagree in an answer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--oche", default="build/oche")
    parser.add_argument("--bench", default="build/bench")
    parser.add_argument("--write")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=["exchange", "threads"])
    parser.add_argument("--stay", type=float, default=0)
    options = parser.parse_args()
    options.oche = os.path.abspath(options.oche)
    if options.only and options.write and not os.path.exists(options.write):
        parser.error(f"{options.write} isn't there, and --only writes a section of what is; leave out one of them")
    if options.only == "exchange":
        found = measure_exchange(options)
        section = exchange_report.section(found)
        text = "\n".join(section)
    elif options.only == "threads":
        found, section = measure_threads(options)
        text = "\n".join(section)
    else:
        found = measure(options)
        text = exchange_report.replaced(report.text(found), exchange_report.section(found.exchange))
    print(text)
    if options.write:
        if options.only:
            with open(options.write, encoding="utf-8") as before:
                text = exchange_report.replaced(before.read(), section)
        with open(options.write, "w", encoding="utf-8") as out:
            out.write(text)
    return 0 if options.only == "threads" or found.all_agree() else 1


if __name__ == "__main__":
    sys.exit(main())
