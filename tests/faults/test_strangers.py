"""Whoever reaches a host's port without its key, or with another's words, while honest work goes on."""

import contextlib
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import threading

import pytest
from frames import HELLO, WELCOME, Peer, encode, frame, hello, welcome
from line import DOWN, UP, Line
from running import PATIENCE, Running, oche
from scene import Scene, resident
from strangers import connect, crowd, first_flight, raise_descriptor_limit, read_all, round_trip, until
from test_host import Host

NOTHING = r"^a connection from 127\.0\.0\.1:\d+ came to nothing: "


@pytest.fixture(name="home", autouse=True)
def new_home(tmp_path, monkeypatch):
    monkeypatch.setenv("OCHE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OCHE_KEY", raising=False)


@pytest.fixture(name="scene")
def honest_work(undisturbed, home):
    """An honest worker in the middle of a job; after the test it does some more, and the digest is right."""
    with Scene(undisturbed) as it:
        a = it.worker("a")
        it.begin("a")
        a.signal(signal.SIGSTOP)
        yield it
        joined = set(re.findall(r"^worker (\S+) joined from", it.host.err, re.MULTILINE))
        assert joined <= {"a", "b"}, "nobody else got in"
        after = it.host.mark()
        a.signal(signal.SIGCONT)
        it.host.wait_computed("a", after=after)
        it.ends_well("a")
        assert "worker a left: " not in it.host.err


def comes_to_nothing(scene, why=""):
    scene.host.wait_for(NOTHING + why)
    return scene.host.found_at


# ---- Other programs ----

PROGRAMS = {
    "openssl": (["s_client", "-connect", "{}:{}", "-tls1_3", "-brief"], "no key of this host"),
    "curl": (["-sS", "--max-time", "60", "http://{}:{}/metrics"], "HTTP"),
    "ssh": (["-oBatchMode=yes", "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null", "-p", "{1}", "{0}"],
            "SSH"),
}
# What they say first, for where they aren't installed.
WORDS = {
    "curl": (b"GET /metrics HTTP/1.1\r\nHost: oche\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n", "HTTP"),
    "ssh": (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "SSH"),
    "netcat": (b"hello?\n", "oche's protocol"),
    "old TLS": (b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + 37 * b"\x01", "oche's protocol"),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_another_program_at_this_port_ends(scene, program):
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} isn't installed")
    arguments, why = PROGRAMS[program]
    place = scene.place.split(":")
    ended = subprocess.run([path, *(part.format(*place) for part in arguments)], stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=PATIENCE, check=False)
    assert ended.returncode != 0, ended
    comes_to_nothing(scene, f".*{why}")


@pytest.mark.parametrize("program", WORDS)
def test_the_words_of_another_program_end_its_connection(scene, program):
    words, why = WORDS[program]
    with connect(scene.host) as peer:
        peer.sendall(words)
        assert read_all(peer) == b""
    comes_to_nothing(scene, f".*{why}")


# ---- The words of those who have the key, said by others ----

def recorded(scene):
    """All that a program with the key said and heard, as it went over the line."""
    words = {UP: b"", DOWN: b""}

    def keep(direction, _, data):
        words[direction] += data
        return data

    with Line(scene.place, change=keep) as line:
        assert oche("jobs", line.address).code == 0
    return words


def test_a_recorded_session_is_worth_nothing(scene):
    words = recorded(scene)
    with connect(scene.host) as peer:
        peer.sendall(words[UP])
        heard = read_all(peer)
    comes_to_nothing(scene)
    assert heard[:1] == b"\x16", "the host's part of the handshake, made for this one"
    assert heard[:100] != words[DOWN][:100]
    assert len(heard) < len(words[DOWN]), "but no list of jobs"


def test_a_recorded_handshake_and_what_follows_in_other_orders_is_worth_nothing(scene):
    words = recorded(scene)
    first = 5 + int.from_bytes(words[UP][3:5], "big")
    for said in (words[UP][:first] * 2, words[UP][first:], words[UP][:first] + words[UP][first + 6:],
                 words[UP][:first] + words[UP][-100:]):
        before = scene.host.mark()
        with connect(scene.host) as peer:
            peer.sendall(said)
            peer.shutdown(socket.SHUT_WR)
            read_all(peer)
        scene.host.wait_for(NOTHING, after=before)


def test_a_hosts_own_words_are_worth_nothing_to_it(scene):
    with connect(scene.host) as peer:
        peer.sendall(first_flight())
        mine = peer.recv(65536)
        assert mine[:1] == b"\x16"
        peer.sendall(mine)
        read_all(peer)
    comes_to_nothing(scene)
    with connect(scene.host) as peer:
        peer.sendall(mine)
        read_all(peer)
    comes_to_nothing(scene)


class Answering:
    """A false host: what it hears first is answered by `answer`, once, and then all is read to the end."""

    def __init__(self, answer):
        self.answer, self.heard = answer, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.place = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()

    def _run(self):
        with self.listener.accept()[0] as peer:
            peer.settimeout(PATIENCE)
            self.heard = peer.recv(65536)
            try:
                peer.sendall(self.answer(self.heard))
            except OSError:
                return
            self.heard += read_all(peer)


@pytest.mark.parametrize("command", ["work", "jobs"])
@pytest.mark.parametrize("answer", [lambda heard: heard, lambda heard: welcome(1), lambda heard: heard[:-1] + b"x"],
                         ids=["its own words", "a welcome without keys", "its own words, changed"])
def test_whoever_dials_a_false_host_finds_out(command, answer):
    with Answering(answer) as false, Running(command, false.place) as dialler:
        dialler.fails(3)
    assert b"numerics" not in false.heard and frame(HELLO)[4:5] + b"\n\x04oche" not in false.heard, \
        "nothing of the session was said"


def test_a_host_between_two_can_not_take_the_encryption_out(scene):
    """Whoever is between them and has no key, and answers the dialler in plain text, or the host."""
    numerics = 1
    with Answering(lambda heard: frame(WELCOME, welcome(numerics)[5:])) as false, \
            Running("work", false.place) as dialler:
        dialler.fails(3)
    with Peer.dial(scene.place) as peer:
        peer.send(hello(numerics))
        (_, fields), = peer.read_to_end()
        assert b"this host wants a key" in encode(fields)
    comes_to_nothing(scene, ".*wants a key")


# What somebody on the way would like the two to agree on; each has the same number of bytes.
DOWNGRADES = {
    "an older version": (b"\x03\x04", b"\x03\x03"),
    "another cipher": (b"\x13\x01", b"\x13\x03"),
    "no ephemeral exchange": (b"\x00\x2d\x00\x02\x01\x01", b"\x00\x2d\x00\x02\x01\x00"),
    "a tampered name": (b"oche1.own.own", b"oche1.own.owm"),
    "another role": (b"oche1.own.own", b"oche1.wor.own"),
}


@pytest.mark.parametrize("what", DOWNGRADES)
def test_a_hello_that_is_changed_on_its_way_fails(scene, what):
    good, bad = DOWNGRADES[what]
    changed = []

    def change(direction, before, data):
        if direction == UP and before == 0:
            assert good in data
            changed.append(data)
            return data.replace(good, bad)
        return data

    with Line(scene.place, change=change) as line, Running("jobs", line.address) as dialler:
        dialler.fails(3)
    assert changed
    comes_to_nothing(scene)


# ---- Lengths ----

RECORD_BOMBS = {
    "a first record of 64 KiB": lambda: b"\x16\x03\x01\xff\xff\x01\x00\xff\xfb",
    "a first record of 16 KiB": lambda: b"\x16\x03\x01\x40\x00" + 16384 * b"\x01",
    "a first message of 16 MiB": lambda: b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",
    "a record of 64 KiB after the hello": lambda: first_flight() + b"\x17\x03\x03\xff\xff" + 70000 * b"x",
    "a message of 16 MiB after the hello": lambda: first_flight() + b"\x16\x03\x03\x40\x00\x14\xff\xff\xff" + 16380 * b"x",
    "a thousand records without an end": lambda: first_flight() + 1000 * b"\x14\x03\x03\x00\x01\x01",
    "a frame of 4 GiB in plain text": lambda: struct.pack("<IB", 0xFFFFFFFF, HELLO),
}


@pytest.mark.parametrize("what", RECORD_BOMBS)
def test_a_length_before_the_key_is_proved_costs_nothing(scene, what):
    words = RECORD_BOMBS[what]()
    with connect(scene.host) as peer:  # what the first of all costs once
        peer.sendall(words)
        read_all(peer)
    comes_to_nothing(scene)
    before = resident(scene.host.process.pid)
    for _ in range(50):
        with connect(scene.host) as peer:
            try:
                peer.sendall(words)
            except ConnectionError:
                pass
            read_all(peer)
    assert resident(scene.host.process.pid) - before < 2**20


# ---- Many ----

@pytest.mark.parametrize("words", [lambda: b"", lambda: b"\x16\x03\x01", lambda: first_flight(), lambda: first_flight()[:-1]],
                         ids=["silent", "slow", "halfway", "slow at the end"])
def test_hundreds_of_strangers_wait_and_honest_work_goes_on(scene, words):
    raise_descriptor_limit()
    with crowd(scene.host, 500, words()):
        round_trip(scene.host)
        with scene.worker("b") as b:
            scene.host.wait_joined("b")
            scene.host.wait_computed("b")
            b.signal(signal.SIGINT)
            b.finish()


def test_a_handshake_that_goes_on_is_not_pushed_out_by_silent_peers(scene):
    """However many come while the host's answer is on its way."""
    lines = []

    def hold_back(direction, before, data):
        if direction == UP and before == 0:
            lines[0].kill(DOWN)
        return data

    with Line(scene.place, change=hold_back) as line:
        lines.append(line)
        with Running("jobs", line.address) as client:
            until(lambda: line.passed[UP] > 0, "it has said hello")
            round_trip(scene.host)
            with crowd(scene.host, 300):
                round_trip(scene.host)
                line.heal()
                client.ends_with(0)


@pytest.mark.parametrize("kind", ["a worker comes", "a client comes"])
def test_a_host_whose_descriptors_are_all_taken_recovers(undisturbed, kind):
    """Idle connections fill it, as many as the system's limit allows; then it is as before."""
    few = 60

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, few))

    with Scene(undisturbed, preexec_fn=limit) as scene:
        scene.worker("a")
        scene.begin("a")
        with crowd(scene.host, 3 * few) as idle:
            if kind == "a worker comes":
                scene.worker("b")
                scene.host.wait_joined("b")
            else:
                round_trip(scene.host)
            scene.host.wait_for("came to nothing: there are no descriptors left for another connection")
            scene.ends_well("a")
            assert idle
        round_trip(scene.host)
        assert "worker a left: " not in scene.host.err


def test_a_host_that_has_spoken_to_nobody_outlives_a_crowd_with_hellos():
    """All that it needs for its first handshake is there before its descriptors are taken."""
    few = 60

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, few))

    words = first_flight()
    with Host(preexec_fn=limit) as host:
        with crowd(host, 3 * few) as peers:
            host.wait_for("there are no descriptors left for another connection")
            for peer in peers:
                with contextlib.suppress(OSError):  # it was pushed out
                    peer.sendall(words)
        round_trip(host)
