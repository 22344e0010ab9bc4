"""talk, send and receive in oche's own protocol."""

import pytest
from programs import (accept, connect, everything, free_port, listening, oche, place, serve)


def host(talkers, *options):
    return listening("talk", "--listen", "127.0.0.1:0", "--of", str(talkers), *options)


def talker(port, message, *options):
    program = oche("talk", place(port), *options)
    program.type(message)
    program.end_input()
    return program


def test_four_talkers_pass_their_messages_on_in_order_of_arrival():
    ring, port = host(4)
    words = ["first", "second", "third", "fourth"]
    talkers = []
    with ring:
        for number, word in enumerate(words, 1):
            talkers.append(talker(port, f"from {number}"))
            ring.wait_for(f"is the {word} talker of 4\n", "err")
        for number, one in enumerate(talkers, 1):
            with one:
                assert one.succeeds() == f"from {number - 1 or 4}\n"
        assert ring.succeeds() == ""


def test_numbers_choose_the_seats():
    ring, port = host(3, "--numbered")
    with ring:
        talkers = {}
        for number, word in ((3, "third"), (1, "first"), (2, "second")):
            talkers[number] = talker(port, f"from {number}", "--as", str(number))
            ring.wait_for(f"is the {word} talker of 3\n", "err")
        for number, one in talkers.items():
            with one:
                assert one.succeeds() == f"from {number - 1 or 3}\n"
        ring.succeeds()


@pytest.mark.parametrize("options, reason", [
    (["--as", "2"], "its number is taken"), (["--as", "4"], "no such number"),
    ([], "it sent no number")])
def test_a_bad_number_is_refused_at_both_ends_and_does_not_break_the_ring(options, reason):
    ring, port = host(2, "--numbered")
    with ring, talker(port, "from 2", "--as", "2") as second:
        ring.wait_for("is the second talker of 2\n", "err")
        with talker(port, "bad", *options) as bad:
            bad.fails(3, reason)
        ring.wait_for(reason, "err")
        with talker(port, "from 1", "--as", "1") as first:
            assert first.succeeds() == "from 2\n"
        assert second.succeeds() == "from 1\n"
        ring.succeeds()


def test_a_seat_left_early_is_free_again():
    ring, port = host(2)
    with ring:
        with talker(port, "gone") as gone:
            ring.wait_for("is the first talker of 2\n", "err")
            gone.interrupt()
            assert gone.finish() == 130
        ring.wait_for("seat 1 is free again\n", "err")
        with talker(port, "a") as first, talker(port, "b") as second:
            assert sorted([first.succeeds(), second.succeeds()]) == ["a\n", "b\n"]
        ring.succeeds()


def test_strangers_are_turned_away_and_do_not_break_the_ring():
    ring, port = host(1)
    with ring:
        with connect(port) as browser:
            browser.sendall(b"GET / HTTP/1.1\r\n\r\n")
            everything(browser)
        with connect(port) as liar:
            liar.sendall(b"\xff\xff\xff\xff\x01")
            everything(liar)
        ring.wait_for("turned away 127.0.0.1", "err", times=2)
        with talker(port, "echo") as one:
            assert one.succeeds() == "echo\n"
        ring.succeeds()


def test_the_host_asks_for_the_number_of_talkers():
    with oche("talk", "--listen", "127.0.0.1:0") as ring:
        ring.wait_for("Give the number of clients : ")
        ring.type("1")
        ring.wait_for("\n", "err")
        with talker(int(ring.err.rpartition(":")[2]), "echo") as one:
            assert one.succeeds() == "echo\n"
        ring.succeeds()


def receiver():
    return listening("receive", "--listen", "127.0.0.1:0")


@pytest.mark.parametrize("message", ["hello there", "é" * 1000, "two\nlines", "\x1b[2J"])
def test_a_message_arrives_unchanged_and_is_acknowledged(message):
    server, port = receiver()
    with server, oche("send", place(port), message) as sender:
        assert sender.succeeds() == ""
        assert sender.err == "the message was received\n"
        assert server.succeeds() == message + "\n"


def test_stdin_is_sent_byte_by_byte():
    server, port = receiver()
    with server:
        with oche("send", place(port)) as sender:
            sender.type(b"\0" + b"x" * 100_000)
            sender.end_input()
            # Read first: a pipe holds less than that.
            out = server.succeeds()
            sender.succeeds()
        assert out == "\0" + "x" * 100_000


def test_an_empty_message_is_a_message():
    server, port = receiver()
    with server, oche("send", place(port)) as sender:
        sender.end_input()
        sender.succeeds()
        assert server.succeeds() == ""


def test_a_message_to_a_name_is_not_for_a_nameless_receiver():
    server, port = receiver()
    with server:
        with oche("send", place(port), "hello", "--to", "lab7") as sender:
            sender.fails(3, "nobody of that name")
        with oche("send", place(port), "hello") as sender:
            sender.succeeds()
        assert server.succeeds() == "hello\n"


def test_a_talker_at_a_receiver_is_refused_with_the_reason():
    server, port = receiver()
    with server, talker(port, "hello") as lost:
        lost.fails(3, place(port))
        with oche("send", place(port), "hello") as sender:
            sender.succeeds()
        server.succeeds()


def test_nobody_there_is_one_error():
    port = free_port()
    with oche("send", place(port), "hello") as sender:
        sender.fails(3, place(port))
    with talker(port, "hello") as one:
        one.fails(3, place(port))


def test_a_listener_that_hangs_up_is_one_error():
    for command in (["send"], ["talk"]):
        server, port = serve()
        with server, oche(*command, place(port)) as program:
            program.type("hello")
            program.end_input()
            accept(server).close()
            program.fails(3, place(port))


def test_a_port_in_use_is_one_error():
    server, port = serve()
    with server:
        for command in (["receive"], ["talk", "--of", "2"]):
            with oche(*command, "--listen", place(port)) as program:
                program.fails(3, str(port))


@pytest.mark.parametrize("arguments", [
    ["send", "127.0.0.1:1", "x", "--insecure", "--key-file", "y"],
    ["talk"]])
def test_what_makes_no_sense_is_one_error(arguments):
    with oche(*arguments) as program:
        program.fails(2)


def test_ctrl_c_ends_host_and_receiver_with_130():
    for program, _ in (host(2), receiver()):
        with program:
            program.interrupt()
            assert program.finish() == 130
