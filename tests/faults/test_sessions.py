"""Peers that have joined a host and then mean ill: lengths, floods and lies; honest work goes on.

test_hostile_workers.py and test_hostile_clients.py have more of what single frames may say.
"""

import signal
import struct
import threading

import pytest
from frames import (ACCEPTED, CANCEL, GOODBYE, HEARTBEAT, HELLO, JOB_LIST, JOB_REFUSED, LEASE, LIST_JOBS,
                    PROTOCOL_ERROR, RESULT, SUBMIT, SUBMIT_DATA, VERDICT_REJECTED, WELCOME, Peer, Relay, encode, frame,
                    get, hello, lie_once)
from running import SLOWNESS, crew_of, result
from scene import Scene, resident
from strangers import read_all
from test_hostile_workers import LIES

WORK, ESTIMATE, TALK, SEND = 1, 2, 3, 4
TALK_JOIN, MESSAGE_BEGIN, MESSAGE_PIECE, CREDIT, SEND_TO, RECEIVE_AS = 32, 40, 41, 44, 50, 51
FRAMES = 1_000_000 // SLOWNESS


@pytest.fixture(scope="module", name="numerics")
def numerics_of_this_program():
    return result("pi", "--samples", "1000")["numerics"]


@pytest.fixture(name="scene")
def honest_work(undisturbed):
    """An honest worker in the middle of a job; after the test it does some more, and the digest is right."""
    with Scene(undisturbed, "--insecure") as it:
        it.honest = it.worker("honest")
        it.begin("honest")
        it.honest.signal(signal.SIGSTOP)
        yield it
        after = it.host.mark()
        it.honest.signal(signal.SIGCONT)
        it.host.wait_computed("honest", after=after)
        it.answer = it.ends_well("honest")
        assert crew_of(it.answer).get("mallory", 0) == 0


def join(scene, numerics, service, name="mallory"):
    peer = Peer.dial(scene.place)
    peer.send(hello(numerics, role=1 if service == WORK else 2, service=service, slots=int(service == WORK),
                    name=name))
    peer.receive(WELCOME)
    return peer


# ---- Lengths, in each state of a session ----

# What has been said before, and the types whose length is a lie there. A length is of type and payload.
STATES = {
    "work": (WORK, b"", (RESULT, JOB_REFUSED, HEARTBEAT, GOODBYE)),
    "estimate": (ESTIMATE, b"", (SUBMIT, SUBMIT_DATA, HEARTBEAT)),
    "estimate with data on the way": (
        ESTIMATE, frame(SUBMIT, [(1, "method plain\nseed 1\nestimate x, x=0..1\n"), (2, 8_000_000),
                                 (3, encode([(3, 1000)]))]), (SUBMIT_DATA,)),
    "talk": (TALK, b"", (TALK_JOIN, CREDIT)),
    "talk in a ring": (TALK, frame(TALK_JOIN, [(2, 2), (3, b"lab")]), (MESSAGE_BEGIN, MESSAGE_PIECE, CREDIT)),
    "send": (SEND, b"", (SEND_TO, RECEIVE_AS)),
    "waiting for a message": (SEND, frame(RECEIVE_AS, [(1, b"mallory")]), (MESSAGE_PIECE, CREDIT)),
}
LENGTHS = (2**32 - 1, 2**31, 16 * 2**20, 2**20 + 2)


@pytest.mark.parametrize("state", STATES)
def test_a_length_in_a_session_ends_it_and_costs_nothing(scene, numerics, state):
    service, said, kinds = STATES[state]
    with join(scene, numerics, service) as peer:  # what the first of all costs once
        peer.send(said)
    before = resident(scene.host.process.pid)
    for kind in kinds:
        for length in LENGTHS:
            with join(scene, numerics, service) as peer:
                peer.send(said + struct.pack("<IB", length, kind))
                (_, fields) = [one for one in peer.read_to_end() if one[0] == GOODBYE][-1]
                assert get(fields, 1) == PROTOCOL_ERROR
                assert str(length) in get(fields, 2).decode()
    assert resident(scene.host.process.pid) - before < 4 * 2**20


def test_a_length_before_the_hello_ends_the_connection(scene):
    for length in (*LENGTHS, 4097):
        with Peer.dial(scene.place) as peer:
            peer.send(struct.pack("<IB", length, HELLO))
            peer.read_to_end()
        scene.host.wait_for(rf"came to nothing: .*{length}")


def test_thousands_of_half_frames_are_held_only_as_far_as_they_came(scene, numerics):
    """Each claims a megabyte, which is allowed, and sends a byte of it."""
    before = resident(scene.host.process.pid)
    peers = [join(scene, numerics, ESTIMATE) for _ in range(500)]
    try:
        for peer in peers:
            peer.send(struct.pack("<IB", 2**19, SUBMIT_DATA) + b"x")
        with join(scene, numerics, ESTIMATE, "last") as last:
            last.send(frame(LIST_JOBS))
            last.receive(JOB_LIST)
        assert resident(scene.host.process.pid) - before < 500 * 32 * 1024
    finally:
        for peer in peers:
            peer.socket.close()


# ---- Floods ----

FLOODS = {
    "heartbeats": (WORK, frame(HEARTBEAT)),
    "refusals of no job": (WORK, frame(JOB_REFUSED)),
    "results of no lease": (WORK, frame(RESULT)),
    "heartbeats of a client": (ESTIMATE, frame(HEARTBEAT)),
    "cancellations of no job": (ESTIMATE, frame(CANCEL)),
    "heartbeats of a talker": (TALK, frame(HEARTBEAT)),
}


@pytest.mark.parametrize("what", FLOODS)
def test_a_million_tiny_frames_hold_nobody_up(scene, numerics, what):
    """Of a worker; a tenth of that of others, who are answered at length."""
    service, one = FLOODS[what]
    before = resident(scene.host.process.pid)
    with join(scene, numerics, service) as peer:
        answers = threading.Thread(target=read_all, args=(peer.socket,))
        answers.start()
        begun = scene.host.mark()
        scene.honest.signal(signal.SIGCONT)
        try:
            for part in range(10):
                peer.send(one * (FRAMES // (10 if service == WORK else 100)))
                if part == 4:  # in the middle of it
                    scene.host.wait_computed("honest", after=begun)
                    scene.honest.signal(signal.SIGSTOP)
            peer.send(frame(GOODBYE, [(1, 2), (2, "enough")]))
        finally:
            answers.join()
    if service == WORK:
        scene.wait_left("mallory", ".*enough")
    assert resident(scene.host.process.pid) - before < 64 * 2**20


def test_who_floods_and_never_reads_is_given_up(scene, numerics):
    with join(scene, numerics, WORK) as peer:
        try:
            while True:
                peer.send(frame(RESULT) * 100_000)
        except (ConnectionError, TimeoutError):
            pass
    scene.wait_left("mallory", ".*(took no bytes|reads too slowly)")


# ---- Lies about chunks ----

SOME_LIES = ("a NaN mean", "a sample too few", "a sample too many", "a negative variance", "another node",
             "a lease of nobody", "another job's fingerprint", "no tally")


@pytest.mark.parametrize("lie", SOME_LIES)
def test_a_liar_at_a_host_is_turned_away(scene, lie):
    with Relay(scene.place, lie_once(LIES[lie])) as relay, scene.worker("liar", relay.address) as liar:
        scene.wait_left("liar", "a result was rejected: ")
        liar.fails(3, "a result was rejected")


def test_a_right_chunk_twice_counts_once(undisturbed):
    sent = []

    def twice(kind, payload):
        if kind != RESULT or sent:
            return frame(kind, payload)
        sent.append(payload)
        return 2 * frame(kind, payload)

    with Scene(undisturbed, "--insecure") as scene, Relay(scene.place, twice) as relay:
        scene.worker("stammers", relay.address)
        scene.begin("stammers")
        answer = scene.ends_well("stammers")
    with Scene(undisturbed, "--insecure") as scene:
        scene.worker("honest")
        scene.begin("honest")
        assert crew_of(scene.ends_well())["honest"] == crew_of(answer)["stammers"]


def test_a_chunk_that_it_never_had_is_rejected(scene, numerics):
    with join(scene, numerics, WORK) as liar:
        lease = liar.receive(LEASE)
        liar.send(frame(RESULT, [(1, get(lease, 1)), (2, get(lease, 2)), (4, get(lease, 4)), (5, get(lease, 5) + 1000),
                                 (6, encode([(1, encode([(2, 256), (3, 0.5), (4, 1.0), (5, 0.0), (6, 1.0)]))]))]))
        verdicts = [get(fields, 2) for kind, fields in liar.read_to_end() if kind == ACCEPTED]
    assert verdicts == [VERDICT_REJECTED]
    scene.wait_left("mallory", "a result was rejected: ")
