"""OpenTURNS: a sample of the inputs' joint distribution, a function over it, mean and deviation.

Forms: a SymbolicFunction (ExprTk), and a PythonFunction over whole samples by NumPy; several sizes of
the sample. One thread a process. The sums are taken by NumPy, which is faster than the Sample's own.
"""

import peers_serve
import peers_syntax


def load():
    """The peer, or ImportError."""
    import numpy as np
    import openturns as ot
    import peers_arrays

    ot.TBB.Disable()
    ot.Log.Show(ot.Log.NONE)

    def distribution(problem):
        return ot.ComposedDistribution([
            ot.Normal(one.first, one.second) if one.drawn == "normal" else ot.Uniform(one.first, one.second)
            for one in problem.inputs])

    def symbolic(problem):
        names = {one.name: f"({peers_syntax.write(one.point, peers_syntax.EXPRTK, {'u': one.name})})"
                 for one in problem.mapped}
        text = peers_syntax.write(problem.tree, peers_syntax.EXPRTK, names)
        for one in problem.mapped:
            text += "*" + peers_syntax.write(one.weight, peers_syntax.EXPRTK, {"u": one.name})
        return ot.SymbolicFunction(problem.names, [text])

    def vectorized(problem):
        points, value = problem.lines(peers_syntax.NUMPY)
        arguments = ["u_" + one.name if one.drawn == "map" else one.name for one in problem.inputs]
        known = {"np": np, "whole_power": peers_arrays.whole_power}
        lets = "".join(f"    {name} = {text}\n" for name, text in points)
        exec(f"def call({', '.join(arguments)}):\n{lets}    return {value}\n", known)

        def values(sample):
            return known["call"](*np.asarray(sample).T).astype(float).reshape(-1, 1)
        return ot.PythonFunction(len(arguments), 1, func_sample=values)

    def form(problem, function, block):
        inputs = distribution(problem)

        def run(samples, seed):
            ot.RandomGenerator.SetSeed(seed)
            total = squares = 0.0
            for _ in range(samples // block):
                values = np.asarray(function(inputs.getSample(block))).ravel()
                total += values.sum()
                squares += values.dot(values)
            return float(total), float(squares)
        return run

    class Peer:
        """See peers_serve."""

        VERSIONS = f"OpenTURNS {ot.__version__}"

        @staticmethod
        def forms(problem):
            """All forms of a problem."""
            kinds = {"symbolic": symbolic(problem), "Python": vectorized(problem)}
            return {f"{kind}, {block} at a time": form(problem, function, block)
                    for kind, function in kinds.items() for block in (4096,) + peers_serve.BLOCKS[1:]}

    return Peer


if __name__ == "__main__":
    peers_serve.serve(load)
