"""Uncertainty propagation by NumPy or OpenTURNS: mean, standard deviation and three quantiles of
a*exp(-b*t)+c, with a~normal(5,0.1), b~uniform(1,2), t=3, c~normal(0,0.2).

Usage: peers_propagation.py NumPy|OpenTURNS    (the protocol of peers_serve; a run's answer goes on
with the standard deviation and the quantiles)
or: peers_propagation.py script SAMPLES SEED     (one run of NumPy's plain form as a whole process)

NumPy's forms: its generators SFC64 and PCG64, and arrays of 8192, 65536 or a million, drawn and
combined in place while they are in the cache, the values kept for np.quantile, which may reorder them;
and the plain form, which is what the formula looks like in NumPy: every array whole.
OpenTURNS' forms: a SymbolicFunction with its own statistics, on samples of 16384 that are put together
or on the whole; and a PythonFunction on samples of 16384, with NumPy's statistics.
"""

import math
import sys
import time

import peers_serve

PROBABILITIES = (0.025, 0.5, 0.975)
T = 3.0
TRIAL_SAMPLES = 1_000_000
PLAIN = "SFC64, plain"


def plain(samples, seed):
    """The formula as it is written in NumPy: sum, sum of squares, quantiles."""
    import numpy as np
    source = np.random.Generator(np.random.SFC64(seed))
    a = source.normal(5.0, 0.1, samples)
    b = source.uniform(1.0, 2.0, samples)
    c = source.normal(0.0, 0.2, samples)
    y = a * np.exp(-b * T) + c
    mean, deviation = y.mean(), y.std()
    return mean * samples, (deviation**2 + mean**2) * samples, np.quantile(y, PROBABILITIES)


def by_numpy():
    """NumPy's forms."""
    import numpy as np
    import peers_arrays

    def form(generator, block):
        a, b, c = np.empty(block), np.empty(block), np.empty(block)
        kept = np.empty(0)

        def values(source):
            source.standard_normal(out=a)
            source.random(out=b)
            source.standard_normal(out=c)
            np.multiply(a, 0.1, out=a)
            np.add(a, 5.0, out=a)
            np.multiply(b, -T, out=b)
            np.subtract(b, T, out=b)
            np.exp(b, out=b)
            np.multiply(a, b, out=a)
            np.multiply(c, 0.2, out=c)
            return np.add(a, c, out=a)

        def run(samples, seed):
            nonlocal kept
            if kept.size != samples:
                kept = np.empty(samples)
            source = np.random.Generator(generator(seed))
            total = squares = 0.0
            for begin in range(0, samples, block):
                some = values(source)[:samples - begin]
                kept[begin:begin + block] = some
                total += some.sum()
                squares += some.dot(some)
            return total, squares, np.quantile(kept, PROBABILITIES, overwrite_input=True)
        return run

    class Peer:
        """See peers_serve."""

        VERSIONS = peers_arrays.VERSIONS

        @staticmethod
        def forms():
            """All forms."""
            return {f"{name}, {block} at a time": form(generator, block)
                    for name, generator in peers_arrays.GENERATORS.items()
                    for block in (8192, 65536, 1_000_000)} | {PLAIN: plain}

    return Peer


def by_openturns():
    """OpenTURNS' forms."""
    import numpy as np
    import openturns as ot

    ot.TBB.Disable()
    ot.Log.Show(ot.Log.NONE)
    inputs = ot.ComposedDistribution([ot.Normal(5.0, 0.1), ot.Uniform(1.0, 2.0), ot.Normal(0.0, 0.2)])
    symbolic = ot.SymbolicFunction(["a", "b", "c"], [f"a*exp(-b*{T})+c"])

    def vectorized(sample):
        a, b, c = np.asarray(sample).T
        return (a * np.exp(-T * b) + c).reshape(-1, 1)

    python = ot.PythonFunction(3, 1, func_sample=vectorized)

    def own_statistics(samples, seed, block):
        ot.RandomGenerator.SetSeed(seed)
        values = ot.Sample(0, 1)
        for begin in range(0, samples, block):
            values.add(symbolic(inputs.getSample(min(block, samples - begin))))
        mean, deviation = values.computeMean()[0], values.computeStandardDeviation()[0]
        return mean * samples, (deviation**2 + mean**2) * samples, [
            values.computeQuantile(p)[0] for p in PROBABILITIES]

    def numpy_statistics(samples, seed, block=16384):
        ot.RandomGenerator.SetSeed(seed)
        values = np.empty(samples)
        for begin in range(0, samples, block):
            size = min(block, samples - begin)
            values[begin:begin + size] = np.asarray(python(inputs.getSample(size))).ravel()
        return values.sum(), values.dot(values), np.quantile(values, PROBABILITIES, overwrite_input=True)

    class Peer:
        """See peers_serve."""

        VERSIONS = f"OpenTURNS {ot.__version__}"

        @staticmethod
        def forms():
            """All forms."""
            return {"symbolic, 16384 at a time": lambda n, seed: own_statistics(n, seed, 16384),
                    "symbolic, one sample": lambda n, seed: own_statistics(n, seed, n),
                    "Python, 16384 at a time, NumPy's statistics": numpy_statistics}

    return Peer


def trial(run):
    """Seconds of a form, the second time."""
    run(TRIAL_SAMPLES, 1)
    begin = time.perf_counter()
    run(TRIAL_SAMPLES, 2)
    return time.perf_counter() - begin


class Server(peers_serve.Server):
    """The one problem of this page in place of a list."""

    def prepare(self, index, wanted):
        forms = self.peer.forms()
        label = wanted or self.fastest(forms)
        self.taken[index] = forms[label]
        return f"form {label}"

    def fastest(self, forms):
        return next(iter(forms)) if self.quick else min(forms, key=lambda one: trial(forms[one]))

    def run(self, index, samples, seed):
        return answer(samples, *self.taken[index](samples, seed))


def answer(samples, total, squares, quantiles):
    """Mean, its standard error, standard deviation and quantiles as a line."""
    mean = total / samples
    variance = squares / samples - mean * mean
    return " ".join(repr(float(one)) for one in (mean, math.sqrt(variance / samples), math.sqrt(variance),
                                                 *quantiles))


if __name__ == "__main__":
    if sys.argv[1] == "script":
        print(answer(int(sys.argv[2]), *plain(int(sys.argv[2]), int(sys.argv[3]))))
        sys.exit()
    peers_serve.serve({"numpy": by_numpy, "openturns": by_openturns}[sys.argv[1].lower()], Server)
