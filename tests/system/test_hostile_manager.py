"""Managers that don't keep to the protocol, against a real worker: it ends with one clear line and
exit code 3, or refuses the job with the reason; it never hangs and never crashes."""

import hashlib
import re
import socket
import struct
from contextlib import contextmanager

import pytest
from frames import (ACCEPTED, DONE, FINISHED, FULL, GOODBYE, HEARTBEAT, HELLO, JOB, JOB_REFUSED, LEASE, PLAN,
                    PROTOCOL_ERROR, REFUSAL, RESULT, REVOKE, SLOW_TO_PARSE, STOPPING,
                    TURNED_AWAY,
                    VERDICT_ACCEPTED, VERDICT_REJECTED, WELCOME, Peer, decode, frame, get, hello,
                    put, welcome, Manager, worker)
from running import PATIENCE, result

NUMERICS = result("pi", "--samples", "1")["numerics"]


def genuine(*arguments):
    """What a real manager says first: the fields of its Job, Plan and Lease."""
    with Manager(*arguments, "--wait", "1") as manager, Peer.dial(manager.place) as peer:
        peer.send(hello(NUMERICS))
        return {kind: peer.receive(kind) for kind in (JOB, PLAN, LEASE)}


@pytest.fixture(scope="module")
def plain():
    return genuine("pi")


@pytest.fixture(scope="module")
def stratified():
    return genuine("pi", "--method", "stratified")


class FalseManager:
    """Listens where a worker dials; says what the test says."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        self.place = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def accept(self):
        return Peer(self.listener.accept()[0])

    def shake_hands(self):
        peer = self.accept()
        said = peer.receive(HELLO)
        assert (get(said, 1), get(said, 6)) == (b"oche", NUMERICS)
        peer.send(welcome(NUMERICS))
        return peer


@contextmanager
def false_manager():
    manager = FalseManager()
    with manager.listener, worker(manager.place, "honest") as honest:
        yield manager, honest


# ---- The handshake ----

WELCOMES = {
    "garbage": (bytes(range(200, 256)) * 10, "bytes"),
    "HTTP": (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "HTTP"),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
    "plain text": (b"this is alpha\n", "--text"),
    "a frame of 4 GiB": (struct.pack("<IB", 0xFFFFFFFF, WELCOME), "4294967295"),
    "a frame of length 0": (struct.pack("<I", 0), "length 0"),
    "an unknown type": (frame(99, b""), "99"),
    "a job before the welcome": (frame(JOB, b""), "welcome or refusal"),
    "a welcome that isn't a message": (frame(WELCOME, b"\xff\xff\xff"), "isn't a Welcome"),
    "other magic bytes": (welcome(NUMERICS, magic=b"dart"), "magic"),
    "another protocol version": (welcome(NUMERICS, version=9), "protocol version"),
    "another numerics number": (welcome(NUMERICS + 41), f"numerics number {NUMERICS}, "),
    "a heartbeat each day": (welcome(NUMERICS, heartbeat_period_ms=86_400_000), "86400000 ms"),
    "a refusal": (frame(REFUSAL, [(1, 8), (2, "go\x07 away")]), "go? away"),
    "a refusal without a reason": (frame(REFUSAL, b""), "refused"),
    "a goodbye": (frame(GOODBYE, [(1, FINISHED)]), "must be welcome or refusal"),
}
ANSWERED = {"other magic bytes", "another protocol version", "another numerics number",
            "a heartbeat each day", "a goodbye"}


@pytest.mark.parametrize("what", WELCOMES)
def test_a_bad_welcome_is_one_clear_line(what):
    data, why = WELCOMES[what]
    with false_manager() as (manager, honest), manager.accept() as peer:
        peer.receive(HELLO)
        peer.send(data)
        told = get(peer.receive(REFUSAL), 2).decode() if what in ANSWERED else ""
        peer.socket.close()
        honest.fails(3, why, told)


def test_a_manager_that_hangs_up_at_once():
    with false_manager() as (manager, honest):
        manager.accept().socket.close()
        honest.fails(3, manager.place)


def test_a_manager_that_resets_at_once():
    with false_manager() as (manager, honest):
        manager.accept().reset()
        honest.fails(3, manager.place)


def test_half_a_welcome():
    with false_manager() as (manager, honest), manager.accept() as peer:
        peer.receive(HELLO)
        peer.send(welcome(NUMERICS)[:9])
        peer.socket.close()
        honest.fails(3, "in the middle of a frame")


def test_a_manager_that_says_nothing():
    with false_manager() as (manager, honest), manager.accept():
        honest.fails(3, "no complete handshake within 5 s")


# ---- After the handshake ----

BROKEN = {
    "garbage": (bytes(range(200, 256)) * 10, "bytes"),
    "a frame of 4 GiB": (struct.pack("<IB", 0xFFFFFFFF, JOB), "4294967295"),
    "a frame of length 0": (struct.pack("<I", 0), "length 0"),
    "an unknown type": (frame(99, b""), "99"),
    "a second welcome": (welcome(NUMERICS), "welcome"),
    "a worker's frame": (frame(RESULT, b""), "result"),
    "a job that isn't a message": (frame(JOB, b"\xff\xff\xff"), "job"),
    "a job above the limit of jobs": (struct.pack("<IB", 9_437_186, JOB), "9437185"),
    "a lease above the limit of leases": (struct.pack("<IB", 4098, LEASE), "of type lease"),
    "a heartbeat that isn't a message": (frame(HEARTBEAT, b"\xff"), "heartbeat"),
    "a job that isn't text": (frame(JOB, [(1, bytes(range(256))), (2, bytes(32))]), "job"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_manager_that_breaks_the_protocol_is_left_and_told_why(what):
    data, why = BROKEN[what]
    with false_manager() as (manager, honest), manager.shake_hands() as peer:
        peer.send(data)
        goodbye = peer.receive(GOODBYE)
        assert get(goodbye, 1) == PROTOCOL_ERROR
        peer.socket.close()
        honest.fails(3, why, get(goodbye, 2).decode())


def start(fields, *changes):
    """Job, Plan and Lease as frames, with changes as (type, field, value)."""
    fields = dict(fields)
    for kind, number, value in changes:
        fields[kind] = put(fields[kind], number, value)
    return b"".join(frame(kind, fields[kind]) for kind in (JOB, PLAN, LEASE))


def refused(data, *texts):
    """The worker answers those frames with a JobRefused that says why, and lives."""
    with false_manager() as (manager, honest), manager.shake_hands() as peer:
        peer.send(data)
        text = get(peer.receive(JOB_REFUSED), 2).decode()
        for expected in texts:
            assert expected in text, text
        honest.wait_for("^can't compute the job of this manager: " + re.escape(text[:200]))
        peer.send(frame(GOODBYE, [(1, TURNED_AWAY), (2, "then not")]))
        honest.fails(3, "then not")


def hashed(plan):
    return [(PLAN, 3, plan), (PLAN, 4, hashlib.sha256(plan).digest())]


def with_data(fields, text, data):
    """Those frames with a job of that text and data, and its fingerprint."""
    fingerprint = hashlib.sha256(struct.pack("<I", NUMERICS) + text).digest()
    return start(fields, (JOB, 1, text), (JOB, 2, fingerprint), (JOB, 3, data),
                 (PLAN, 1, fingerprint), (LEASE, 2, fingerprint))


def data_set(columns, rows, *values):
    return struct.pack(f"<QQ{len(values)}d", columns, rows, *values)


def drawn_from(*sets):
    """The text of a job that draws from the first column of each."""
    names = [hashlib.sha256(one).hexdigest() for one in sets]
    inputs = "".join(f", x{i}~data({name},1)" for i, name in enumerate(names))
    return f"method plain\nseed 1\nestimate x0{inputs}\n".encode()


GOOD = data_set(1, 3, 1, 2, 3)


def test_data_that_fits_its_job_is_computed(plain):
    with false_manager() as (manager, honest), manager.shake_hands() as peer:
        peer.send(with_data(plain, drawn_from(GOOD), GOOD))
        stratum = decode(get(decode(get(peer.receive(RESULT), 6)), 1))
        assert (get(stratum, 5), get(stratum, 6)) == (1, 3)  # the extremes
        peer.send(frame(GOODBYE, [(1, FINISHED)]))
        honest.ends_with(0)


NOT_FINITE = data_set(1, 3, 1, float("nan"), 3)
INFINITE = data_set(1, 3, 1, float("-inf"), 3)
TOO_MANY = struct.pack("<QQ", 1, 2**20 + 1) + bytes(8 * (2**20 + 1))
TWO_COLUMNS = data_set(2, 2, 1, 2, 3, 4)
BAD_DATA = {
    "of another hash": (GOOD, data_set(1, 3, 1, 2, 4), "are not there"),
    "that isn't sent": (GOOD, b"", "are not there"),
    "that is cut": (GOOD, GOOD[:-1], "can't be read"),
    "with something behind it": (GOOD, GOOD + b"\0", "can't be read"),
    "twice": (GOOD, GOOD + GOOD, "not canonical"),
    "with another set": (GOOD, GOOD + data_set(1, 1, 5), "not canonical"),
    "with a column that isn't used": (TWO_COLUMNS, TWO_COLUMNS, "not canonical"),
    "that isn't finite": (NOT_FINITE, NOT_FINITE, "can't be read"),
    "that is infinite": (INFINITE, INFINITE, "can't be read"),
    "of more numbers than a job has": (TOO_MANY, TOO_MANY, "can't be read"),
    "of no rows": (data_set(1, 0), data_set(1, 0), "can't be read"),
    "of no columns": (data_set(0, 1), data_set(0, 1), "can't be read"),
    "of too many rows": (data_set(1, 4, 1, 2, 3), data_set(1, 4, 1, 2, 3), "can't be read"),
    "of 2^64 rows": (data_set(1, 2**64 - 1, 1), data_set(1, 2**64 - 1, 1), "can't be read"),
    "of 2^64 numbers": (data_set(2**32, 2**32, 1), data_set(2**32, 2**32, 1), "can't be read"),
}


@pytest.mark.parametrize("what", BAD_DATA)
def test_data(plain, what):
    named, sent, why = BAD_DATA[what]
    refused(with_data(plain, drawn_from(named), sent), why)


def test_data_for_a_job_that_has_none(plain):
    refused(start(plain, (JOB, 3, GOOD)), "not canonical")


def test_data_by_another_name_than_a_hash(plain):
    refused(with_data(plain, b"method plain\nseed 1\nestimate x, x~data(/etc/passwd,1)\n", GOOD),
            "are not there")


def job_text(text):
    return (JOB, 1, text)


@pytest.mark.parametrize("text", [
    b"", b"no job", b"method plain\nseed 1\nestimate \n", b"method foo\nseed 1\nestimate 1\n",
    b"method plain\nseed -1\nestimate 1\n", b"method plain\nseed 1\nestimate x\n",
    b"method plain\nseed 1\nestimate 1", b"method plain\nseed 1\nestimate 1\n\0",
    b"method plain\nseed 1\nestimate system(1)\n", bytes(range(128)),
    b"method plain\nseed 1\nestimate  x, x=0..1\n",
    pytest.param(b"method plain\nseed 1\nestimate " + 500_000 * b"(" + b"\n", id="brackets"),
    pytest.param(b"method plain\nseed 1\nestimate " + 250_000 * b"-1" + b"\n", id="500 KB"),
])
def test_a_text_that_is_no_job(plain, text):
    refused(start(plain, job_text(text)))


def test_a_worker_that_parses_for_long_is_not_silent(plain):
    with false_manager() as (manager, honest), manager.accept() as peer:
        peer.receive(HELLO)
        peer.send(welcome(NUMERICS, heartbeat_period_ms=200))
        peer.send(frame(JOB, put(plain[JOB], 1, SLOW_TO_PARSE)) + frame(PLAN, plain[PLAN]))
        heartbeats = 0
        while (received := peer.receive_frame())[0] != JOB_REFUSED:
            assert received[0] == HEARTBEAT
            heartbeats += 1
            peer.send(frame(HEARTBEAT))
        assert heartbeats > 0
        peer.send(frame(GOODBYE, [(1, FINISHED)]))
        honest.ends_with(0)


def test_more_messages_than_wait_for_a_job_that_is_parsed(plain):
    job = frame(JOB, put(plain[JOB], 1, SLOW_TO_PARSE))
    with false_manager() as (manager, honest):
        left_for(manager, honest, job + frame(REVOKE, [(1, 1)]) * 2000 + job +
                 frame(REVOKE, [(1, 1)]) * 2001, "it sends more than 2000 messages")


def test_the_fingerprint_of_another_job(plain, stratified):
    refused(start(plain, (JOB, 2, get(stratified[JOB], 2))), "fingerprint")


def test_no_fingerprint(plain):
    refused(start(plain, (JOB, 2, None)), "fingerprint")


@pytest.mark.parametrize("plan", [
    b"", b"\x01\x02\x03", bytes(range(256)), 16 * b"\xff", 20 * b"\0" + b"\0",
    # 2^63 strata; then one stratum with 2^63 samples; then a cut of a third dimension.
    struct.pack("<IQBBQ", 0, 2, 31, 32, 2**63),
    struct.pack("<IQQQ", 0, 0, 1, 2**63),
    struct.pack("<IQBBBQQ", 0, 3, 0, 0, 0, 1, 100)])
def test_bytes_that_are_no_plan(plain, plan):
    refused(start(plain, *hashed(plan)), "plan")


def test_a_plan_with_another_hash(plain):
    refused(start(plain, (PLAN, 4, bytes(32))), "plan")


def test_a_plan_of_another_pass(plain):
    refused(start(plain, (PLAN, 2, 5)), "plan")


PLAIN_LEASES = {
    "a pass without a plan": (LEASE, 3, 1),
    "a level of 64": (LEASE, 4, 64),
    "a level of 4 billion": (LEASE, 4, 4_000_000_000),
    "the last index there is": (LEASE, 5, 2**64 - 1),
    "chunks after 2^53 samples": (LEASE, 5, 2**52),
    "more samples than there are": (LEASE, 6, 2**60),
    "another numerics number": (LEASE, 7, NUMERICS + 1),
    "another fingerprint": (LEASE, 2, bytes(32)),
    "no fingerprint": (LEASE, 2, None),
}


@pytest.mark.parametrize("what", PLAIN_LEASES)
def test_a_lease_that_can_not_be(plain, what):
    refused(start(plain, PLAIN_LEASES[what]), "lease")


def test_a_lease_beyond_the_end_of_its_pass(plain):
    refused(start(plain, (LEASE, 6, 100), (LEASE, 5, 1)), "lease")


def test_a_lease_with_another_end_than_the_plan(stratified):
    refused(start(stratified, (LEASE, 6, 7)), "lease")


def test_a_lease_before_its_job_and_plan(plain):
    refused(frame(LEASE, plain[LEASE]), "lease")


def test_a_lease_with_the_plan_of_another_job(plain, stratified):
    data = start(stratified) + frame(JOB, plain[JOB]) + frame(LEASE, plain[LEASE])
    refused(data, "lease")


def test_a_plan_before_its_job_is_no_plan(plain):
    refused(frame(PLAN, plain[PLAN]) + frame(LEASE, plain[LEASE]), "lease")


def left_for(manager, honest, data, why):
    """The worker leaves the manager that says this, and both know why."""
    with manager.shake_hands() as peer:
        peer.send(data)
        goodbye = peer.receive(GOODBYE)
        assert get(goodbye, 1) == PROTOCOL_ERROR
        peer.socket.close()
        honest.fails(3, "the manager broke the protocol: " + why, get(goodbye, 2).decode())


def endless(plain, number):
    """A lease whose computing doesn't end here: 2^30 chunks."""
    return frame(LEASE, put(put(put(plain[LEASE], 1, number), 4, 30), 5, 0))


def test_more_leases_than_a_worker_can_want(plain):
    with false_manager() as (manager, honest):
        flood = b"".join(endless(plain, number) for number in range(1, 101))
        left_for(manager, honest, frame(JOB, plain[JOB]) + frame(PLAN, plain[PLAN]) + flood,
                 "it lends more than 68 leases at once to 1 cores")


def test_the_same_lease_twice(plain):
    with false_manager() as (manager, honest):
        left_for(manager, honest, frame(JOB, plain[JOB]) + frame(PLAN, plain[PLAN])
                 + 2 * endless(plain, 7), "it lends lease 7 twice")


# ---- What is allowed ----

def test_what_a_real_manager_says_is_computed(plain, stratified):
    for fields in (plain, stratified):
        with false_manager() as (manager, honest), manager.shake_hands() as peer:
            peer.send(frame(HEARTBEAT) + start(fields))
            answer = peer.receive(RESULT)
            for number in range(1, 6):
                assert get(answer, number) == get(fields[LEASE], number if number != 1 else 1)
            stratum = decode(get(decode(get(answer, 6)), 1))
            assert get(stratum, 2) > 0 and 0 <= get(stratum, 3, 0.0) <= 4
            peer.send(frame(ACCEPTED, [(1, get(answer, 1)), (2, VERDICT_ACCEPTED)])
                      + frame(GOODBYE, [(1, FINISHED)]))
            honest.ends_with(0)


def test_a_revoked_lease_and_one_that_never_was_are_nothing_to_fear(plain):
    with false_manager() as (manager, honest), manager.shake_hands() as peer:
        number = get(plain[LEASE], 1)
        peer.send(frame(REVOKE, [(1, 2**64 - 1)]) + start(plain) + frame(REVOKE, [(1, number)])
                  + start(plain, (LEASE, 1, number + 1)))
        while get(peer.receive(RESULT), 1) != number + 1:
            pass
        peer.send(frame(ACCEPTED, [(1, 77), (2, VERDICT_ACCEPTED)])
                  + frame(ACCEPTED, [(1, 78), (2, 99)]) + frame(GOODBYE, [(1, FINISHED)]))
        honest.ends_with(0)


def test_a_rejection_is_told_with_its_text(plain):
    with false_manager() as (manager, honest), manager.shake_hands() as peer:
        peer.send(frame(ACCEPTED, [(1, 1), (2, VERDICT_REJECTED), (3, "I don't\nbelieve it")]))
        honest.wait_for(r"^a result was rejected: I don't\?believe it$")
        peer.send(frame(GOODBYE, [(1, TURNED_AWAY), (2, "enough")]))
        honest.fails(3, "enough")


def test_a_manager_that_stops_is_dialled_again():
    with false_manager() as (manager, honest):
        with manager.shake_hands() as peer:
            peer.send(frame(GOODBYE, [(1, STOPPING)]))
            honest.wait_for("^lost the manager: .*dialling again$")
        with manager.shake_hands() as peer:
            peer.send(frame(GOODBYE, [(1, FINISHED)]))
            honest.ends_with(0)


def dialled_again_in(honest, after=0):
    """The pause that the worker says, in milliseconds."""
    return int(honest.wait_for(r"; in (\d+) ms dialling again$", after=after).group(1))


def test_a_manager_that_welcomes_and_drops_is_dialled_at_growing_pauses(plain):
    with false_manager() as (manager, honest):
        pauses = []
        for _ in range(4):
            mark = honest.mark()
            manager.shake_hands().reset()
            pauses.append(dialled_again_in(honest, mark))
        assert pauses == [100, 200, 400, 800]
        # A verdict on what was never delivered is nothing to trust.
        mark = honest.mark()
        with manager.shake_hands() as peer:
            peer.send(frame(ACCEPTED, [(1, 1), (2, VERDICT_ACCEPTED)])
                      + frame(GOODBYE, [(1, STOPPING)]))
        assert dialled_again_in(honest, mark) == 1600
        mark = honest.mark()
        with manager.shake_hands() as peer:
            peer.send(start(plain))
            answer = peer.receive(RESULT)
            peer.send(frame(ACCEPTED, [(1, get(answer, 1)), (2, VERDICT_ACCEPTED)])
                      + frame(GOODBYE, [(1, STOPPING)]))
        assert dialled_again_in(honest, mark) == 100
        with manager.shake_hands() as peer:
            peer.send(frame(GOODBYE, [(1, FINISHED)]))
            honest.ends_with(0)


def test_a_manager_that_is_full_is_dialled_again():
    with false_manager() as (manager, honest):
        with manager.accept() as peer:
            peer.receive(HELLO)
            peer.send(frame(REFUSAL, [(1, FULL), (2, "there are 1024 sessions already")]))
            honest.wait_for("^no place at the manager: .*1024 sessions.*dialling again$")
        with manager.shake_hands() as peer:
            peer.send(frame(GOODBYE, [(1, FINISHED)]))
            honest.ends_with(0)


def test_a_manager_that_is_done_already_is_no_failure():
    with false_manager() as (manager, honest), manager.accept() as peer:
        peer.receive(HELLO)
        peer.send(frame(REFUSAL, [(1, DONE), (2, "the job is finished")]))
        peer.socket.close()
        honest.ends_with(0)
        honest.wait_for("^the manager says that all is done$")


def test_a_worker_whose_line_was_lost_and_is_then_refused_ends():
    with false_manager() as (manager, honest):
        manager.shake_hands().reset()
        with manager.accept() as peer:
            peer.receive(HELLO)
            peer.send(frame(REFUSAL, [(1, 8), (2, "the job is over")]))
            honest.fails(3, "the job is over")
