"""The faults of test_workers.py and test_offsets.py, for as long as the real ones last."""

import random
import signal
import time

from line import DOWN, UP, Line, pause
from running import crew_of
from scene import Scene, Sent
from test_offsets import break_lines_with_keys

KILLS = 60  # one a second
HOLE = 30  # seconds


def test_a_random_worker_is_killed_every_second(undisturbed):
    """One job after the other runs meanwhile; each has the right bits, and all the killed contributed."""
    chance = random.Random(1)
    jobs = ("pi", "costly", "stratified", "distribution", "data")
    with Scene(undisturbed) as scene:
        host, alive, sent, killed = scene.host, {}, [], []
        for number in range(4):
            alive[f"w{number}"] = scene.worker(f"w{number}")
        begun = time.monotonic()
        for number in range(4, 4 + KILLS):
            while host.err.count(" is done, ") + 2 > len(sent):
                sent.append(Sent(undisturbed, host, jobs[len(sent) % len(jobs)], times=4))
            victim = chance.choice(sorted(alive))
            host.wait_computed(victim)
            pause(begun + number - 3 - time.monotonic())
            alive.pop(victim).signal(signal.SIGKILL)
            killed.append(victim)
            left = scene.wait_left(victim)
            alive[f"w{number}"] = scene.worker(f"w{number}")
        sent.append(Sent(undisturbed, host, "costly"))
        host.wait_for(r"^worker w\d+: chunks \S+ of job \d+ accepted", after=left)
        contributed = set()
        for one in sent:
            contributed.update(name for name, chunks in crew_of(one.ends_well()).items() if chunks > 0)
        assert contributed.issuperset(killed)


def test_a_line_is_dead_for_30_seconds(undisturbed):
    with Scene(undisturbed) as scene, Line(scene.place) as line:
        a = scene.worker("a", line.address)
        scene.begin("a")
        line.kill(UP, DOWN)
        pause(HOLE)
        assert a.process.poll() is None, "it goes on dialling"
        lost = scene.wait_left("a", "the peer was silent")
        line.heal()
        scene.host.wait_computed("a", after=lost)
        scene.ends_well("a")


def test_a_line_with_keys_breaks_after_each_byte(undisturbed):
    break_lines_with_keys(undisturbed, 1)
