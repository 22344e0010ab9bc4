"""numexpr: compiled for its own virtual machine, over arrays that NumPy's generators fill.

Forms: those of NumPy. One thread a process (NUMEXPR_NUM_THREADS); sums are NumPy's, which are
faster than numexpr's.
"""

import peers_serve
import peers_syntax


def load():
    """The peer, or ImportError."""
    import numexpr
    import peers_arrays

    class Peer:
        """See peers_serve."""

        VERSIONS = f"numexpr {numexpr.__version__}"

        @staticmethod
        def forms(problem):
            """All forms of a problem."""
            names = problem.names
            compiled = numexpr.NumExpr(problem.value(peers_syntax.NUMEXPR),
                                       [(name, numexpr.necompiler.double) for name in names])
            return peers_arrays.block_runs(problem, lambda arrays: lambda: compiled(*arrays))

    return Peer


if __name__ == "__main__":
    peers_serve.serve(load)
