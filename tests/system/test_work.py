"""What a worker's owner wishes of it: when it works, and how."""

import os
import subprocess
import sys
import time

import pytest
from running import JOBS, Manager, Undisturbed, oche, worker


def test_it_leaves_at_its_time_and_the_job_goes_on():
    job, samples = JOBS["costly"]
    samples *= 6  # some seconds of a core
    with Manager(*job, "--samples", str(samples)) as manager:
        leaves = time.strftime("%H:%M:%S", time.localtime(time.time() + 2))
        with worker(manager.place, "brief", "--until", leaves) as brief:
            manager.wait_accepted("brief")
            brief.wait_for("^the time is over$")
            brief.ends_with(0)
            manager.wait_for("^worker brief left: .*its time is over")
            with worker(manager.place, "steady"):
                answer = manager.json()
    assert answer["digest"] == Undisturbed().digest("costly", samples)


def test_it_comes_to_an_end_at_its_time_though_nobody_was_ever_there_to_lend():
    with Manager("pi", "--samples", "1e6", "--wait", "2") as manager:
        leaves = time.strftime("%H:%M:%S", time.localtime(time.time() + 2))
        with worker(manager.place, "early", "--until", leaves) as early:
            early.ends_with(0)


def test_it_waits_while_the_computer_is_in_use():
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        with Manager("pi", "--samples", "1e6") as manager:
            with worker(manager.place, "idle", "--when-idle", "--idle-after", "2s") as idle:
                idle.wait_for("^waiting until this computer is idle$")
                # Looks come once a second, and it would be idle after the third.
                looks_before = voluntary_switches(idle)
                while voluntary_switches(idle) < looks_before + 100:
                    pass
                assert "connected" not in idle.err
                idle.interrupt()
                idle.ends_with(130)
            with worker(manager.place, "other"):
                manager.json()
    finally:
        busy.kill()
        busy.wait()


def voluntary_switches(running):
    """How often it has waited: at least 20 times a second."""
    with open(f"/proc/{running.process.pid}/status", encoding="ascii") as file:
        return int(file.read().partition("nonvoluntary")[0].rpartition("voluntary_ctxt_switches:")[2])


def test_a_nice_worker_comes_last():
    with Manager("pi", "--samples", "3e8") as manager:
        with worker(manager.place, "nice", "--nice") as nice:
            manager.wait_accepted("nice")
            threads = os.listdir(f"/proc/{nice.process.pid}/task")
            assert len(threads) >= 2
            for thread in threads:
                assert os.getpriority(os.PRIO_PROCESS, int(thread)) == 19
            manager.json()


@pytest.mark.parametrize("options, why", [
    (["--until", "noon"], "--until noon is not a time of day"),
    (["--until", "24:00"], "is not a time of day"),
    (["--idle-after", "5s"], "--idle-after without --when-idle"),
    (["--when-idle", "--idle-after", "soon"], "--idle-after soon is not a time"),
    (["--text", "--until", "18:00"], "--until"),
])
def test_wrong_wishes_are_refused(options, why):
    ended = oche("work", "127.0.0.1:1", *options)
    assert ended.code == 2
    assert why in ended.err
