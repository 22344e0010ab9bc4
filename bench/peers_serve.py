"""What all peers have in common: a process that answers lines, and that takes its best form first.

A peer is a module with VERSIONS (text) and forms(problem): {label: run}, where run(samples, seed)
returns the sum and the sum of squares of the integrand over that many samples, in one thread.
The labels say what may be done in more than one way: the generator, the number of samples held at
a time. Each problem is timed once in every form, and the fastest one is what competes (with --quick:
the first one, untimed).

  first line in    JSON: a list of {"expression": …, "inputs": […]}
  out              ready VERSIONS
  prepare I [FORM] form LABEL    (or: absent REASON)
  run I N SEED     MEAN STANDARD_ERROR of the integral
"""

import json
import math
import sys
import time

import peers_syntax

# Numbers held at a time: 64 kB to 512 kB an array, so that what one problem needs stays in the
# second-level cache. Samples of a run are a multiple of the largest.
BLOCKS = (8192, 16384, 65536)
TRIAL_SECONDS = 0.02
TRIALS = 3


def rate(run):
    """Samples per second of a form; its first run, which may compile, doesn't count."""
    samples = BLOCKS[-1]
    run(samples, 1)
    while True:
        begin = time.perf_counter()
        run(samples, 1)
        if time.perf_counter() - begin >= TRIAL_SECONDS:
            break
        samples *= 2
    fastest = math.inf
    for trial in range(TRIALS):
        begin = time.perf_counter()
        run(samples, 2 + trial)
        fastest = min(fastest, time.perf_counter() - begin)
    return samples / fastest


class Server:
    """The problems of a run, and the form of each that was taken."""

    def __init__(self, peer, problems):
        self.peer = peer
        self.quick = "--quick" in sys.argv
        self.texts = problems
        self.taken = {}

    def prepare(self, index, wanted):
        """Takes the form that is wanted, or the fastest."""
        text = self.texts[index]
        problem = peers_syntax.Problem(text["expression"], text["inputs"])
        forms = self.peer.forms(problem)
        label = wanted or self.fastest(forms)
        self.taken[index] = (problem.factor, forms[label])
        return f"form {label}"

    def fastest(self, forms):
        """The label of the form to take."""
        return next(iter(forms)) if self.quick else max(forms, key=lambda one: rate(forms[one]))

    def run(self, index, samples, seed):
        """One run, as the integral's estimate and its standard error."""
        factor, form = self.taken[index]
        total, squares = form(samples, seed)
        mean = total / samples
        variance = max(0.0, squares / samples - mean * mean)
        return f"{factor * mean!r} {abs(factor) * math.sqrt(variance / samples)!r}"

    def answer(self, line):
        """The answer to one line."""
        command, index, *rest = line.split(maxsplit=2)
        if command == "prepare":
            try:
                return self.prepare(int(index), rest[0].strip() if rest else None)
            except peers_syntax.Untranslated as reason:
                return f"absent {reason}"
        samples, seed = rest[0].split()
        return self.run(int(index), int(samples), int(seed))


def serve(load, server_of=Server):
    """Answers until the input ends. `load` imports the peer's packages and returns the peer."""
    problems = json.loads(sys.stdin.readline())
    try:
        peer = load()
    except (ImportError, OSError) as reason:
        print("absent", str(reason).splitlines()[0], flush=True)
        return
    server = server_of(peer, problems)
    print("ready", peer.VERSIONS, flush=True)
    for line in sys.stdin:
        print(server.answer(line), flush=True)
