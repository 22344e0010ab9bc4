"""Clients of a host that don't mean well: the host declines or ends that session, and all others, and
the work, go on."""

import re
import struct

import pytest
from frames import (ANSWER_PART, CANCEL, DECLINED, DONE_AS_ASKED, DRAIN, FETCH, GOODBYE, HELLO, JOB_LIST,
                    LEASE, LIST_JOBS, PROGRESS, PROTOCOL_ERROR, REFUSAL, RESULT, SLOW_TO_PARSE, SUBMIT,
                    SUBMIT_DATA, SUBMITTED, WELCOME, Peer, decode, encode, frame, get, hello, put)
from running import JOBS, oche, parse_json, result, worker
from test_host import Host

PI = "method plain\nseed 1\nestimate 4*(x^2+y^2<=1), x=0..1, y=0..1\n"
WRONG_JOB, NO_SUCH_JOB, NO_SUCH_WORKER, LIMIT, STOPPING, NOT_YOURS = range(1, 7)


@pytest.fixture(scope="module")
def numerics():
    return result("pi", "--samples", "1000")["numerics"]


@pytest.fixture
def host(undisturbed):
    """A host that works on a job; after the test, the job is done and has the right bits."""
    arguments, samples = JOBS["costly"]
    with Host("--insecure") as it, worker(it.place, "honest", "--insecure") as honest:
        it.wait_joined("honest")
        number = it.send(*arguments, "--samples", str(samples))
        it.wait_computed("honest")
        yield it
        answer = it.result(number)
        it.stop()
        honest.ends_with(0)
    assert answer["digest"] == undisturbed.digest("costly", samples)


def client(place, numerics, name="mallory"):
    peer = Peer.dial(place)
    peer.send(hello(numerics, role=2, service=2, name=name, slots=0))
    peer.receive(WELCOME)
    return peer


def rule(**changes):
    return encode(list(enumerate(({"rel": 0.0, "abs": 0.0, "samples": 1000, "time": 0,
                                   "confidence": 0.95} | changes).values(), 1)))


def submit(text=PI, data_bytes=0, stop=None, priority=0):
    return frame(SUBMIT, [(1, text), (2, data_bytes), (3, rule() if stop is None else stop),
                          (4, priority)])


def declined(peer):
    fields = peer.receive(DECLINED)
    return get(fields, 1), get(fields, 2).decode()


def test_a_python_client_gets_its_answer(host, numerics):
    """What docs/PROTOCOL.md says is enough to be a client."""
    with client(host.place, numerics) as peer:
        peer.send(submit(priority=2))  # zigzag: 1
        number = get(peer.receive(SUBMITTED), 1)
        peer.send(frame(FETCH, [(1, number)]))
        answer = b""
        while True:
            part = peer.receive(ANSWER_PART)
            assert get(part, 1) == number
            answer += get(part, 2)
            if get(part, 3):
                break
        fields = decode(answer)
        assert get(fields, 1).decode() == PI
        assert get(decode(get(fields, 5)), 2) == 1000  # samples of the one pass


@pytest.mark.parametrize("garbage", [
    b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 64,
    b"\xff" * 4096, struct.pack("<IB", 2**31, SUBMIT)])
def test_garbage_ends_the_session_that_sends_it(host, numerics, garbage):
    with Peer.dial(host.place) as stranger:
        stranger.send(garbage)
        stranger.read_to_end()
    with client(host.place, numerics) as peer:
        peer.send(garbage)
        assert any(kind == GOODBYE and get(fields, 1) == PROTOCOL_ERROR
                   for kind, fields in peer.read_to_end())


@pytest.mark.parametrize("kind", [RESULT, LEASE, SUBMITTED, PROGRESS, JOB_LIST, DONE_AS_ASKED, 99])
def test_frames_that_are_not_a_clients_end_its_session(host, numerics, kind):
    with client(host.place, numerics) as peer:
        peer.send(frame(kind))
        assert peer.read_to_end()[-1][0] == GOODBYE


@pytest.mark.parametrize("text", [
    "", "x", PI[:-1], PI + "\n", PI.replace("seed 1", "seed x"), PI.replace("plain", "magic"),
    PI.replace("x=0..1", "x=0..q"), PI.replace("4*", "4 * "), "\0" * 100,
    "method plain\nseed 1\nestimate " + "(" * 20000 + "\n"])
def test_a_wrong_job_is_declined_and_the_session_goes_on(host, numerics, text):
    with client(host.place, numerics) as peer:
        peer.send(submit(text))
        reason, why = declined(peer)
        assert reason == WRONG_JOB and why
        peer.send(submit())
        assert get(peer.receive(SUBMITTED), 1) > 0


@pytest.mark.parametrize("stop", [
    b"", rule(samples=0), rule(samples=2**53 + 1), rule(rel=-1.0), rule(rel=float("nan")),
    rule(abs=float("inf")), rule(confidence=1.0), rule(confidence=float("nan")), rule(time=2**63)])
def test_a_wrong_stop_rule_is_declined(host, numerics, stop):
    with client(host.place, numerics) as peer:
        peer.send(submit(stop=stop))
        assert declined(peer)[0] == WRONG_JOB


def test_a_job_that_takes_long_to_parse_keeps_nobody_waiting(host, numerics):
    with client(host.place, numerics) as slow, client(host.place, numerics, "ada") as quick:
        slow.send(submit(SLOW_TO_PARSE, priority=1) * 3 + frame(LIST_JOBS))
        assert slow.receive(JOB_LIST, SUBMITTED, DECLINED)[-1] == (2, 1), "the list comes first"
        quick.send(submit(priority=1))
        quick.receive(SUBMITTED)
        # Its second job is parsed after that of the other.
        quick.send(frame(LIST_JOBS))
        mine = [decode(value) for number, value in quick.receive(JOB_LIST) if number == 1]
        assert sum(get(job, 4) == b"mallory" for job in mine) <= 1
        for _ in range(3):
            slow.receive(SUBMITTED, DECLINED)


def test_huge_jobs_are_declined_before_they_come(host, numerics):
    with client(host.place, numerics) as peer:
        long = PI.replace("4*", "4*" * 40000)
        peer.send(submit(long))
        assert declined(peer) == (LIMIT, f"the text of the job has {len(long)} bytes (that is this host's "
                                  "limit, text_bytes = 65536); run it elsewhere")
        for size in (10**7, 2**63, 2**64 - 1):
            peer.send(submit(data_bytes=size))
            assert "data_bytes = " in declined(peer)[1]
        # The data that come all the same are of no job.
        peer.send(frame(SUBMIT_DATA, [(1, bytes(500000))]) * 20)
        peer.send(submit())
        peer.receive(SUBMITTED)


def test_announced_data_are_bounded_for_all_clients_together(host, numerics):
    peers = [client(host.place, numerics, f"m{i}") for i in range(10)]
    try:
        for peer in peers[:-1]:
            peer.send(submit(data_bytes=8 * 1024 * 1024 - 4096))
        answers = []
        for peer in peers[:-1]:  # the answer to this follows what became of the job
            peer.send(frame(LIST_JOBS))
            answers.append(peer.receive(DECLINED, JOB_LIST))
        assert sum(get(fields, 1) == LIMIT for fields in answers) == 1
        for peer in peers[:4]:
            peer.reset()
        # What they had announced is free again, once the host has noticed.
        while True:
            peers[-1].send(submit(data_bytes=8 * 1024 * 1024 - 4096) + frame(LIST_JOBS))
            if get(peers[-1].receive(DECLINED, JOB_LIST), 1) != LIMIT:
                break
            peers[-1].receive(JOB_LIST)
    finally:
        for peer in peers:
            peer.socket.close()


def test_wrong_data_are_declined(host, numerics):
    with client(host.place, numerics) as peer:
        for data in (b"x", bytes(24), struct.pack("<QQ", 1, 2**60)):
            peer.send(submit(data_bytes=len(data)) + frame(SUBMIT_DATA, [(1, data)]))
            assert declined(peer)[0] == WRONG_JOB


def test_more_data_than_announced_ends_the_session(host, numerics):
    with client(host.place, numerics) as peer:
        peer.send(submit(data_bytes=3) + frame(SUBMIT_DATA, [(1, b"four")]))
        assert peer.read_to_end()[-1][0] == GOODBYE
    with client(host.place, numerics) as peer:
        peer.send(submit(data_bytes=3) + submit())
        assert peer.read_to_end()[-1][0] == GOODBYE


def test_a_thousand_jobs_are_a_hundred(host, numerics):
    with client(host.place, numerics) as peer:
        peer.send(submit(priority=1) * 1000)  # zigzag: -1, after the honest job
        kinds = []
        for _ in range(1000):
            fields = peer.receive(SUBMITTED, DECLINED)
            kinds.append(get(fields, 2, b"") != b"")
        assert kinds.count(False) >= 100 and kinds[:100] == [False] * 100
        peer.send(frame(LIST_JOBS))
        jobs = peer.receive(JOB_LIST)
        mine = [decode(value) for number, value in jobs if number == 1]
        assert sum(get(job, 4) == b"mallory" for job in mine) == kinds.count(False)
    # Others aren't kept from sending theirs.
    assert host.send("pi", "--samples", "1000")


def test_jobs_of_others_cant_be_cancelled(host, numerics):
    with client(host.place, numerics) as peer:
        for number in (0, 2, 77, 2**64 - 1):
            for kind in (FETCH, CANCEL):
                peer.send(frame(kind, [(1, number)]))
                assert declined(peer)[0] == NO_SUCH_JOB
        peer.send(frame(CANCEL, [(1, 1)]))
        assert declined(peer)[0] == NOT_YOURS
        peer.send(frame(DRAIN, [(1, "nobody")]))
        assert declined(peer)[0] == NO_SUCH_WORKER


def test_who_asks_and_never_reads_is_given_up(host, numerics):
    with client(host.place, numerics) as peer:
        try:
            for _ in range(200):
                peer.send(frame(LIST_JOBS) * 5000)
        except (ConnectionError, TimeoutError):
            pass  # it has had enough of us
    assert parse_json(oche("jobs", host.place, "--insecure", "--json").out)


def test_names_are_made_fit_for_a_terminal(host, numerics):
    with client(host.place, numerics, "\x1b[31mroot") as peer:
        peer.send(submit(priority=1))
        peer.receive(SUBMITTED)
        assert "\x1b" not in oche("jobs", host.place, "--insecure").out
        assert re.search(r"\?\[31mroot", oche("jobs", host.place, "--insecure").out)


def test_another_numerics_number_is_refused(host, numerics):
    with Peer.dial(host.place) as peer:
        peer.send(hello(numerics + 1, role=2, service=2, slots=0))
        assert get(peer.receive(REFUSAL), 1) == 5
    with Peer.dial(host.place) as peer:
        peer.send(frame(HELLO, put(decode(hello(numerics)[5:]), 5, 3)))  # a service that isn't offered
        assert peer.receive(REFUSAL)
