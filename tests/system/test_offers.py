"""What a worker has computed outlives its line: it is kept until the manager has answered, and offered in the next
session."""

import os

import pytest
from frames import (ACCEPTED, JOB, LEASE, OFFER, PLAN, RESULT, VERDICT_ACCEPTED, Manager, Relay, frame, get, put,
                    worker)
from running import JOBS, Undisturbed
from test_hostile_manager import false_manager, genuine

SLOW = ("estimate", "sum(i=1..300000, sin(x*i))", "x=0..1")  # some tenths of a second a chunk


@pytest.fixture(scope="module")
def said():
    return genuine("pi")


@pytest.fixture(scope="module")
def said_slow():
    return genuine(*SLOW)


def begin(peer, said):
    peer.send(frame(JOB, said[JOB]))
    peer.send(frame(PLAN, said[PLAN]))


def lend(peer, said, lease, index):
    fields = put(put(said[LEASE], 1, lease), 5, index)
    peer.send(frame(LEASE, put(put(fields, 4, 0), 6, 0)))


def accept(peer, result):
    peer.send(frame(ACCEPTED, [(1, get(result, 1)), (2, VERDICT_ACCEPTED)]))


def processor_time(running):
    """Seconds that the process has computed."""
    with open(f"/proc/{running.process.pid}/stat", encoding="ascii") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def next_of(peer, *kinds):
    """The next frame of those types, with its type."""
    while (received := peer.receive_frame()) is not None:
        if received[0] in kinds:
            return received
    raise AssertionError("the connection ended")


def test_a_result_without_an_answer_is_offered_and_not_computed_again(said):
    with false_manager() as (manager, _):
        with manager.shake_hands() as peer:
            begin(peer, said)
            lend(peer, said, 1, 3)
            lend(peer, said, 2, 4)
            results = sorted((peer.receive(RESULT) for _ in range(2)), key=lambda r: get(r, 1))
            accept(peer, results[0])
            peer.reset()
        with manager.shake_hands() as peer:
            begin(peer, said)
            offer = peer.receive(OFFER)
            lease = said[LEASE]
            assert [get(offer, n) for n in (1, 2, 3, 4)] == [get(lease, 2), get(lease, 3), 0, 4]
            lend(peer, said, 1, 4)
            again = peer.receive(RESULT)
            # Its time of computing is the same to the nanosecond.
            assert again == put(results[1], 1, 1)
            peer.reset()
        with manager.shake_hands() as peer:
            begin(peer, said)
            assert get(peer.receive(OFFER), 4) == 4, "still without an answer"
            lend(peer, said, 9, 4)
            accept(peer, peer.receive(RESULT))
            lend(peer, said, 10, 5)
            accept(peer, peer.receive(RESULT))
            peer.reset()
        with manager.shake_hands() as peer:
            begin(peer, said)
            lend(peer, said, 1, 6)
            kind, _ = next_of(peer, OFFER, RESULT)
            assert kind == RESULT, "there is nothing left to offer"


def test_what_was_being_computed_is_ended_and_offered(said_slow):
    with false_manager() as (manager, honest):
        with manager.shake_hands() as peer:
            begin(peer, said_slow)
            lend(peer, said_slow, 1, 0)
            lend(peer, said_slow, 2, 1)
            accept(peer, peer.receive(RESULT))
            # The worker has one core: now it is with the other, or soon.
            computed = processor_time(honest)
            while processor_time(honest) < computed + 0.05:
                pass
            peer.reset()
        with manager.shake_hands() as peer:
            begin(peer, said_slow)
            assert get(peer.receive(OFFER), 4) == 1
            lend(peer, said_slow, 1, 1)
            result = peer.receive(RESULT)
            assert (get(result, 1), get(result, 5)) == (1, 1)


def test_another_job_is_offered_nothing_and_waits_for_nothing(said, said_slow):
    with false_manager() as (manager, _):
        with manager.shake_hands() as peer:
            begin(peer, said)
            lend(peer, said, 1, 3)
            peer.receive(RESULT)
            peer.reset()
        with manager.shake_hands() as peer:
            begin(peer, said_slow)
            lend(peer, said_slow, 1, 0)
            kind, _ = next_of(peer, OFFER, RESULT)
            assert kind == RESULT


def test_little_is_computed_twice_though_the_line_is_lost_again_and_again():
    """A manager of ours: the line of its only worker breaks at every fifth result, before it arrives. Twice it
    computes but its first leases in each session, of a chunk each, lent before it can offer what it has."""
    job, samples = JOBS["costly"]
    results, cuts = [], []

    def cut_at_times(kind, payload):
        if kind == RESULT:
            results.append(payload)
            if len(results) % 5 == 0:
                cuts.append(True)
                relay.cut()
                return b""
        return frame(kind, payload)

    with Manager(*job, "--samples", str(samples)) as manager, Relay(manager.place, cut_at_times) as relay:
        with worker(relay.address, "only"):
            answer = manager.json()
    assert answer["digest"] == Undisturbed().digest("costly", samples)
    assert len(cuts) >= 2
    assert sum(member["leases_lost"] for member in answer["crew"]) >= len(cuts)
    assert all(member["repeats"] <= 2 for member in answer["crew"]), answer["crew"]
    assert sum(member["chunks"] > 2 for member in answer["crew"]) >= 2, "of what was offered, too"
