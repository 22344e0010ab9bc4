"""muParser in its bulk mode, through its C interface, over arrays that NumPy's generators fill.

Forms: those of NumPy. One thread a process (OMP_NUM_THREADS). Python costs nothing that shows: a
call evaluates thousands of samples.
"""

import ctypes

import peers_serve
import peers_syntax

HANDLE = ctypes.c_void_p
DOUBLES = ctypes.POINTER(ctypes.c_double)
OF_DOUBLES = 0  # what mupCreate takes for a parser of doubles


def library():
    """The shared library with its types, or OSError."""
    found = ctypes.CDLL("libmuparser.so.2")
    for name, result, arguments in (
            ("mupCreate", HANDLE, [ctypes.c_int]), ("mupSetExpr", None, [HANDLE, ctypes.c_char_p]),
            ("mupDefineBulkVar", None, [HANDLE, ctypes.c_char_p, DOUBLES]),
            ("mupEvalBulk", None, [HANDLE, DOUBLES, ctypes.c_int]),
            ("mupError", ctypes.c_int, [HANDLE]), ("mupGetErrorMsg", ctypes.c_char_p, [HANDLE]),
            ("mupGetVersion", ctypes.c_char_p, [HANDLE])):
        entry = getattr(found, name)
        entry.restype, entry.argtypes = result, arguments
    return found


def load():
    """The peer, or ImportError or OSError."""
    import numpy as np
    import peers_arrays

    mup = library()

    def evaluator(problem, arrays):
        parser = mup.mupCreate(OF_DOUBLES)
        values = np.empty(arrays[0].size)
        target = values.ctypes.data_as(DOUBLES)
        for name, array in zip(problem.names, arrays):
            mup.mupDefineBulkVar(parser, name.encode(), array.ctypes.data_as(DOUBLES))
        mup.mupSetExpr(parser, problem.value(peers_syntax.MUPARSER).encode())

        def evaluate():
            mup.mupEvalBulk(parser, target, values.size)
            return values

        evaluate()
        if mup.mupError(parser):
            raise peers_syntax.Untranslated(mup.mupGetErrorMsg(parser).decode())
        return evaluate

    class Peer:
        """See peers_serve."""

        VERSIONS = "muParser " + mup.mupGetVersion(mup.mupCreate(OF_DOUBLES)).decode().split()[0]

        @staticmethod
        def forms(problem):
            """All forms of a problem."""
            return peers_arrays.block_runs(problem, lambda arrays: evaluator(problem, arrays))

    return Peer


if __name__ == "__main__":
    peers_serve.serve(load)
