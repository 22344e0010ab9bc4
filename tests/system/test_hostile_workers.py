"""Peers that don't keep to the protocol, against a real manager with an honest worker.

After each of them the manager lives, has said who did what, and ends with the digest of an
undisturbed run.
"""

import re
import struct

import pytest
from frames import (ACCEPTED, GOODBYE, HEARTBEAT, HELLO, JOB, JOB_REFUSED, LEASE, PLAN, REFUSAL,
                    RESULT, TURNED_AWAY, VERDICT_REJECTED, WELCOME, Peer, Relay, decode, encode,
                    frame, get, hello, lie_once, put, Manager, worker)
from running import SLOWNESS, check_contributed, crew_of, result

NUMERICS = result("pi", "--samples", "1")["numerics"]
SAMPLES = 200_000_000 // SLOWNESS
CHUNK = 16384  # samples of a chunk of pi
PI = ["pi", "--samples", str(SAMPLES)]
STRATIFIED = ["estimate", "exp(-x*y)*cos(z)", "x=0..1", "y=0..1", "z=0..2", "--method",
              "stratified", "--samples", "20000000"]


@pytest.fixture(scope="module")
def digest():
    """Of the undisturbed run of those arguments."""
    known = {}

    def of(*arguments):
        if arguments not in known:
            known[arguments] = result(*arguments)["digest"]
        return known[arguments]

    return of


# ---- Strangers, during the handshake ----

class HonestRun:
    """A manager without end and one honest worker at work, to be disturbed and then ended."""

    def __init__(self, digest):
        self.digest = digest

    def __enter__(self):
        self.manager = Manager("pi", "--samples", "1e15", "--wait", "1").__enter__()
        # Few samples in the time that the test takes: all are computed again, by the best code.
        self.worker = worker(self.manager.place, "honest", "--simd", "portable").__enter__()
        self.manager.wait_accepted("honest")
        return self

    def __exit__(self, *_):
        self.worker.__exit__()
        self.manager.__exit__()

    def ends_well(self):
        """The honest worker goes on after what was found last, and the digest is right."""
        self.manager.wait_accepted("honest", after=self.manager.found_at)
        self.manager.interrupt()
        answer = self.manager.json(130)
        self.worker.ends_with(0)
        check_contributed(answer, "honest")
        assert answer["digest"] == self.digest("pi", "--samples", str(answer["samples"]))


STRANGERS = {
    "garbage": (bytes(range(200, 256)) * 10, r"frame.*bytes"),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: oche\r\n\r\n", "HTTP"),
    "a frame of 4 GiB": (struct.pack("<IB", 0xFFFFFFFF, HELLO), "4294967295"),
    "a frame above the limit of the handshake": (struct.pack("<IB", 4097, HELLO), "4097"),
    "a frame of length 0": (struct.pack("<I", 0), "length 0|empty"),
    "an unknown type": (frame(99, b""), "99"),
    "a result before the hello": (frame(RESULT, b""), "must begin with hello"),
    "a hello that isn't a message": (frame(HELLO, b"\xff\xff\xff\xff"), "isn't a Hello"),
    "other magic bytes": (hello(NUMERICS, magic=b"dart"), "magic"),
    "another protocol version": (hello(NUMERICS, version_min=7, version_max=9),
                                 "protocol version 7 to 9"),
    "another numerics number": (hello(NUMERICS + 41), f"numerics number {NUMERICS + 41}"),
    "no cores": (hello(NUMERICS, slots=0), "lends 0 cores"),
    "a million cores": (hello(NUMERICS, slots=1_000_000), "lends 1000000 cores"),
    "another service": (hello(NUMERICS, role=2, service=3), "'talk' isn't offered"),
    "a service of no name": (hello(NUMERICS, service=77), "number 77 isn't offered"),
    "another role": (hello(NUMERICS, role=2), "role"),
}
REFUSED = {"a frame of 4 GiB", "other magic bytes", "another protocol version",
           "another numerics number", "no cores", "a million cores", "another service",
           "a service of no name", "another role"}


@pytest.mark.parametrize("what", STRANGERS)
def test_a_stranger_is_refused_and_both_ends_say_why(digest, what):
    data, why = STRANGERS[what]
    with HonestRun(digest) as run, Peer.dial(run.manager.place) as stranger:
        stranger.send(data)
        frames = stranger.read_to_end()
        stranger.socket.close()
        told = run.manager.wait_for(r"^a connection from 127\.0\.0\.1:\d+ came to nothing: (.*)$")
        assert run.manager.err.count("came to nothing") == 1
        assert re.search(why, told.group(1)), told.group(1)
        if what in REFUSED:
            assert [kind for kind, _ in frames] == [REFUSAL]
            assert get(frames[0][1], 2).decode() in told.group(1)
        run.ends_well()


def test_half_a_frame_and_then_nothing(digest):
    with HonestRun(digest) as run:
        with Peer.dial(run.manager.place) as stranger:
            stranger.send(hello(NUMERICS)[:10])
        run.manager.wait_for("came to nothing: .*in the middle of a frame")
        run.ends_well()


def test_a_connection_that_says_nothing_is_closed_and_blocks_nobody(digest):
    with HonestRun(digest) as run, Peer.dial(run.manager.place) as silent:
        run.manager.wait_accepted("honest", after=run.manager.mark())
        (kind, fields), = silent.read_to_end()
        silent.socket.close()
        assert kind == REFUSAL
        told = run.manager.wait_for("came to nothing: (.*)$").group(1)
        assert get(fields, 2).decode() in told
        assert "no complete handshake within 5 s" in told
        run.ends_well()


def test_a_hello_that_trickles_in_has_the_same_deadline(digest):
    with HonestRun(digest) as run, Peer.dial(run.manager.place) as slow:
        # A byte whenever the honest worker has delivered: the handshake is never silent for long.
        for byte in hello(NUMERICS, build="x" * 4000):
            try:
                slow.send(bytes([byte]))
            except ConnectionError:
                break
            run.manager.wait_accepted("honest", after=run.manager.mark())
        run.manager.wait_for("came to nothing: .*no complete handshake within 5 s")
        run.ends_well()


# ---- Strangers that have joined ----

def join(manager, name="liar"):
    """A peer that has shaken hands properly."""
    peer = Peer.dial(manager.place)
    peer.send(hello(NUMERICS, name=name))
    assert get(peer.receive(WELCOME), 4) == name.encode()
    return peer


JOINED = {
    "garbage": (bytes(range(200, 256)) * 10, "frame"),
    "HTTP": (b"GET / HTTP/1.1\r\n\r\n", "frame"),
    "a frame of 4 GiB": (struct.pack("<IB", 0xFFFFFFFF, RESULT), "4294967295"),
    "a frame of length 0": (struct.pack("<I", 0), "length 0|empty"),
    "an unknown type": (frame(99, b""), "99"),
    "a second hello": (hello(NUMERICS), "hello"),
    "a manager's frame": (frame(LEASE, [(1, 1)]), "lease"),
    "a result that isn't a message": (frame(RESULT, b"\xff\xff\xff\xff"), "result"),
    "a result of 8 million strata": (struct.pack("<IB", 16_000_000, RESULT), "16000000"),
    "a result above the limit of results": (struct.pack("<IB", 1_047_554, RESULT), "of type result"),
    "a refusal above the limit of refusals": (struct.pack("<IB", 4098, JOB_REFUSED), "4097"),
}


@pytest.mark.parametrize("what", JOINED)
def test_a_worker_that_breaks_the_protocol_is_named_and_its_lease_done_by_others(digest, what):
    data, why = JOINED[what]
    with Manager(*PI, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            join(manager) as liar:
        liar.receive(LEASE)
        liar.send(data)
        frames = liar.read_to_end()
        liar.socket.close()
        assert [kind for kind, _ in frames if kind != LEASE] in ([], [GOODBYE])
        left = manager.wait_for("^worker liar left: (.*)$").group(1)
        assert re.search(why, left), left
        if frames and frames[-1][0] == GOODBYE:
            assert get(frames[-1][1], 2).decode() in left
        answer = manager.json()
        honest.ends_with(0)
    assert crew_of(answer)["liar"] == 0 and crew_of(answer)["honest"] > 0
    assert answer["digest"] == digest(*PI)


def test_half_a_result_and_then_nothing(digest):
    with Manager(*PI, "--wait", "2") as manager, worker(manager.place, "honest") as honest:
        with join(manager) as liar:
            liar.receive(LEASE)
            liar.send(frame(RESULT, bytes(100))[:50])
        manager.wait_for("^worker liar left: .*(in the middle of a frame|reset)")
        answer = manager.json()
        honest.ends_with(0)
    assert crew_of(answer)["liar"] == 0
    assert answer["digest"] == digest(*PI)


def test_a_worker_that_takes_leases_and_says_nothing_holds_nobody_up(digest):
    with Manager(*PI, "--wait", "2", "--lease", "300ms") as manager, \
            worker(manager.place, "honest") as honest, join(manager) as silent:
        silent.receive(LEASE)
        manager.wait_for("^worker liar: lease of chunks .* ran past its deadline$")
        answer = manager.json()
        honest.ends_with(0)
        assert get(silent.receive(GOODBYE), 1) == 1
    assert crew_of(answer)["liar"] == 0
    assert answer["digest"] == digest(*PI)


def test_a_worker_that_refuses_the_job_is_named_with_its_reason(digest):
    with Manager(*PI, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            join(manager) as picky:
        fingerprint = get(picky.receive(JOB), 2)
        picky.send(frame(JOB_REFUSED, [(1, fingerprint), (2, "no\x1b[2Jdarts today")]))
        assert get(picky.receive(GOODBYE), 1) == TURNED_AWAY
        manager.wait_for(r"^worker liar left: it can't compute the job: no\?\[2Jdarts today$")
        answer = manager.json()
        honest.ends_with(0)
    assert answer["digest"] == digest(*PI)


def test_a_name_can_not_be_that_of_a_local_thread():
    with Manager("pi", "--samples", "1e5", "--wait", "2") as manager:
        with Peer.dial(manager.place) as liar:
            liar.send(hello(NUMERICS, name="thread 1"))
            assert get(liar.receive(WELCOME), 4) == b"remote thread 1"
            manager.wait_for("^worker remote thread 1 joined$")
        manager.interrupt()
        manager.finish()


def test_a_name_can_not_forge_lines_of_the_log(digest):
    with Manager(*PI, "--wait", "2") as manager, worker(manager.place, "honest") as honest:
        with Peer.dial(manager.place) as liar:
            liar.send(hello(NUMERICS, name="x\nworker honest left: \x1b[31m" + "y" * 200))
            given = get(liar.receive(WELCOME), 4).decode()
            assert len(given) <= 64 and given.isprintable()
            liar.receive(LEASE)
        manager.wait_for(r"^worker x\?worker honest left: \?\[31my+ joined$")
        answer = manager.json()
        honest.ends_with(0)
    assert answer["digest"] == digest(*PI)


# ---- Lies in results: a real worker behind a relay that changes its first result ----

def in_stratum(number, value):
    """Changes a field of the last stratum of the result's tally."""
    def change(fields):
        *others, (_, last) = decode(get(fields, 6))
        last = encode(put(decode(last), number, value))
        return put(fields, 6, encode([*others, (1, last)]))
    return change


def changed(number, value):
    return lambda fields: put(fields, number, value)


NAN = float("nan")
LIES = {
    "a NaN mean": in_stratum(3, NAN),
    "an infinite mean": in_stratum(3, float("inf")),
    "a mean outside of minimum and maximum": in_stratum(3, 5.0),
    "a negative variance": in_stratum(4, -1.0),
    "a NaN variance": in_stratum(4, NAN),
    "a NaN minimum": in_stratum(5, NAN),
    "a NaN where the count belongs": in_stratum(2, NAN),
    "no samples": in_stratum(2, 0),
    "a sample too few": in_stratum(2, CHUNK - 1),
    "a sample too many": in_stratum(2, CHUNK + 1),
    "a count of 2^64 - 1": in_stratum(2, 2**64 - 1),
    "samples that were not finite": in_stratum(7, 1),
    "a stratum that doesn't exist": in_stratum(1, 7),
    "no tally": changed(6, None),
    "another job's fingerprint": changed(2, bytes(32)),
    "a short fingerprint": changed(2, b"abc"),
    "more strata than there can be": changed(6, 1025 * encode([(1, b"")])),
    "another pass": changed(3, 7),
    "another node": changed(5, 123456),
    "a parent of the node": changed(4, 9),
    "a level that no tree has": changed(4, 4_000_000_000),
    "a lease of nobody": changed(1, 999_999),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_liar_is_named_and_turned_away(digest, lie):
    with Manager(*PI, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            Relay(manager.place, lie_once(LIES[lie])) as relay, \
            worker(relay.address, "liar") as liar:
        manager.wait_for("^worker liar left: a result was rejected: ")
        liar.wait_for("^a result was rejected: ")
        liar.fails(3, "a result was rejected")
        answer = manager.json()
        honest.ends_with(0)
    assert crew_of(answer)["liar"] == 0 and crew_of(answer)["honest"] > 0
    assert answer["samples"] == SAMPLES
    assert answer["digest"] == digest(*PI)


def test_the_relay_alone_changes_nothing(digest):
    with Manager(*PI, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            Relay(manager.place, lie_once(lambda fields: fields)) as relay, \
            worker(relay.address, "relayed") as relayed:
        answer = manager.json()
        honest.ends_with(0)
        relayed.ends_with(0)
    check_contributed(answer, "honest", "relayed")
    assert answer["digest"] == digest(*PI)


def test_a_lie_that_could_be_true_shows_in_the_digest(digest):
    # Nobody can see it in the result itself. It also shows that the comparisons here can fail.
    with Manager(*PI, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            Relay(manager.place, lie_once(in_stratum(3, 3.0))) as relay, \
            worker(relay.address, "liar") as liar:
        answer = manager.json()
        honest.ends_with(0)
        liar.ends_with(0)
    check_contributed(answer, "honest", "liar")
    assert answer["digest"] != digest(*PI)


@pytest.mark.parametrize("lie", ["a stratum that doesn't exist", "a NaN mean", "another pass"])
def test_a_liar_in_the_two_pass_method(digest, lie):
    with Manager(*STRATIFIED, "--wait", "2") as manager, \
            worker(manager.place, "honest") as honest, \
            Relay(manager.place, lie_once(LIES[lie])) as relay, \
            worker(relay.address, "liar") as liar:
        manager.wait_for("^worker liar left: a result was rejected: ")
        liar.fails(3, "a result was rejected")
        answer = manager.json()
        honest.ends_with(0)
    assert crew_of(answer)["liar"] == 0
    assert answer["digest"] == digest(*STRATIFIED)


def test_the_same_result_twice_counts_once(digest):
    done = []

    def twice(kind, payload):
        if kind != RESULT or done:
            return frame(kind, payload)
        done.append(True)
        return 2 * frame(kind, payload)

    with Manager(*PI, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            Relay(manager.place, twice) as relay, worker(relay.address, "stammers") as stammers:
        chunks = manager.wait_accepted("stammers")
        manager.wait_for(f"^worker stammers: chunks {chunks} repeated$", after=manager.found_at)
        answer = manager.json()
        honest.ends_with(0)
        stammers.ends_with(0)
    # Each chunk is counted once: the crew's chunks are those of the run and no more.
    check_contributed(answer, "honest", "stammers")
    assert sum(crew_of(answer).values()) == -(-SAMPLES // CHUNK)
    assert answer["digest"] == digest(*PI)


def test_a_result_for_a_chunk_it_never_had_is_answered_with_the_reason(digest):
    with Manager(*PI, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            join(manager) as liar:
        fields = liar.receive(LEASE)
        fingerprint, index = get(fields, 2), get(fields, 5)
        # Darts of which every second hit: not true, but not impossible, and of a chunk never had.
        stratum = [(2, CHUNK), (3, 2.0), (4, 4.0 * CHUNK), (5, 0.0), (6, 4.0), (8, 2**64 - 1)]
        liar.send(frame(HEARTBEAT) + frame(RESULT, [
            (1, get(fields, 1)), (2, fingerprint), (5, index + 1000),
            (6, encode([(1, encode(stratum))]))]))
        answers = liar.read_to_end()
        liar.socket.close()
        manager.wait_for(rf"^worker liar: chunks {index + 1000}\.\.{index + 1000} rejected$")
        answer = manager.json()
        honest.ends_with(0)
    verdicts = [get(fields, 2) for kind, fields in answers if kind == ACCEPTED]
    assert verdicts == [VERDICT_REJECTED]
    assert (answers[-1][0], get(answers[-1][1], 1)) == (GOODBYE, TURNED_AWAY)
    assert all(kind in (LEASE, PLAN, ACCEPTED, GOODBYE) for kind, _ in answers)
    assert answer["digest"] == digest(*PI)
