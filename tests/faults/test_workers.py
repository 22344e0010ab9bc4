"""Workers of a host that are killed, stopped, starved, and whose lines are bad: the job goes on, and its
digest is that of an undisturbed run."""

import random
import resource
import signal

import pytest
from line import DOWN, UP, Line
from running import SLOWNESS, crew_of
from scene import Scene, config


def test_workers_are_killed_at_random(undisturbed):
    """All but one are held still, so that the job isn't over before the last is dead."""
    chance = random.Random(1)
    with Scene(undisturbed, times=2) as scene:
        alive = {f"w{i}": scene.worker(f"w{i}") for i in range(4)}
        scene.begin(*alive)
        for program in alive.values():
            program.signal(signal.SIGSTOP)
        killed = []
        for i in range(4, 12):
            victim = chance.choice(sorted(alive))
            program = alive.pop(victim)
            before = scene.host.mark()
            program.signal(signal.SIGCONT)
            scene.host.wait_computed(victim, after=before)
            program.signal(signal.SIGKILL)
            killed.append(victim)
            last = scene.wait_left(victim, after=before)
            alive[f"w{i}"] = scene.worker(f"w{i}")
            scene.host.wait_computed(f"w{i}", after=last)
            alive[f"w{i}"].signal(signal.SIGSTOP)
        before = scene.host.mark()
        for program in alive.values():
            program.signal(signal.SIGCONT)
        scene.host.wait_for(r"^worker w\d+: chunks \S+ of job 1 accepted", after=before)
        scene.ends_well(*killed, *alive)


def test_a_worker_is_stopped_past_its_lease_and_goes_on(undisturbed, tmp_path):
    with Scene(undisturbed, *config(tmp_path, lease="300ms")) as scene:
        a, b = scene.worker("a"), scene.worker("b")
        scene.begin("a", "b")
        b.signal(signal.SIGSTOP)
        a.signal(signal.SIGSTOP)
        late = scene.host.wait_for(r"^worker b: lease of chunks (\d+\.\.\d+) of job 1 ran past its deadline$")
        stopped = scene.host.found_at
        b.signal(signal.SIGCONT)
        # With a held still, nobody else can have done it.
        scene.host.wait_for(rf"^worker b: chunks {late.group(1)} of job 1 accepted$", after=stopped)
        a.signal(signal.SIGCONT)
        scene.host.wait_computed("a", after=stopped)
        scene.ends_well("a", "b")


ENDINGS = {"interrupt": signal.SIGINT, "end": signal.SIGTERM, "hang up": signal.SIGHUP, "abort": signal.SIGABRT,
           "segmentation fault": signal.SIGSEGV}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_worker_ends(undisturbed, ending):
    with Scene(undisturbed) as scene:
        a, b = scene.worker("a"), scene.worker("b", preexec_fn=no_core_file)
        scene.begin("a", "b")
        a.signal(signal.SIGSTOP)  # so that the job can't be over before b is gone
        b.signal(ENDINGS[ending])
        gone = scene.wait_left("b")
        assert b.finish() != 0
        a.signal(signal.SIGCONT)
        scene.host.wait_computed("a", after=gone)
        scene.ends_well("a", "b")


def no_core_file():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@pytest.mark.skipif(SLOWNESS > 1, reason="the address sanitizer needs all addresses")
def test_a_worker_has_no_more_memory(undisturbed):
    with Scene(undisturbed) as scene:
        a, b = scene.worker("a"), scene.worker("b")
        scene.begin("a", "b")
        a.signal(signal.SIGSTOP)
        # From now on b gets none, and the next job needs some: tables, and a kernel of its own.
        resource.prlimit(b.process.pid, resource.RLIMIT_AS, (4096, 4096))
        other = scene.host.send("estimate", "+".join(f"y{i}" for i in range(200)),
                                *(f"y{i}~gamma(2.5,0.1)[0..{i + 5}]" for i in range(200)), "--samples", "1e4",
                                "--priority", "1")
        scene.host.wait_for("^worker b can't compute job 2: .*bad_alloc")
        refused = scene.host.found_at
        # For what it has begun its memory lasts.
        scene.host.wait_computed("b", after=refused)
        a.signal(signal.SIGCONT)
        crew = crew_of(scene.host.result(other))
        assert crew["a"] > 0 and crew["b"] == 0
        scene.host.wait_computed("a", after=refused)
        scene.ends_well("a", "b")


def test_lines_are_dead_for_a_while(undisturbed):
    """A black hole, and the loss of one way, all at once: nobody else can go on with the job."""
    with Scene(undisturbed, times=2) as scene, Line(scene.place) as line, Line(scene.place) as up, \
            Line(scene.place) as down:
        lines = {"both": (line, (UP, DOWN)), "up": (up, (UP,)), "down": (down, (DOWN,))}
        workers = {name: scene.worker(name, one.address) for name, (one, _) in lines.items()}
        scene.begin(*lines)
        for one, directions in lines.values():
            one.kill(*directions)
        # The end that hears nothing says so; the other then learns of it, or hears nothing either.
        for name in ("both", "up"):
            scene.wait_left(name, "the peer was silent for 6 s")
        for name in ("both", "down"):
            workers[name].wait_for("lost the manager: the peer was silent for 6 s")
        # One after the other, so that none can end the job before the next is back.
        for name, (one, _) in lines.items():
            lost = scene.wait_left(name) if name != "down" else 0
            one.heal()
            lost = lost or scene.wait_left(name)
            # Whoever dials before the host has given up the line of before gets another name.
            scene.host.wait_for(rf"^worker {name}(-2)?: chunks \S+ of job 1 accepted", after=lost)
            assert one.connections > 1
            workers[name].signal(signal.SIGSTOP)
        for program in workers.values():
            program.signal(signal.SIGCONT)
        scene.ends_well(*lines)


def test_a_line_is_dead_for_less_than_three_heartbeats(undisturbed):
    with Scene(undisturbed) as scene, Line(scene.place) as line:
        scene.worker("a", line.address)
        b = scene.worker("b")
        scene.begin("a", "b")
        b.signal(signal.SIGSTOP)  # so that the job can't be over before a is heard again
        line.kill(UP, DOWN)
        dead = scene.host.mark()
        b.signal(signal.SIGCONT)
        scene.host.wait_computed("b", after=dead)
        b.signal(signal.SIGSTOP)
        line.heal()
        scene.host.wait_computed("a", after=scene.host.mark())
        b.signal(signal.SIGCONT)
        scene.ends_well("a", "b")
        assert " left: " not in scene.host.err


def test_a_line_is_reset_again_and_again(undisturbed):
    with Scene(undisturbed) as scene, Line(scene.place) as line:
        scene.worker("a", line.address)
        scene.begin("a")
        left = 0
        for _ in range(5):
            line.cut()
            left = scene.wait_left("a", after=left)
            scene.host.wait_computed("a", after=left)
        assert line.connections == 6
        scene.ends_well("a")


def test_a_line_breaks_wherever_it_likes(undisturbed):
    """In the middle of a frame or a record: each connection carries so many bytes."""
    with Scene(undisturbed) as scene, Line(scene.place, cut_at=3000) as line:
        chance = random.Random(2)
        scene.worker("a", line.address)
        scene.begin("a")
        left = 0
        for _ in range(6):
            left = scene.wait_left("a", after=left)
            line.cut_at = 2000 + chance.randrange(1000)
        line.cut_at = None
        scene.host.wait_computed("a", after=left)
        scene.ends_well("a")


def test_a_line_carries_single_bytes(undisturbed):
    with Scene(undisturbed) as scene, Line(scene.place, crumbs=1) as line:
        scene.worker("a", line.address)
        scene.begin("a")
        answer = scene.ends_well("a")
        assert " left: " not in scene.host.err
    assert list(crew_of(answer)) == ["a"]


def test_a_line_takes_200_ms(undisturbed):
    with Scene(undisturbed, times=0.1) as scene, Line(scene.place, delay=0.1) as line:
        scene.worker("a", line.address)
        scene.begin("a")
        answer = scene.ends_well("a")
        assert " left: " not in scene.host.err
    assert list(crew_of(answer)) == ["a"]
