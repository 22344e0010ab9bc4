"""Connections of nobody in particular, many at a time, and what a host's process holds meanwhile."""

import contextlib
import os
import resource
import select
import socket
import time

from running import PATIENCE, Running, oche
from test_host import Host


def raise_descriptor_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def host_of(tmp_path, *options, **limits):
    """A host with a configuration file of those limits."""
    file = tmp_path / "host.toml"
    file.write_text("".join(f"{key} = {value}\n" for key, value in limits.items()))
    return Host("--config", str(file), *options)


def place_of(host):
    address, _, port = host.place.rpartition(":")
    return address, int(port)


def connect(host):
    return socket.create_connection(place_of(host), timeout=PATIENCE)


@contextlib.contextmanager
def crowd(host, number, opening=b""):
    """So many connections that are all there at once, and have each said `opening`."""
    peers = []
    try:
        for _ in range(number):
            peer = connect(host)
            peers.append(peer)
            if opening:
                peer.sendall(opening)
        yield peers
    finally:
        for peer in peers:
            peer.close()


def descriptors(process_id):
    """How many it has open."""
    return len(os.listdir(f"/proc/{process_id}/fd"))


def until(condition, what):
    """Waits for a state that no program tells of."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"still not: {what}"
        select.select([], [], [], 0.005)


def memory(process_id):
    """Bytes that are its own: what it allocated and touched."""
    with open(f"/proc/{process_id}/smaps_rollup", encoding="ascii") as rollup:
        for line in rollup:
            if line.startswith("Anonymous:"):
                return 1024 * int(line.split()[1])
    raise AssertionError("no line of anonymous memory")


def first_flight(host_key_command=("jobs",)):
    """What a program of ours with the user's own key says first: a ClientHello in one record."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = "127.0.0.1:%d" % listener.getsockname()[1]
        with Running(*host_key_command, place), listener.accept()[0] as peer:
            peer.settimeout(PATIENCE)
            record = b""
            while len(record) < 5 or len(record) < 5 + int.from_bytes(record[3:5], "big"):
                record += peer.recv(65536)
            return record


def read_all(peer):
    """What comes up to the end, however it ends."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while piece := peer.recv(65536):
            data += piece
    return data


def round_trip(host):
    """Whatever was sent before has been read when this returns."""
    ended = oche("jobs", host.place, *host.key)
    assert ended.code == 0, ended
