"""numba: the loop over samples, compiled.

Forms: one loop that draws, evaluates and adds, with NumPy's generator SFC64 in it, without and with
fastmath; and a loop over arrays that SFC64 has filled, 8192 at a time, without and with fastmath.
numba 0.56 draws no normal numbers from a Generator, so for these there are only the arrays. Its own
np.random.random, the Mersenne Twister, is slower than SFC64.
"""

import peers_serve
import peers_syntax

LOOP = """
def run(generator, samples):
    total = 0.0
    squares = 0.0
    for _ in range(samples):
{draws}        f = {value}
        total += f
        squares += f * f
    return total, squares
"""
BLOCK = """
def run({arrays}, weight):
    total = 0.0
    squares = 0.0
    for i in range({first}.size):
{draws}        f = {value}
        total += f
        squares += f * f
    return total, squares
"""


def number(problem, value):
    """A comparison as 1 or 0."""
    return f"(1.0 if {value} else 0.0)" if problem.counts else value


def loop_source(problem):
    """The loop that draws its own numbers."""
    points, value = problem.lines(peers_syntax.NUMBA)
    draws = ""
    for one in problem.inputs:
        if one.drawn == "map":
            draws += f"        u_{one.name} = generator.random()\n"
        else:
            draws += f"        {one.name} = {one.first!r} + {one.second - one.first!r}*generator.random()\n"
    for name, text in points:
        draws += f"        {name} = {text}\n"
    return LOOP.format(draws=draws, value=number(problem, value))


def block_source(problem):
    """The loop over arrays."""
    draws = "".join(f"        {name} = {name}s[i]\n" for name in problem.names)
    value = number(problem, problem.value(peers_syntax.NUMBA))
    if problem.mapped:
        value = f"({value})*weight[i]"
    return BLOCK.format(arrays=", ".join(name + "s" for name in problem.names),
                        first=problem.names[0] + "s", draws=draws, value=value)


def load():
    """The peer, or ImportError."""
    import math

    import numba
    import numpy as np
    import peers_arrays

    def compiled(source, fastmath):
        known = {"math": math}
        exec(source, known)
        return numba.njit(fastmath=fastmath)(known["run"])

    def loop_form(problem, fastmath):
        kernel = compiled(loop_source(problem), fastmath)
        return lambda samples, seed: kernel(np.random.Generator(np.random.SFC64(seed)), samples)

    def block_form(problem, fastmath):
        kernel = compiled(block_source(problem), fastmath)
        block = peers_serve.BLOCKS[0]
        draws = peers_arrays.Draws(problem, block)
        nothing = np.empty(0)

        def run(samples, seed):
            generator = np.random.Generator(np.random.SFC64(seed))
            total = squares = 0.0
            for _ in range(samples // block):
                weight = draws.fill(generator)
                first, second = kernel(*draws.arrays, nothing if weight is None else weight)
                total += first
                squares += second
            return total, squares
        return run

    class Peer:
        """See peers_serve."""

        VERSIONS = f"numba {numba.__version__}"

        @staticmethod
        def forms(problem):
            """All forms of a problem."""
            found = {"loop over arrays": block_form(problem, False),
                     "loop over arrays, fastmath": block_form(problem, True)}
            if all(one.drawn != "normal" for one in problem.inputs):
                found["one loop"] = loop_form(problem, False)
                found["one loop, fastmath"] = loop_form(problem, True)
            return found

    return Peer


if __name__ == "__main__":
    peers_serve.serve(load)
