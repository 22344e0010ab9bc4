"""Rings of oche's own protocol: streams of any bytes, and what breaks them."""

import signal
import socket
import subprocess

import pytest
from frames import GOODBYE, Peer, encode, frame, get, hello
from ring import HOST_MEMORY, MIB, Talker, make_file, peak_memory, ring, swap
from running import OCHE, PATIENCE
from terminal import Terminal

TALK_JOIN, TALK_READY, TALK_BROKEN = 32, 33, 35
MESSAGE_BEGIN, MESSAGE_PIECE, MESSAGE_END, INPUT_END, CREDIT = 40, 41, 42, 43, 44


@pytest.mark.parametrize("talkers", [1, 2, 3])
@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 1_000_000])
def test_each_gets_its_neighbours_bytes(talkers, size, tmp_path):
    swap(tmp_path, talkers, size)


def test_a_ring_of_64(tmp_path):
    assert swap(tmp_path, 64, 100_000) < HOST_MEMORY


def test_the_host_stores_no_message(tmp_path):
    assert swap(tmp_path, 3, 64 * MIB) < HOST_MEMORY


def test_a_talker_stores_no_message(tmp_path):
    make_file(tmp_path / "in", 64 * MIB, 1)
    with ring(1) as host, open(tmp_path / "in", "rb") as stdin:
        with Talker(host.place, stdin=stdin) as one:
            # It can't end before the rest is read.
            assert len(one.process.stdout.read(63 * MIB)) == 63 * MIB
            assert peak_memory(one.process) < HOST_MEMORY
            assert len(one.out()) == MIB
        host.ends_with(0)


def test_all_may_send_before_any_receives():
    """Each writes 48 KiB and ends before anybody reads a byte of its own stdout."""
    with ring(3) as host:
        members = [Talker(host.place, "--as", str(i + 1)) for i in range(3)]
        for i, member in enumerate(members):
            member.say(bytes([i]) * 48 * 1024)
            member.end_input()
        for i, member in enumerate(members):
            with member:
                assert member.out() == bytes([(i - 1) % 3]) * 48 * 1024
        host.ends_with(0)


def test_rounds_are_lines_and_go_on_to_the_end_of_each_input():
    with ring(3) as host:
        members = [Talker(host.place, "--as", str(i + 1), "--rounds") for i in range(3)]
        lines = [b"a1\na2\na3\n", b"b1\n\nb3 without newline", b""]
        for member, text in zip(members, lines):
            member.say(text)
            member.end_input()
        for i, member in enumerate(members):
            with member:
                assert member.out() == lines[i - 1]
        host.ends_with(0)


def test_a_talker_reads_while_it_writes():
    """Two programs that take turns through the ring: neither ends its input before it got a reply."""
    with ring(2) as host:
        with (Talker(host.place, "--as", "1", "--rounds") as first,
              Talker(host.place, "--as", "2", "--rounds") as second):
            for number in range(20):
                first.say(b"ping %d\n" % number)
                assert second.process.stdout.readline() == b"ping %d\n" % number
                second.say(b"pong %d\n" % number)
                assert first.process.stdout.readline() == b"pong %d\n" % number
            first.end_input()
            second.end_input()
            assert first.out() == second.out() == b""
        host.ends_with(0)


def test_one_may_end_long_before_another_begins():
    with ring(2) as host:
        with Talker(host.place, "--as", "1") as first, Talker(host.place, "--as", "2") as second:
            first.say(b"early")
            first.end_input()
            assert second.process.stdout.read(5) == b"early"
            second.say(b"late")
            second.end_input()
            assert first.out() == b"late"
            assert second.out() == b""
        host.ends_with(0)


@pytest.mark.parametrize("known", [True, False])
def test_a_message_has_the_limit_and_no_byte_more(known, tmp_path):
    (tmp_path / "in").write_bytes(b"x" * 1000)
    with ring(1, "--max-message", "1000") as host, open(tmp_path / "in", "rb") as file:
        with Talker(host.place, stdin=file if known else subprocess.PIPE) as one:
            if not known:
                one.say(b"x" * 1000)
                one.end_input()
            assert one.out() == b"x" * 1000
        host.ends_with(0)
    (tmp_path / "in").write_bytes(b"x" * 1001)
    with ring(2, "--max-message", "1000") as host, open(tmp_path / "in", "rb") as file:
        with (Talker(host.place, "--as", "1") as other,
              Talker(host.place, "--as", "2", "--name", "windbag",
                     stdin=file if known else subprocess.PIPE) as long):
            if not known:
                long.say(b"x" * 1001)
                long.end_input()
            long.fails(2, "too long", "1000")
            other.fails(3, "second talker", "windbag", "too long", "1000")
        host.fails(3, "second talker", "windbag", "1000")


def test_who_leaves_is_named_to_all():
    with ring(3) as host:
        members = [Talker(host.place, "--as", str(i + 1), "--name", f"t{i + 1}") for i in range(3)]
        try:
            host.wait_for("the ring is full")
            members[0].say(b"x")
            members[1].process.kill()
            for i in (0, 2):
                members[i].fails(3, "second talker, t2, left (")
            host.fails(3, "second talker, t2, left (")
        finally:
            for member in members:
                member.__exit__()


def test_who_stalls_is_named_to_all():
    with ring(3, "--stall", "2s") as host:
        members = [Talker(host.place, "--as", str(i + 1), "--name", f"t{i + 1}") for i in range(3)]
        try:
            host.wait_for("the ring is full")
            members[1].say(b"x" * 100_000)
            assert members[2].process.stdout.read(50_000) == b"x" * 50_000
            members[1].process.send_signal(signal.SIGSTOP)
            for i in (0, 2):
                members[i].fails(3, "second talker, t2, stalled: it ", "for 2 s")
            host.fails(3, "second talker, t2, stalled")
            members[1].process.send_signal(signal.SIGCONT)
            members[1].fails(3)
        finally:
            for member in members:
                member.__exit__()


def test_who_reads_nothing_is_named_and_not_who_waits_for_it():
    with ring(2, "--stall", "3s") as host:
        with (Talker(host.place, "--as", "1", "--name", "writer") as writer,
              Talker(host.place, "--as", "2", "--name", "deaf") as deaf):
            # More than its stdout and the window hold; nobody reads that.
            try:
                writer.say(b"x" * 1_000_000)
                writer.end_input()
            except BrokenPipeError:
                pass
            writer.fails(3, "second talker, deaf, stalled: it took nothing")
            deaf.fails(3, "second talker, deaf, stalled")
        host.fails(3, "deaf")


def test_output_that_can_not_be_written_is_named_to_all():
    with ring(2) as host, open("/dev/full", "wb") as full:
        with Talker(host.place, "--as", "1", "--name", "writer") as writer:
            program = subprocess.Popen([OCHE, "talk", host.place, "--as", "2", "--name",
                                        "full"], stdin=subprocess.DEVNULL, stdout=full,
                                       stderr=subprocess.PIPE)
            writer.say(b"x")
            writer.end_input()
            assert b"can't be written (No space left on device)" in program.communicate()[1]
            assert program.returncode == 4
            writer.fails(3, "second talker, full, left (", "can't be written")
        host.fails(3, "full")


@pytest.mark.parametrize("options, reason", [
    (["--ring", "lab"], "no ring of that name"), (["--of", "3"], "this is a ring of 2"),
    (["--as", "3"], "no such number")])
def test_who_wants_another_ring_is_turned_away(options, reason):
    with ring(2) as host:
        with Talker(host.place, *options) as wrong:
            wrong.fails(3, reason)
        members = [Talker(host.place, "--of", "2") for _ in range(2)]
        for member in members:
            member.end_input()
        for member in members:
            with member:
                assert member.out() == b""
        host.ends_with(0)


def test_a_ring_may_have_a_name():
    with ring(1, "--ring", "lab") as host:
        with Talker(host.place) as nameless:
            nameless.fails(3, "no ring of that name")
        with Talker(host.place, "--ring", "lab") as one:
            one.say(b"echo")
            one.end_input()
            assert one.out() == b"echo"
        host.ends_with(0)


def test_one_line_on_a_terminal():
    with ring(2) as host, Talker(host.place, "--as", "2") as other:
        with Terminal("talk", host.place, "--as", "1", whole=True) as terminal:
            terminal.wait_for("Give message : $")
            terminal.type("\n")
            terminal.wait_for("can't send an empty line.*\r\nGive message : $")
            at = terminal.type("this is alpha\n")
            other.say(b"this is \x1b[2Jbeta\n")
            other.end_input()
            terminal.wait_for(r"\r\nthis is \\x1b\[2Jbeta\r\n$", at)
            assert terminal.finish()[0] == 0
        assert other.out() == b"this is alpha\n"


def test_rounds_on_a_terminal():
    with ring(2) as host, Talker(host.place, "--as", "2", "--rounds") as other:
        with Terminal("talk", host.place, "--as", "1", "--rounds", whole=True) as terminal:
            terminal.wait_for("in seat 1 of 2")
            for number in range(3):
                terminal.type(f"typed {number}\n")
                assert other.process.stdout.readline() == b"typed %d\n" % number
                at = len(terminal.shown)
                other.say(b"said \x1b %d\n" % number)
                terminal.wait_for(rf"said \\x1b {number}\r\n", at)
            terminal.type("\x04")
            other.end_input()
            assert terminal.finish()[0] == 0
        assert other.out() == b""
        host.ends_with(0)


# ---- Peers that say what no talker of ours would; they have no keys ----


class Liar(Peer):
    """A talker of the published protocol, in the first seat."""

    def __init__(self, host, seat=1):
        super().__init__(socket.create_connection(("127.0.0.1", host.port), timeout=PATIENCE))
        self.send(hello(0, role=2, service=3, slots=0, name="liar"))
        self.send(frame(TALK_JOIN, [(1, seat)]))

    def reason(self):
        """The text of the goodbye."""
        return get(self.receive(GOODBYE), 2).decode()


def piece(data, more=b""):
    return frame(MESSAGE_PIECE, encode([(1, data)]) + more)


BEGIN = frame(MESSAGE_BEGIN)


@pytest.mark.parametrize("lie, reason", [
    (piece(b"x"), "hadn't begun"), (frame(MESSAGE_END), "hadn't begun"), (BEGIN + BEGIN, "middle"),
    (BEGIN + frame(INPUT_END), "middle"), (BEGIN + piece(b""), "no bytes"),
    (BEGIN + piece(b"x" * 16385), "too many"), (BEGIN + piece(b"x" * 16384) * 5, "credit"),
    (frame(MESSAGE_BEGIN, [(1, 1 << 40)]), "limit"),
    (frame(MESSAGE_BEGIN, [(1, 1)]) + piece(b"xx"), "another size"),
    (frame(MESSAGE_BEGIN, [(1, 2)]) + piece(b"x") + frame(MESSAGE_END), "another size"),
    (frame(CREDIT, [(1, 1)]), "credit"), (frame(CREDIT), "credit"),
    (frame(CREDIT, [(1, (1 << 64) - 1)]), "credit"), (frame(INPUT_END) * 2, "last message"),
    ((BEGIN + frame(MESSAGE_END)) * 2050, "credit"), (frame(TALK_JOIN), "twice")])
def test_a_lie_breaks_the_ring_and_is_named(lie, reason):
    with ring(2, "--insecure") as host, Talker(host.place, "--as", "2", "--insecure") as honest:
        with Liar(host) as liar:
            liar.receive(TALK_READY)
            liar.send(lie)
            assert reason in liar.reason()
        honest.fails(3, "first talker, liar, ", reason)
        host.fails(3, "first talker, liar, ", reason)


def test_a_talker_that_speaks_too_early_is_turned_away_and_its_seat_is_free():
    with ring(1, "--insecure") as host:
        for early in (BEGIN, frame(CREDIT, [(1, 1)])):
            with Peer.dial(host.place) as liar:
                liar.send(hello(0, role=2, service=3, slots=0) + early)
                assert "before it joined" in get(liar.receive(GOODBYE), 2).decode()
    with ring(2, "--insecure") as host:
        with Liar(host) as liar:
            liar.send(BEGIN)
            assert "isn't full yet" in liar.reason()
        host.wait_for("seat 1 is free again")


def test_fields_that_nobody_knows_are_not_handed_on():
    unknown = encode([(15, b"u" * 900)])
    with ring(2, "--insecure") as host, Liar(host, 1) as first, Liar(host, 2) as second:
        assert dict(first.receive(TALK_READY)) == {1: 1, 2: 2, 3: 1 << 30}
        first.send(frame(MESSAGE_BEGIN, encode([(1, 1)]) + unknown) + piece(b"x", unknown)
                   + frame(MESSAGE_END, unknown) + frame(INPUT_END, unknown))
        assert second.receive(MESSAGE_BEGIN) == [(1, 1)]
        assert second.receive(MESSAGE_PIECE) == [(1, b"x")]
        assert second.receive(MESSAGE_END) == []
        assert second.receive(INPUT_END) == []
        second.send(frame(CREDIT, encode([(1, 65)]) + unknown))
        assert first.receive(CREDIT) == [(1, 65)]


def test_a_broken_ring_is_told_in_fields_too():
    with ring(2, "--insecure") as host, Liar(host, 1) as first:
        with Liar(host, 2) as second:
            second.receive(TALK_READY)
        broken = dict(first.receive(TALK_BROKEN))
        assert broken[1] == 2 and broken[2] == b"liar" and broken[3].startswith(b"left (")
