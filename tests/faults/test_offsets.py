"""A worker dies, or its line breaks, after each byte of what it says: what was lent to it is lent again, and
a part of a result counts for nothing."""

import pytest
from frames import LEASE, RESULT, WELCOME, Peer, Relay, decode, frame, get, hello, put
from line import UP, Line
from running import crew_of, result
from scene import Scene

def captured_result(job):
    """The fields of a real worker's first result of that job, as bytes of a frame."""
    seen = []

    def keep(kind, payload):
        if kind == RESULT:
            seen.append(payload)
        return frame(kind, payload)

    with Scene(None, "--insecure", job=job) as scene, Relay(scene.place, keep) as relay:
        scene.worker("a", relay.address)
        scene.begin("a")
    return seen[0]


def join(scene, numerics, name):
    peer = Peer.dial(scene.place)
    peer.send(hello(numerics, name=name))
    peer.receive(WELCOME)
    return peer


@pytest.mark.parametrize("ending", ["end", "reset"])
@pytest.mark.parametrize("job", ["pi", "distribution"])
def test_a_worker_dies_after_each_byte_of_a_result(undisturbed, job, ending):
    """Of a long one, after each of the first and last bytes, and some in between."""
    fields = decode(captured_result(job))
    numerics = result("pi", "--samples", "1000")["numerics"]
    with Scene(undisturbed, "--insecure", job=job) as scene:
        scene.send()
        length = len(frame(RESULT, fields))
        middle = range(50, length - 50, 1 if length < 300 else length // 100)
        left = 0
        for offset in sorted({*range(min(50, length)), *middle, *range(max(0, length - 50), length)}):
            name = f"mortal{offset}"
            with join(scene, numerics, name) as peer:
                lease = peer.receive(LEASE)
                said = frame(RESULT, put(fields, 1, get(lease, 1)))
                assert len(said) == length, "as the lease's number has as many bytes"
                peer.send(said[:offset])
                if ending == "reset":
                    peer.reset()
            left = scene.wait_left(name, after=left)
        assert " accepted" not in scene.host.err
        scene.worker("survivor")
        scene.host.wait_computed("survivor", after=left)
        answer = scene.ends_well("survivor")
        assert sum(crew_of(answer).values()) == crew_of(answer)["survivor"]


FEW = 4


def break_lines_with_keys(undisturbed, stride):
    """From the first byte of the handshake to those of the first results."""
    with Scene(undisturbed) as scene, Line(scene.place) as line:
        scene.worker("a", line.address)
        scene.begin("a")
        most = line.passed[UP]
    offsets = list(range(0, most, stride))
    # Of one chunk that many die with, it is said that it is the chunk (test_deadly_chunks.py): a job for each few.
    with Scene(undisturbed, times=0.1) as scene:
        for first in range(0, len(offsets), FEW):
            scene.send()
            for offset in offsets[first:first + FEW]:
                before = scene.host.mark()
                with Line(scene.place, cut_at=offset, ending=("reset", "end")[offset // stride % 2]) as line:
                    with scene.worker(f"mortal{offset}", line.address):
                        scene.host.wait_for(rf"^worker mortal{offset} left: | came to nothing: ", after=before)
            with scene.worker(f"survivor{first}"):
                scene.ends_well(f"survivor{first}")


def test_a_line_with_keys_breaks_after_some_bytes(undisturbed):
    break_lines_with_keys(undisturbed, 17)
