"""oche send and oche receive: one message of any bytes, and a receipt when it is written out."""

import hashlib
import signal
import subprocess

import pytest
from ring import HOST_MEMORY, MIB, Talker, make_file, peak_memory
from running import OCHE, PATIENCE



def sender(place, *options, **arguments):
    return Talker(place, *options, command="send", **arguments)


class Receiver:
    """A receiver whose stdout is a pipe that the test reads, or a file."""

    def __init__(self, *options, stdout=subprocess.PIPE):
        self.process = subprocess.Popen([OCHE, "receive", "--listen", "127.0.0.1:0", *options],
                                        stdin=subprocess.DEVNULL, stdout=stdout,
                                        stderr=subprocess.PIPE)
        line = self.process.stderr.readline().decode()
        assert line.startswith("listening on 127.0.0.1:"), line
        self.place = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def ends_with(self, code):
        err = self.process.stderr.read().decode()
        assert self.process.wait(PATIENCE) == code, err
        return err


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 1_000_000])
def test_a_message_of_any_bytes_arrives(size, tmp_path):
    make_file(tmp_path / "in", size, 1)
    with Receiver() as waits, open(tmp_path / "in", "rb") as stdin:
        with sender(waits.place, stdin=stdin) as sends:
            assert waits.process.stdout.read() == (tmp_path / "in").read_bytes()
            sends.ends_with(0)
            assert sends.err == "the message was received\n"
        waits.ends_with(0)


def test_neither_end_stores_the_message(tmp_path):
    digest = make_file(tmp_path / "in", 64 * MIB, 1)
    with Receiver() as waits, open(tmp_path / "in", "rb") as stdin:
        with sender(waits.place, stdin=stdin) as sends:
            got = hashlib.sha256()
            left = 64 * MIB
            while left > MIB:
                piece = waits.process.stdout.read(MIB)
                got.update(piece)
                left -= len(piece)
            assert peak_memory(waits.process) < HOST_MEMORY
            got.update(waits.process.stdout.read())
            assert got.hexdigest() == digest
            sends.ends_with(0)
        waits.ends_with(0)


def test_no_receipt_before_it_is_written_out():
    """The receiver's stdout is full: what it can't write isn't received."""
    with Receiver() as waits, sender(waits.place) as sends:
        sends.say(b"x" * 100_000)
        sends.end_input()
        assert waits.process.stdout.read(10_000) == b"x" * 10_000
        assert sends.process.poll() is None
        assert waits.process.stdout.read() == b"x" * 90_000
        sends.ends_with(0)
        waits.ends_with(0)


def test_no_receipt_for_what_can_not_be_written():
    with open("/dev/full", "wb") as full, Receiver(stdout=full) as waits:
        with sender(waits.place, "hello") as sends:
            sends.fails(3, "the message can't be written", "No space left")
        assert "the message can't be written (No space left on device)" in waits.ends_with(4)


def test_a_message_has_the_limit_and_no_byte_more(tmp_path):
    (tmp_path / "in").write_bytes(b"x" * 1001)
    with Receiver("--max-message", "1000") as waits:
        with open(tmp_path / "in", "rb") as stdin, sender(waits.place, stdin=stdin) as sends:
            sends.fails(2, "1001 bytes is too long", "1000")
        # It had not begun, so that the receiver waits on.
        with sender(waits.place) as sends:
            sends.say(b"x" * 1000)
            sends.end_input()
            sends.ends_with(0)
        assert waits.process.stdout.read() == b"x" * 1000
        waits.ends_with(0)
    with Receiver("--max-message", "1000") as waits, sender(waits.place) as sends:
        sends.say(b"x" * 1001)
        sends.end_input()
        sends.fails(2, "the message is too long", "1000")
        assert "the sender left (" in waits.ends_with(3)


def test_a_sender_that_dies_in_its_message_fails_the_receiver():
    with Receiver() as waits, sender(waits.place) as sends:
        sends.say(b"x" * 1000)
        assert waits.process.stdout.read(1000) == b"x" * 1000
        sends.process.kill()
        assert "didn't arrive whole (the sender left (" in waits.ends_with(3)


def test_a_receiver_that_dies_fails_the_sender():
    with Receiver() as waits, sender(waits.place) as sends:
        sends.say(b"x" * 1000)
        assert waits.process.stdout.read(1000) == b"x" * 1000
        waits.process.kill()
        sends.fails(3, "no receipt", waits.place)


def test_a_sender_that_stalls_is_given_up():
    with Receiver("--stall", "1s") as waits, sender(waits.place) as sends:
        sends.say(b"x" * 1000)
        assert waits.process.stdout.read(1000) == b"x" * 1000
        sends.process.send_signal(signal.SIGSTOP)
        assert "the sender sent nothing more of its message for 1 s" in waits.ends_with(3)
        sends.process.send_signal(signal.SIGCONT)
        sends.fails(3, "sent nothing more of its message for 1 s")


def test_one_sender_at_a_time():
    with Receiver() as waits, sender(waits.place) as first:
        first.say(b"x")
        assert waits.process.stdout.read(1) == b"x"
        with sender(waits.place, "second") as second:
            second.fails(3, "gets another message already")
        first.end_input()
        first.ends_with(0)
        waits.ends_with(0)


def test_where_to_wait_is_said_once():
    for options in ([], ["--listen", "127.0.0.1:0", "--at", "127.0.0.1:1"],
                    ["--listen", "127.0.0.1:0", "--name", "me"],
                    ["--at", "127.0.0.1:1", "--max-message", "5"],
                    ["--listen", "127.0.0.1:0", "--max-message", "0"],
                    ["--listen", "127.0.0.1:0", "--max-message", "5XB"]):
        ended = subprocess.run([OCHE, "receive", *options], stdin=subprocess.DEVNULL, check=False,
                               capture_output=True, timeout=PATIENCE)
        assert ended.returncode == 2 and ended.stderr.startswith(b"oche: "), ended


@pytest.mark.parametrize("command", [
    ["talk", "127.0.0.1:1", "--ring"], ["talk", "127.0.0.1:1", "--name"],
    ["talk", "--listen", "127.0.0.1:0", "--of", "1", "--ring"], ["send", "127.0.0.1:1", "--to"],
    ["send", "127.0.0.1:1", "--name"], ["receive", "--at", "127.0.0.1:1", "--name"]])
def test_a_name_can_be_shown(command):
    for name in ("n" * 65, "a\x1b[2J", "naïve", " a"):
        ended = subprocess.run([OCHE, *command, name], stdin=subprocess.DEVNULL, check=False,
                               capture_output=True, timeout=PATIENCE)
        assert ended.returncode == 2, ended
        assert ended.stderr.decode().startswith(f"oche: {command[-1]} can't be that name"), ended


def test_nobody_to_wait_at_is_one_error():
    with Receiver() as busy, sender(busy.place, "done") as sends:
        sends.ends_with(0)
        busy.ends_with(0)
    ended = subprocess.run([OCHE, "receive", "--at", busy.place, "--name", "me"], check=False,
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    assert ended.returncode == 3 and busy.place.encode() in ended.stderr, ended
