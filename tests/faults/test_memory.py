"""What one stranger costs a host in memory, at each step of a handshake (SECURITY.md states it).

The process's own memory is compared with and without some hundreds of strangers who wait at that step.
"""

import pytest
from frames import hello as plain_hello
from running import SLOWNESS
from strangers import crowd, descriptors, first_flight, host_of, memory, raise_descriptor_limit, \
    round_trip, until

NUMBER = 1000
KIB = 1024
UNTIL_FIRST_RECORD, DURING_HANDSHAKE = 8 * KIB, 128 * KIB

pytestmark = pytest.mark.skipif(SLOWNESS > 1, reason="sanitizers have memory of their own for each allocation")


def hello():
    return first_flight()


# What a stranger says, and what it may cost from then on. The longest beginning of a record that a
# host keeps has 1024 bytes; an encrypted record 16 KiB, which nobody can end without the key.
STEPS = {
    "nothing": (lambda: b"", UNTIL_FIRST_RECORD),
    "one byte": (lambda: b"\x16", UNTIL_FIRST_RECORD),
    "a first record but its last byte": (lambda: b"\x16\x03\x01\x03\xfb" + 1018 * b"x", UNTIL_FIRST_RECORD),
    "a recorded hello": (hello, DURING_HANDSHAKE),
    "a recorded hello and a record that doesn't end": (
        lambda: hello() + b"\x14\x03\x03\x00\x01\x01" + b"\x17\x03\x03\x41\x00" + 16600 * b"x", DURING_HANDSHAKE),
}


@pytest.fixture(name="home", autouse=True)
def new_home(tmp_path, monkeypatch):
    monkeypatch.setenv("OCHE_HOME", str(tmp_path / "home"))


def cost_of_each(host, alone, number, opening, answered):
    """Bytes; nothing if the machine is so slow that some were sent away before all were there."""
    process = host.process.pid
    until(lambda: descriptors(process) <= alone, "nobody is connected")
    before = memory(process)
    with crowd(host, number, opening) as peers:
        if answered:
            for peer in peers:
                try:
                    if peer.recv(65536)[:1] != b"\x16":  # the host goes on with the handshake
                        return None
                except ConnectionError:
                    return None
        round_trip(host)
        bytes_of_all = memory(process) - before
        return bytes_of_all / number if descriptors(process) >= alone + number else None


@pytest.mark.parametrize("step", STEPS)
def test_a_stranger_costs_little(tmp_path, step):
    raise_descriptor_limit()
    what, bound = STEPS[step]
    answered = bound == DURING_HANDSHAKE
    number = NUMBER // 5 if answered else NUMBER
    with host_of(tmp_path, pending_handshakes=number + 10) as host:
        opening = what()
        alone = descriptors(host.process.pid)
        # What is allocated once, for the first of all, is nobody's.
        with crowd(host, 10, opening):
            round_trip(host)
        costs = (cost_of_each(host, alone, number, opening, answered) for _ in range(20))
        each = next(cost for cost in costs if cost is not None)
        print(f"{step}: {each:.0f} bytes")
        assert 100 < each < bound


CROWDS = {
    "say nothing": lambda: b"",
    "begin a record": lambda: b"\x16\x03\x01\x03\xfb",
    "repeat a hello": hello,
    "have another key": lambda: hello()[:-1] + b"x",  # the end of the proof
    "have no key": lambda: plain_hello(0),
    "speak HTTP": lambda: b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("what", CROWDS)
def test_strangers_are_no_more_than_may_be_pending(tmp_path, what):
    raise_descriptor_limit()
    silent, pending = 15, 40
    with host_of(tmp_path, silent_connections=silent, pending_handshakes=pending) as host:
        opening = CROWDS[what]()
        alone = descriptors(host.process.pid)
        most = 0
        with crowd(host, 500, opening):
            for _ in range(20):
                most = max(most, descriptors(host.process.pid))
            round_trip(host)
            most = max(most, descriptors(host.process.pid))
        # One may be accepted already while the oldest is about to go; and ours asks.
        assert most <= alone + silent + pending + 3, most
