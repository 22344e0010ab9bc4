"""Arrays that NumPy draws and adds up, as many samples at a time as stay in the cache: for NumPy
itself, and for the peers that evaluate but don't draw.

Forms: NumPy's two fastest generators, SFC64 and PCG64, and several lengths of the arrays. The numbers
are drawn into arrays that are there already; squares are products, and counts aren't sums.
"""

import numpy as np

import peers_serve
import peers_syntax

VERSIONS = f"NumPy {np.__version__}"
GENERATORS = {"SFC64": np.random.SFC64, "PCG64": np.random.PCG64}


def whole_power(base, exponent):
    """base**exponent for a whole exponent above 1; np.power is far slower."""
    result = base * base
    for _ in range(exponent - 2):
        result = result * base
    return result


def function(problem, language=peers_syntax.NUMPY):
    """The integrand as a function of the inputs' arrays, in order."""
    source = f"lambda {', '.join(problem.names)}: {problem.value(language)}"
    return eval(source, {"np": np, "whole_power": whole_power})


class Draws:
    """One array for each input, filled again and again; and the product of the weights that infinite
    ranges give, or None."""

    def __init__(self, problem, block):
        self.arrays = [np.empty(block) for _ in problem.inputs]
        self._inputs = problem.inputs
        self._unit = np.empty(block)
        known = {"whole_power": whole_power}
        self._maps = [one.drawn == "map" and tuple(
            eval("lambda u: " + peers_syntax.write(tree, peers_syntax.NUMPY), known)
            for tree in (one.point, one.weight)) for one in problem.inputs]

    def fill(self, generator):
        """Draws all arrays; returns the weight."""
        weight = None
        for one, array, maps in zip(self._inputs, self.arrays, self._maps):
            if maps:
                unit = generator.random(out=self._unit)
                array[:] = maps[0](unit)
                factor = maps[1](unit)
                weight = factor if weight is None else weight * factor
            elif one.drawn == "normal":
                generator.standard_normal(out=array)
                _affine(array, one.first, one.second)
            else:
                generator.random(out=array)
                _affine(array, one.first, one.second - one.first)
        return weight


def _affine(array, shift, scale):
    if scale != 1:
        array *= scale
    if shift != 0:
        array += shift


def sums(problem, values, weight):
    """The sum of a block of the integrand, and the sum of its squares."""
    if problem.counts:
        hits = np.count_nonzero(values)
        return hits, hits
    if weight is not None:
        values = values * weight
    return values.sum(), values.dot(values)


def block_runs(problem, evaluate_for):
    """A form for each generator and length. evaluate_for(arrays) returns what evaluates a block."""
    def form(generator, block):
        draws = Draws(problem, block)
        evaluate = evaluate_for(draws.arrays)

        def run(samples, seed):
            source = np.random.Generator(generator(seed))
            total = squares = 0.0
            for _ in range(samples // block):
                weight = draws.fill(source)
                first, second = sums(problem, evaluate(), weight)
                total += first
                squares += second
            return float(total), float(squares)
        return run

    return {f"{name}, {block} at a time": form(generator, block)
            for name, generator in GENERATORS.items() for block in peers_serve.BLOCKS}
