"""NumPy: whole arrays, drawn and evaluated as peers_arrays says."""

import peers_serve


def load():
    """The peer, or ImportError."""
    import peers_arrays

    class Peer:
        """See peers_serve."""

        VERSIONS = peers_arrays.VERSIONS

        @staticmethod
        def forms(problem):
            """All forms of a problem."""
            value = peers_arrays.function(problem)
            return peers_arrays.block_runs(problem, lambda arrays: lambda: value(*arrays))

    return Peer


if __name__ == "__main__":
    peers_serve.serve(load)
