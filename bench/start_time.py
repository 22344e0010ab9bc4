"""How long a whole process takes that has next to nothing to do: oche with one sample, beside
/bin/true, in turns."""

import os
import time

# One sample, one thread.
JOB = ["estimate", "1+0*x", "x=0..1", "--samples", "1"]


def _milliseconds(command, sink):
    """From before the process is made until it has ended, and of the processors' time."""
    actions = [(os.POSIX_SPAWN_DUP2, sink, 1), (os.POSIX_SPAWN_DUP2, sink, 2)]
    begin = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, used = os.wait4(process, 0)
    took = time.perf_counter() - begin
    # One sample has no error bar, so that a run may end with 1: it ran, and doesn't meet what was asked.
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with exit code {os.waitstatus_to_exitcode(status)}")
    return 1000 * took, 1000 * (used.ru_utime + used.ru_stime)


def measure(oche, times):
    """Of oche and of /bin/true: a list of pairs for each start, both as _milliseconds has them."""
    ours, nothing = [], []
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        for _ in range(times):
            ours.append(_milliseconds([oche, *JOB], sink))
            nothing.append(_milliseconds(["/bin/true"], sink))
    finally:
        os.close(sink)
    return ours, nothing
