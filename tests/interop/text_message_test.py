"""send --text and receive --text: the chapter's remote client and server."""

import pytest
from programs import (accept, chapter, connect, everything, free_port, listening, oche, place,
                      same_peer, serve)

# What the printed remote_server.py prints; there is no transcript of it.
ACCEPTED = """\
server waits for connection
server accepted connection from  ('127.0.0.1', 49158)
server waits for data
server received  hello there
"""
REFUSED = """\
server waits for connection
server does not accept data from  ('127.0.0.1', 49158)
"""


def receiver(*options):
    return listening("receive", "--text", "--listen", "127.0.0.1:0", *options)


def test_the_chapters_client_reaches_our_receiver():
    server, port = receiver("--allow", "127.0.0.1/32")
    with server, chapter("remote_client", port) as client:
        client.wait_for("Give message : ")
        client.type("hello there")
        assert client.succeeds() == "client is connected\nGive message : "
        assert same_peer(server.succeeds()) == ACCEPTED


def test_our_sender_reaches_the_chapters_server():
    port = free_port()
    with chapter("remote_server", port) as server:
        server.wait_for("server waits for connection\n")
        with oche("send", "--text", place(port), "hello there") as client:
            assert client.succeeds() == "client is connected\n"
        assert same_peer(server.succeeds()) == ACCEPTED


def test_our_sender_asks_as_the_chapters_does():
    port = free_port()
    with chapter("remote_server", port) as server:
        server.wait_for("server waits for connection\n")
        with oche("send", "--text", place(port)) as client:
            client.wait_for("Give message : ")
            client.type("hello there")
            assert client.succeeds() == "client is connected\nGive message : "
        assert same_peer(server.succeeds()) == ACCEPTED


def test_ours_reaches_ours_over_ipv6():
    server, port = listening("receive", "--text", "--listen", "[::1]:0", "--allow", "::1")
    with server, oche("send", "--text", f"[::1]:{port}", "hello there") as client:
        client.succeeds()
        assert server.succeeds().splitlines()[1].startswith(
            "server accepted connection from  ('::1', ")


def test_our_receiver_refuses_as_the_chapters_does():
    port = free_port()
    with chapter("remote_server", port, allowed="131.193.41.130") as server:
        server.wait_for("server waits for connection\n")
        with connect(port) as client:
            assert everything(client) == b""
        assert same_peer(server.succeeds()) == REFUSED
    server, port = receiver("--allow", "131.193.41.130/32", "--allow", "::1")
    with server, connect(port) as client:
        assert everything(client) == b""
        assert server.finish() == 3
        assert same_peer(server.out) == REFUSED


def test_the_chapters_client_is_refused_without_harm():
    server, port = receiver("--allow", "131.193.41.130")
    with server, chapter("remote_client", port) as client:
        client.wait_for("Give message : ")
        assert server.finish() == 3
        client.type("hello there")
        client.succeeds()


@pytest.mark.parametrize("sent, printed", [
    (b"x" * 81, "x" * 80), (b"\x1b[31m", "\\x1b[31m"), (b"a\0b", "a\\x00b"),
    (b"\xff", "\\xff"), ("é".encode(), "é"), (b"two\nlines", "two\\nlines")])
def test_a_message_is_printed_without_commanding_the_terminal(sent, printed):
    server, port = receiver()
    with server, connect(port) as client:
        client.sendall(sent)
        assert server.succeeds().splitlines()[-1] == "server received  " + printed


def test_a_client_that_sends_nothing_is_one_error():
    server, port = receiver()
    with server:
        connect(port).close()
        server.fails(3, "hung up without a message")


@pytest.mark.parametrize("message", ["", "x" * 81, "é" * 41, b"\xff"])
def test_a_bad_message_is_refused_before_anybody_is_called(message):
    server, port = serve()
    with server, oche("send", "--text", place(port), message) as client:
        client.fails(2, "1 to 80 bytes")
        assert client.out == ""
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_message_of_eighty_bytes_arrives_whole():
    server, port = serve()
    with server, oche("send", "--text", place(port), "é" * 40) as client:
        with accept(server) as peer:
            assert everything(peer) == ("é" * 40).encode()
        client.succeeds()


def test_a_connection_that_fails_is_one_error():
    port = free_port()
    with oche("send", "--text", place(port), "hello") as client:
        client.fails(3, "connection failed", place(port))
        assert client.out == ""


def test_a_name_that_nobody_has_is_one_error():
    with oche("send", "--text", "no-such-name.invalid", "hello") as client:
        client.fails(3, "no-such-name.invalid")


def test_a_port_in_use_is_one_error():
    server, port = serve()
    with server, oche("receive", "--text", "--listen", place(port)) as receiver_:
        receiver_.fails(3, place(port))


@pytest.mark.parametrize("arguments", [
    ["receive", "--text", "--listen", "0.0.0.0:0"], ["receive", "--text", "--listen", "[::]:0"],
    ["send", "--text", "192.0.2.1", "hello"], ["talk", "--text", "192.0.2.1"],
    ["talk", "--text", "--listen", "0.0.0.0:0", "--of", "2"]])
def test_other_computers_need_insecure(arguments):
    with oche(*arguments) as program:
        program.fails(2, "--insecure")


def test_insecure_allows_every_address():
    server = oche("receive", "--text", "--listen", "0.0.0.0:0", "--insecure")
    with server:
        server.wait_for("\n", "err")
        port = int(server.err.rpartition(":")[2])
        with oche("send", "--text", place(port), "hello there") as client:
            client.succeeds()
        assert same_peer(server.succeeds()) == ACCEPTED


@pytest.mark.parametrize("arguments", [
    ["receive", "--text", "--listen", "127.0.0.1:65536"],
    ["receive", "--text", "--listen", "127.0.0.1:port"],
    ["receive", "--text", "--listen", "127.0.0.1:0", "--allow", "127.0.0.1/33"],
    ["receive", "--text", "--listen", "127.0.0.1:0", "--allow", "somewhere"],
    ["send", "--text", "127.0.0.1:0", "hello"], ["send", "--text", "", "hello"],
    ["send", "--text", "localhost", "hello", "--to", "me"]])
def test_a_bad_address_is_one_error(arguments):
    with oche(*arguments) as program:
        program.fails(2)


def test_ctrl_c_ends_a_receiver_with_130():
    server, _ = receiver()
    with server:
        server.wait_for("server waits for connection\n")
        server.interrupt()
        assert server.finish() == 130
