"""talk --text: the chapter's swap of two messages, and exercise 2's ring of N."""

import os

import pytest
from programs import (accept, chapter, connect, everything, free_port, listening, oche, place,
                      same_peer, serve)

# The chapter's three terminal windows, but for the host's client ports.
HOST_OF_TWO = """\
talk host waits for first client
server accepted connection from ('127.0.0.1', 49158)
talk host waits for second client
server accepted connection from ('127.0.0.1', 49158)
talk host waits for first client
talk host received "this is alpha"
talk host waits for second client
talk host received "this is beta"
talk host sends "this is beta" to first client
talk host sends "this is alpha" to second client
"""


def client_window(said, heard):
    # Without a terminal, what is typed isn't echoed, and so the prompt's line doesn't end there.
    return ("client is connected\n"
            "Give message : client waits for reply\n"
            f'client received "{heard}"\n')


def our_client(port, *options):
    return oche("talk", "--text", f"localhost:{port}", *options)


def python_client(port):
    return chapter("talk_client", port)


def swap(start_first, start_second, port):
    """Alpha and beta, as in the chapter; the first is connected before the second starts."""
    with start_first(port) as first:
        first.wait_for("Give message : ")
        with start_second(port) as second:
            second.wait_for("Give message : ")
            second.type("this is beta")
            first.type("this is alpha")
            assert first.succeeds() == client_window("this is alpha", "this is beta")
            assert second.succeeds() == client_window("this is beta", "this is alpha")


@pytest.mark.parametrize("first", [our_client, python_client])
@pytest.mark.parametrize("second", [our_client, python_client])
def test_our_host_prints_the_chapters_transcript(first, second):
    host, port = listening("talk", "--text", "--listen", "127.0.0.1:0", "--of", "2")
    with host:
        swap(first, second, port)
        assert same_peer(host.succeeds()) == HOST_OF_TWO
        assert host.err == f"listening on 127.0.0.1:{port}\n"


@pytest.mark.parametrize("second", [our_client, python_client])
def test_our_client_swaps_through_the_chapters_host(second):
    port = free_port()
    with chapter("talk_host", port) as host:
        host.wait_for("talk host waits for first client\n")
        swap(our_client, second, port)
        # The printed program prints two spaces where the chapter's transcript has one.
        assert same_peer(host.succeeds()).replace("from  (", "from (") == HOST_OF_TWO


def test_five_clients_in_a_ring_of_both_kinds():
    host, port = listening("talk", "--text", "--listen", "127.0.0.1:0", "--of", "5")
    kinds = [our_client, python_client, our_client, python_client, our_client]
    clients = []
    with host:
        for number, kind in enumerate(kinds, 1):
            clients.append(kind(port))
            clients[-1].wait_for("Give message : ")
        for number in (4, 1, 5, 3, 2):
            clients[number - 1].type(f"from {number}")
        for number, client in enumerate(clients, 1):
            with client:
                assert client.succeeds().endswith(f'client received "from {number - 1 or 5}"\n')
        words = ["first", "second", "third", "fourth", "fifth"]
        assert same_peer(host.succeeds()) == "".join(
            [f"talk host waits for {word} client\n"
             "server accepted connection from ('127.0.0.1', 49158)\n" for word in words]
            + [f"talk host waits for {word} client\n"
               f'talk host received "from {number}"\n' for number, word in enumerate(words, 1)]
            + [f'talk host sends "from {number - 1 or 5}" to {word} client\n'
               for number, word in enumerate(words, 1)])


def test_the_host_asks_for_the_number_of_clients():
    with oche("talk", "--text", "--listen", "127.0.0.1:0") as host:
        host.wait_for("Give the number of clients : ")
        host.type("1")
        host.wait_for("\n", "err")
        port = int(host.err.rpartition(":")[2])
        with our_client(port) as client:
            client.type("echo")
            assert client.succeeds() == client_window("echo", "echo")
        host.succeeds()


@pytest.mark.parametrize("answer", ["", "0", "-1", "two", "1.5", "1e30", "1001"])
def test_a_bad_number_of_clients_is_one_error(answer):
    with oche("talk", "--text", "--listen", "127.0.0.1:0") as host:
        host.type(answer)
        host.fails(2, "the number of clients", "from 1 to 1000")


def test_a_person_is_asked_again():
    terminal, end = os.openpty()
    with oche("talk", "--text", "--listen", "127.0.0.1:0", stdin=end) as host:
        os.close(end)
        host.wait_for("Give the number of clients : ")
        os.write(terminal, b"none\n")
        host.wait_for("Give the number of clients : ", times=2)
        os.write(terminal, b"2\n")
        host.wait_for("talk host waits for first client\n")
        assert host.err.startswith("'none' can't be the number of clients")
        os.close(terminal)


# ---- Numbered rings ----


def numbered_host(clients):
    return listening("talk", "--text", "--listen", "127.0.0.1:0", "--of", str(clients), "--numbered")


def test_numbers_and_not_arrival_order_a_numbered_ring():
    host, port = numbered_host(3)
    with host:
        clients = {}
        for number in (3, 1):
            clients[number] = our_client(port, "--as", str(number))
            host.wait_for(f"talk host received number {number}\n")
        clients[2] = our_client(port, "--numbered")
        clients[2].wait_for("Give the number of the client : ")
        clients[2].type("2")
        for number, client in clients.items():
            client.type(f"from {number}")
        for number, client in clients.items():
            with client:
                assert client.succeeds().endswith(f'client received "from {number - 1 or 3}"\n')
        assert same_peer(host.succeeds()).endswith(
            'talk host waits for first client\ntalk host received "from 1"\n'
            'talk host waits for second client\ntalk host received "from 2"\n'
            'talk host waits for third client\ntalk host received "from 3"\n'
            'talk host sends "from 3" to first client\n'
            'talk host sends "from 1" to second client\n'
            'talk host sends "from 2" to third client\n')


def test_a_number_and_a_message_may_arrive_in_one_piece():
    host, port = numbered_host(2)
    with host, connect(port) as second, connect(port) as first:
        second.sendall(b"2\nbeta")
        host.wait_for("talk host received number 2\n")
        first.sendall(b"1\r\nalpha")
        assert everything(first) == b"beta"
        assert everything(second) == b"alpha"
        host.succeeds()


@pytest.mark.parametrize("line, reason", [
    (b"0\n", "no such number"), (b"3\n", "no such number"),
    (b"99999999999999999999\n", "no number"), (b"-1\n", "no number"), (b"one\n", "no number"),
    (b"\n", "no number"), (b"1\0\n", "no number"), (b"\xff\xfe\n", "no number"),
    (b"1" * 100, "no number"), (b"2\n", "number is taken")])
def test_a_bad_number_is_noted_and_does_not_break_the_ring(line, reason):
    host, port = numbered_host(2)
    with host, connect(port) as second:
        second.sendall(b"2\n")
        host.wait_for("talk host received number 2\n")
        with connect(port) as bad:
            bad.sendall(line)
            assert everything(bad) == b""
        with our_client(port, "--as", "1") as first:
            first.type("from 1")
            second.sendall(b"from 2")
            assert first.succeeds().endswith('client received "from 2"\n')
        assert everything(second) == b"from 1"
        host.succeeds()
        notes = host.err.splitlines()[1:]
        assert len(notes) == 1 and reason in notes[0], host.err


def test_our_client_with_a_taken_number_says_so():
    host, port = numbered_host(2)
    with host, connect(port) as second:
        second.sendall(b"2\n")
        host.wait_for("talk host received number 2\n")
        with our_client(port, "--as", "2") as bad:
            host.wait_for("number is taken", "err")
            bad.type("hello")
            bad.fails(3, place(port))


def test_a_client_that_leaves_before_its_number_does_not_break_the_ring():
    host, port = numbered_host(1)
    with host:
        connect(port).close()
        host.wait_for("no number", "err")
        with our_client(port, "--as", "1") as client:
            client.type("echo")
            assert client.succeeds().endswith('client received "echo"\n')
        host.succeeds()


@pytest.mark.parametrize("number", ["0", "-1", "1001", "x"])
def test_an_impossible_number_is_refused_by_the_client(number):
    with our_client(1, "--as", number) as client:
        client.fails(2, "--as")


# ---- Peers that misbehave ----


def test_a_place_left_early_is_free_again():
    host, port = listening("talk", "--text", "--listen", "127.0.0.1:0", "--of", "2")
    with host:
        connect(port).close()
        host.wait_for("talk host waits for second client\n")
        with connect(port) as first:
            host.wait_for("hung up before the ring was full", "err")
            with connect(port) as second:
                first.sendall(b"a")
                second.sendall(b"b")
                assert everything(first) == b"b"
                assert everything(second) == b"a"
        host.succeeds()


def test_a_client_that_leaves_a_full_ring_breaks_it():
    host, port = listening("talk", "--text", "--listen", "127.0.0.1:0", "--of", "2")
    with host, our_client(port) as first:
        first.wait_for("Give message : ")
        with connect(port):
            host.wait_for("talk host waits for first client\n", times=2)
        first.type("hello")
        host.fails(3, "second client", "hung up without a message")
        first.fails(3, "hung up without a reply")


def test_eighty_one_bytes_are_cut_to_eighty():
    host, port = listening("talk", "--text", "--listen", "127.0.0.1:0", "--of", "1")
    with host, connect(port) as client:
        client.sendall(b"x" * 81)
        assert everything(client) == b"x" * 80
        host.succeeds()


def test_what_commands_a_terminal_is_printed_escaped_and_passed_on_unchanged():
    said = b"\x1b[2J\0\xff\r\n"
    host, port = listening("talk", "--text", "--listen", "127.0.0.1:0", "--of", "2")
    with host, connect(port) as first:
        host.wait_for("talk host waits for second client\n")
        with connect(port) as second:
            first.sendall(b"a")
            second.sendall(said)
            assert everything(first) == said
        assert 'talk host received "\\x1b[2J\\x00\\xff\\r\\n"\n' in host.succeeds()


def test_a_host_that_hangs_up_is_one_error_of_the_client():
    server, port = serve()
    with server, our_client(port) as client:
        accept(server).close()
        client.wait_for("Give message : ")
        client.type("hello")
        client.fails(3, place(port))


def test_the_client_prints_a_reply_escaped():
    server, port = serve()
    with server, our_client(port) as client:
        client.type("hello")
        with accept(server) as peer:
            assert peer.recv(80) == b"hello"
            peer.sendall(b"\x1b]0;title\x07" + b"y" * 100)
            assert client.succeeds().splitlines()[-1] == (
                'client received "\\x1b]0;title\\x07' + "y" * 70 + '"')


@pytest.mark.parametrize("message", [b"\n", b"x" * 81 + b"\n", b"\xff\n"])
def test_a_bad_message_is_one_error(message):
    server, port = serve()
    with server, our_client(port) as client:
        client.type(message)
        client.fails(2, "1 to 80 bytes")


def test_no_message_at_all_is_one_error():
    server, port = serve()
    with server, our_client(port) as client:
        client.end_input()
        client.fails(2, "the input has ended")


def test_ctrl_c_ends_host_and_client_with_130():
    host, port = listening("talk", "--text", "--listen", "127.0.0.1:0", "--of", "2")
    with host, our_client(port) as client:
        client.wait_for("Give message : ")
        client.interrupt()
        assert client.finish() == 130
        host.interrupt()
        assert host.finish() == 130


def test_the_command_line_is_checked():
    for arguments in (["talk", "--text"], ["talk", "--text", "--listen", "127.0.0.1:0", "localhost"],
                      ["talk", "--text", "localhost", "--of", "2"],
                      ["talk", "--text", "--listen", "127.0.0.1:0", "--of", "2", "--as", "1"],
                      ["talk", "--text", "--listen", "127.0.0.1:0", "--of", "0"],
                      ["talk", "--text", "--listen", "127.0.0.1:0", "--of", "1001"]):
        with oche(*arguments) as program:
            program.fails(2)
