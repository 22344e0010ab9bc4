"""The report: what run.py measured, as Markdown."""

import json
import math
import os
import re
import textwrap
from dataclasses import dataclass, field

import contest
import peers_propagation
import peers_syntax
import start_time


def problems(bench):
    """Pi and the ten expressions, from limits_peer: [{"expression", "inputs", "mean"}]."""
    return json.loads(contest.run_text([os.path.join(bench, "limits_peer"), "--list"]))


def volume(problem):
    """The volume of a problem's ranges (1 where there are none, or infinite ones)."""
    return math.prod(peers_syntax.Input(text).volume for text in problem["inputs"])


@dataclass
class Measured:
    """What a run found; see run.py for the shapes."""

    problems: list
    effort: object
    machine: list = field(default_factory=list)
    load: list = field(default_factory=list)
    engine: str = ""
    peers: list = field(default_factory=list)
    contests: dict = field(default_factory=dict)
    threads: list = field(default_factory=list)
    propagation: list = field(default_factory=list)
    starts: tuple = ()
    chapter: tuple = ()
    streams: str = ""
    exchange: object = None

    def all_contests(self):
        """All contests there were."""
        for by_index in self.contests.values():
            for by_name in by_index.values():
                yield from (one for one in by_name.values() if one)
        yield from (one for _, _, one in self.propagation)

    def all_agree(self):
        """Whether no two parties gave different answers."""
        return all(one.agree for one in self.all_contests()) and self.exchange.all_agree()


def table(head, rows):
    """A table of Markdown. A | within a cell would end it."""
    def line(cells):
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
    return [line(head), "|" + "---|" * len(head)] + [line(row) for row in rows] + [""]


def definition(problem):
    """A problem as a user writes it."""
    return f"`{', '.join([problem['expression'], *problem['inputs']])}`"


def paragraph(*sentences):
    """Sentences as wrapped lines and an empty one."""
    return textwrap.wrap(" ".join(sentences), 110, break_long_words=False, break_on_hyphens=False) + [""]


def head(found):
    """What this is, how it was made, on what."""
    quick = ["**Made with --quick: the numbers below mean nothing.**", ""] if found.effort.quick else []
    versions = [f"- {peer.name}: not here ({peer.absent.strip()})" if peer.absent else f"- {peer.version}"
                for peer in found.peers if peer.name != "limit"]
    return ["# Results", "", *quick, *paragraph(
        "Made by `./dev bench`, which builds, and runs `python3 bench/run.py --write bench/RESULTS.md`.",
        "All that is compared was measured in one run, in turns (A B A B …). A ratio is that of the two",
        f"speeds of a pair of turns: the median of {found.effort.turns}, and in brackets the least and the",
        "most; other load on the machine shows in that spread. Samples/s are medians. They differ from one",
        "machine or day to another; the ratios do less."),
            *found.machine, *versions, f"- Load average at the begin and the end: {', '.join(found.load)}", ""]


def engine(found):
    """The engine and the limits."""
    return ["## The engine against the same written by hand", "", *paragraph(
        "`build/bench/engine_bench`: one core, processor time, in one process. The limit is each problem",
        "written by hand for the vector instructions (`bench/limits.h`), with the same stream and the same",
        "functions, all in registers from the counter to the tally of moments and extremes. It looks for no",
        "value that isn't finite; the engine does. Pi is counted on both sides. Of the three whose inputs all",
        "have distributions both sides also measure the distribution of the answer: higher moments, bins,",
        "the inputs' moments and how the answer goes with each. The limit merges no tallies. The last is the",
        "problem of the propagation of uncertainty, below."),
            *engine_table(found.engine)]


# A line of engine_bench: expression, two speeds, ratio and its spread, perhaps DISAGREE.
ENGINE_LINE = re.compile(r"(.*?) +(\S+) +(\S+) +([0-9.]+) +\(([0-9.]+) to ([0-9.]+)\)(.*)")


def engine_table(output):
    """What engine_bench prints, after its first line as a table."""
    first, _, *lines = output.splitlines()
    found = [ENGINE_LINE.fullmatch(line) for line in lines]
    if not all(found):
        raise SystemExit("engine_bench prints other lines than ENGINE_LINE of report.py knows:\n" + output)
    rows = [[f"`{line[1]}`", line[2], line[3], f"{line[4]} ({line[5]}–{line[6]}){line[7]}"] for line in found]
    target = first.partition(";")[0].split()[-1]
    return table(["problem", f"engine ({target}), samples/s", "limit, samples/s", "ratio"], rows)


def peers_text(effort):
    """What the tables of peers say and don't say."""
    return paragraph(
        "Each cell is oche's speed over that party's. oche's is that of a whole process, `oche estimate …",
        "--method plain --samples N --workers CORES --json`, with its start, the check of the expression",
        "and its output. The others were started, and had compiled the expression, before their time began.",
        "All draw their own random numbers and give the mean and the standard deviation; where an input has",
        "a distribution, oche also gives the distribution of the answer, and they don't, nor the limit here.",
        "N is chosen so that",
        f"a run of either takes about {effort.seconds:g} s, against the limit {effort.long_seconds:g} s. On",
        "two cores each peer is two processes with half of the samples each.") + paragraph(
        "The *limit* is that of the section above. *numexpr* and *muParser* evaluate over arrays that NumPy",
        "has drawn. *GSL* is `gsl_monte_plain_integrate` with taus2 over an integrand compiled by `g++ -O3",
        "-march=native`; where an input is normal, a loop with `gsl_ran_gaussian_ziggurat`. Each peer was",
        "first timed in several forms (generator, length of the arrays, fastmath or not: `bench/peers_*.py`)",
        "for each problem, and the fastest competed. An infinite range is mapped as oche maps it. The",
        f"estimates were compared: two that differ by more than {contest.MOST_ERRORS} standard errors would",
        "be marked DISAGREE.")


def peers(found):
    """The tables of one core and two, and the forms."""
    names = [peer.name for peer in found.peers if not peer.absent]
    lines = ["## oche against its peers", "", *peers_text(found.effort)]
    for cores, by_index in found.contests.items():
        rows = []
        for index, by_name in by_index.items():
            done = [one for one in by_name.values() if one]
            ours = contest.median([rate for one in done for rate in one.ours])
            rows.append([definition(found.problems[index]), f"{ours:.3g}"]
                        + [by_name[name].cell() if by_name.get(name) else "–" for name in names])
        lines += [f"### {'One core' if cores == 1 else 'Two cores'}", "",
                  *table(["problem", "oche, samples/s", *(f"oche / {name}" for name in names)], rows)]
    return lines + forms(found)


def forms(found):
    """The speeds of the peers themselves on one core, and which form each took."""
    present = [peer for peer in found.peers if not peer.absent]
    rows = []
    for index, by_name in found.contests[1].items():
        cells = []
        for peer in present:
            one = by_name.get(peer.name)
            cells.append(f"{contest.median(one.theirs):.3g}: {peer.labels[index]}" if one
                         else f"none: {peer.labels[index]}")
        rows.append([f"`{found.problems[index]['expression']}`", *cells])
    return ["### The peers themselves, one core", "", "Samples/s, and the form that was the fastest.", "",
            *table(["problem", *(peer.name for peer in present)], rows)]


def threads(found):
    """Two threads over one."""
    rows = [[definition(problem), contest.ratio_text(threads), contest.ratio_text(processes),
             f"{best_threads:.2f}", f"{best_processes:.2f}"]
            for problem, (threads, processes, best_threads, best_processes) in zip(found.problems, found.threads)]
    return ["## Two threads over one", "", *paragraph(
        "Whole processes: samples/s with `--workers 2` and twice the samples over that with `--workers 1`.",
        "Beside it two processes of oche with one thread each, over one: what the machine's second core is",
        f"worth for the very same work. {found.effort.thread_turns} times in turns, about",
        f"{found.effort.long_seconds:g} s each: the median of the turns, the least and the most; and the",
        "fastest run of two over the fastest of one, where other load on the machine shows least."),
            *table(["problem", "two threads over one", "two processes over one", "fastest: threads",
                    "fastest: processes"], rows)]


def propagation(found):
    """Mean, deviation and quantiles."""
    lines = ["## Propagation of uncertainty", "", *paragraph(
        "`a*exp(-b*t)+c` with `a~normal(5,0.1)`, `b~uniform(1,2)`, `t=3`, `c~normal(0,0.2)`: mean, standard",
        "deviation and three quantiles, on one core. oche's is again a whole process (`--workers 1 --json`),",
        "and everything else that it says of a distribution comes with it. The peers' forms are in",
        "`bench/peers_propagation.py`; the fastest competed, and NumPy's plain form beside it, every array",
        "whole, as the formula is commonly written. oche's quantiles come from counts in bins",
        "narrower than 0.1% of the value; theirs are order statistics of all values, kept in memory. Of the",
        "fewer samples, oche's time is to a good part that of a process's start, which the peers are spared",
        "except where their form says *a whole process*.",
        "What a core could do at most, by hand and with everything that is measured, is the last row of the",
        "first table.")]
    rows, answers = [], []
    for (version, form), samples, one in found.propagation:
        rows.append([version, form, f"{samples:.0e}", f"{contest.median(one.ours):.3g}",
                     f"{contest.median(one.theirs):.3g}", one.cell()])
        answers += [["oche", *_answer(one.answers[0])], [version, *_answer(one.answers[1])]]
    seen = [row for i, row in enumerate(answers) if row not in answers[:i]]
    return lines + table(["against", "its form", "samples", "oche, samples/s", "its samples/s", "ratio"], rows) + [
        "Their answers:", "",
        *table(["", "mean", "standard deviation",
                *(f"quantile {p}" for p in peers_propagation.PROBABILITIES)], seen)]


def _answer(values):
    """Mean, deviation and quantiles of (mean, standard error, deviation, quantiles…)."""
    texts = [f"{value:.5f}" for value in (values[0], *values[2:])]
    return texts + ["–"] * (2 + len(peers_propagation.PROBABILITIES) - len(texts))


def starts(found):
    """The time of a start."""
    rows = []
    for name, pairs in zip((f"`oche {' '.join(start_time.JOB)}`", "`/bin/true`"), found.starts):
        wall = sorted(one for one, _ in pairs)
        used = contest.median([one for _, one in pairs])
        rows.append([name, f"{contest.median(wall):.2f}", f"{wall[0]:.2f}",
                     f"{wall[9 * len(wall) // 10]:.2f}", f"{used:.2f}"])
    return ["## Start", "", *paragraph(
        "Milliseconds from before a process is made until it has ended,", f"{len(found.starts[0])} times in",
        "turns; and what of it is time of a processor, user's and system's, which other load disturbs less."),
            *table(["command", "median", "least", "nine of ten below", "processor, median"], rows)]


def chapter(found):
    """The chapter's loop."""
    ours, loops = found.chapter
    ratios = [a / b for a, b in zip(ours, loops)]
    return ["## oche against the chapter's Python loop", "", *paragraph(
        "Pi on one core: `oche estimate`, a whole process, and the loop of `bench/chapter_pi.py`, in turns."),
            *table(["oche, samples/s", "Python, samples/s", "ratio"],
                   [[f"{contest.median(ours):.3g}", f"{contest.median(loops):.3g}", contest.ratio_text(ratios)]])]


def text(found):
    """The whole report."""
    parts = [head(found), engine(found), peers(found), threads(found), propagation(found), starts(found),
             chapter(found), ["## Generators", "", "`build/bench/streams_bench`: one core, processor time.", "",
                              "```", found.streams, "```", ""]]
    lines = "\n".join(line for part in parts for line in part).split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"
