#!/usr/bin/env python3
"""dieharder (Robert G. Brown, Dirk Eddelbuettel, David Bauer) on the streams, in every order of their words.

    dieharder.py STREAM_WORDS [--orders A,B] [--tests 0,2,204]

Unless others are named, all tests of the order of the samples and the short ones of the other orders. Each test reads raw words from `stream_words ORDER SEED`, a seed of its own, so that no two tests see the same
words and every run of this script is the same run. Prints a table of all p-values and a summary for each
order; fails where a p-value is below 1e-6 or above 1 - 1e-6, or where more are outside [0.005, 0.995] than
chance allows: with n p-values, their number is binomial (n, 0.01), and is refused where its tail is below
1e-6.

Left out of what `dieharder -a` runs: tests 5, 6, 7 and 14, which dieharder itself calls suspect or not to be
used; of the 33 lagged sums all but those with lags 0, 1, 3 and 7, and of the 12 bit distributions those of
more than 8 bits: they alone would take longer than all else together.
"""

import argparse
import math
import shutil
import subprocess
import sys
import time

ORDERS = ("samples", "dimensions", "seeds", "one_bit_seeds", "gray_seeds", "passes")
# Test number: its "ntuples".
TESTS = {**{test: (0,) for test in (0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 15, 16, 17, 100, 101)},
         102: (0,), 200: tuple(range(1, 9)), 201: tuple(range(2, 6)), 202: tuple(range(2, 6)),
         203: (0, 1, 3, 7), 204: (0,), 205: (0,), 206: (0,), 207: (0,), 208: (0,), 209: (0,)}
# Of those, the ones that take minutes, not hours: all that the other orders have.
SHORT = (0, 3, 4, 8, 10, 11, 12, 15, 16, 100, 101, 102, 202, 204, 205, 206, 209, 9, 1, 13, 2)
FAILED = 1e-6
WEAK = 0.005


def parse(output):
    """The p-values in dieharder's lines (flags -D test_name, ntuple, pvalues): [(name, ntuple, p)]."""
    found = []
    for line in output.splitlines():
        words = [word.strip() for word in line.split("|")]
        if len(words) != 3 or not words[0]:
            continue
        found.append((words[0], int(words[1]), float(words[2])))
    return found


def outside(p, bound):
    """Whether p is within `bound` of 0 or 1; NaN is."""
    return not bound <= p <= 1 - bound


def binomial_tail(n, probability, k):
    """P(X >= k) for X binomial (n, probability)."""
    return math.fsum(math.comb(n, i) * probability**i * (1 - probability)**(n - i)
                     for i in range(k, n + 1))


def judge(found):
    """What is wrong with a list of (name, ntuple, p): sentences; none where all is as chance has it."""
    faults = [f"{name} {ntuple}: p = {p}" for name, ntuple, p in found if outside(p, FAILED)]
    weak = sum(outside(p, WEAK) for _, _, p in found)
    if not found:
        faults.append("no p-value at all")
    elif binomial_tail(len(found), 2 * WEAK, weak) < FAILED:
        faults.append(f"{weak} of {len(found)} p-values are outside [{WEAK}, {1 - WEAK}]")
    return faults


def run(stream_words, order, seed, test, ntuple):
    """One call of dieharder; the p-values that it printed."""
    with subprocess.Popen([stream_words, order, str(seed)], stdout=subprocess.PIPE) as source:
        command = ["dieharder", "-g", "200", "-S", "1", "-d", str(test), "-n", str(ntuple),
                   "-D", "test_name", "-D", "ntuple", "-D", "pvalues"]
        done = subprocess.run(command, stdin=source.stdout, stdout=subprocess.PIPE, text=True, check=True)
        source.stdout.close()
        source.terminate()
    return parse(done.stdout)


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("stream_words")
    parser.add_argument("--orders", default=",".join(ORDERS))
    parser.add_argument("--tests", type=lambda text: [int(test) for test in text.split(",")])
    options = parser.parse_args(arguments)
    if shutil.which("dieharder") is None:
        print("dieharder isn't there (it is a package of Debian); ./dev long installs it", file=sys.stderr)
        return 1
    summaries, faults = [], []
    for order in options.orders.split(","):
        everything, started = [], time.monotonic()
        for test in options.tests or (TESTS if order == "samples" else SHORT):
            for ntuple in TESTS[test]:
                began = time.monotonic()
                found = run(options.stream_words, order, 1000 * test + ntuple, test, ntuple)
                for name, n, p in found:
                    mark = " weak" if outside(p, WEAK) else ""
                    print(f"{order:<14} {test:>3} {name:<24} {n:>2} {p:.8f}{mark}")
                print(f"{order:<14} {test:>3} took {time.monotonic() - began:.0f} s", flush=True)
                everything += found
        values = [p for _, _, p in everything]
        summaries.append(f"| `{order}` | {len(values)} | {sum(outside(p, FAILED) for p in values)} | "
                         f"{sum(outside(p, WEAK) for p in values)} | {min(values):.5f} | "
                         f"{max(values):.5f} |")
        print(f"{order}: {time.monotonic() - started:.0f} s")
        faults += [f"{order}: {fault}" for fault in judge(everything)]
    print("\n| order | p-values | failed | weak | smallest | largest |\n|---|---|---|---|---|---|")
    print("\n".join(summaries))
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
