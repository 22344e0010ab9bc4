"""Runs the benchmarks and prints a report: ratios of one run on one machine.

Usage: run.py [--oche build/oche] [--bench build/bench] [--write bench/RESULTS.md]
Needs nothing but the standard library.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys


def run(command):
    """What a command prints."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def processor():
    """The processor's name, as Linux gives it."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def oche_pi(oche, samples, threads):
    """Samples per second of a whole process."""
    command = [oche, "pi", "--samples", str(samples), "--workers", str(threads), "--json"]
    result = json.loads(run(command))
    return result["samples"] / result["seconds"]


def median(values):
    """The middle one."""
    return sorted(values)[len(values) // 2]


def python_contest(oche, script):
    """The chapter's loop and oche, in turns; both as samples per second and the ratio's spread."""
    loop, ours, ratios = [], [], []
    for _ in range(5):
        loop.append(float(re.search(r"([0-9.e+]+) samples/s", run([sys.executable, script])).group(1)))
        ours.append(oche_pi(oche, 2_000_000_000, 1))
        ratios.append(ours[-1] / loop[-1])
    return (f"{'4*(x^2+y^2<=1), whole process':34} {median(ours):9.3g} {median(loop):9.3g}   "
            f"{median(ratios):5.0f}  ({min(ratios):.0f} to {max(ratios):.0f})")


def threads_contest(oche):
    """One thread and two, in turns."""
    ratios = []
    for _ in range(7):
        one = oche_pi(oche, 2_000_000_000, 1)
        ratios.append(oche_pi(oche, 4_000_000_000, 2) / one)
    return f"pi, two threads over one: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def main():
    """Prints the report, and writes it where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--oche", default="build/oche")
    parser.add_argument("--bench", default="build/bench")
    parser.add_argument("--write")
    options = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    report = [
        "# Results", "",
        "Made by `python3 bench/run.py --write bench/RESULTS.md` after `./dev test`. Ratios of one run; the load of the machine shows in their spread.",
        "", f"Machine: {processor()}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}.", "",
        "## The engine against the same written by hand", "",
        "`engine_bench`: one core, the same stream, the same functions, in turns. What is written by hand keeps everything",
        "in registers from the counter to the moments (`bench/limits.h`); it keeps no minimum and maximum and looks for",
        "no value that isn't finite. Pi is counted on both sides.", "",
        "```", run([os.path.join(options.bench, "engine_bench")]).rstrip(), "```", "",
        "## The engine against the chapter's Python loop", "",
        "Samples/s of `oche pi --workers 1`, a whole process, and of the loop of `bench/chapter_pi.py`, in turns, and the ratio.", "",
        "```", python_contest(options.oche, os.path.join(here, "chapter_pi.py")), "```", "",
        "## Threads", "", "```", threads_contest(options.oche), "```", "",
        "## Generators", "", "```", run([os.path.join(options.bench, "streams_bench")]).rstrip(), "```", ""]
    text = "\n".join(report)
    print(text)
    if options.write:
        with open(options.write, "w", encoding="utf-8") as out:
            out.write(text)


if __name__ == "__main__":
    main()
