"""pi, ln2 and work in the plain-text dialect, and --ask."""

import math
import re
import socket
import sys

import pytest
from programs import (CHAPTER, Program, accept, chapter, connect, everything, free_port, listening,
                      oche, place, serve)

# The chapter's terminal windows.
SERVER = """\
server waits for connections...
server waits for results...
approximation for pi = 3.141487
"""
CLIENTS = ["client is connected\nclient received 1\nclient computes 0.785253200000\n",
           "client is connected\nclient received 2\nclient computes 0.785490300000\n"]


def our_worker(port, *options):
    return oche("work", "--text", f"localhost:{port}", *options)


def python_worker(port):
    return chapter("mc4pi_client", port)


def manager(clients, *options, quantity="pi"):
    return listening(quantity, "--text", "--listen", "127.0.0.1:0", "--wait", str(clients), *options)


def two_workers(first, second, port):
    with first(port) as one:
        one.wait_for("client is connected\n")
        with second(port) as two:
            assert one.succeeds() == CLIENTS[0]
            assert two.succeeds() == CLIENTS[1]


@pytest.mark.parametrize("first, second", [(our_worker, our_worker), (python_worker, our_worker),
                                           (our_worker, python_worker)])
def test_our_manager_prints_the_chapters_transcript(first, second):
    server, port = manager(2)
    with server:
        two_workers(first, second, port)
        assert server.succeeds() == SERVER


def test_our_workers_serve_the_chapters_manager():
    port = free_port()
    with chapter("mc4pi2", port) as server:
        server.wait_for("server waits for connections...\n")
        two_workers(our_worker, our_worker, port)
        # The printed program prints 17 digits under Python 3, the transcript has Python 2's 12.
        text, _, result = server.succeeds().rpartition(" = ")
        assert text == SERVER.rpartition(" = ")[0]
        assert f"{float(result):.12g}" == "3.141487"


def test_three_workers_get_three_seeds_and_a_third_of_the_weight_each():
    server, port = manager(3)
    with server:
        workers = []
        for _ in range(3):
            workers.append(our_worker(port, "--samples", "1000"))
            workers[-1].wait_for("client is connected\n")
        results = []
        for seed, worker in enumerate(workers, 1):
            with worker:
                lines = worker.succeeds().splitlines()
                assert lines[1] == f"client received {seed}"
                results.append(float(lines[2].split()[-1]))
        result = float(server.succeeds().rpartition(" = ")[2])
        assert math.isclose(result, 4 * sum(results) / 3, rel_tol=1e-11)


def test_ln2_takes_the_mean_of_its_workers():
    server, port = manager(2, quantity="ln2")
    with server, our_worker(port, "--for", "ln2") as one, our_worker(port, "--for", "ln2") as two:
        results = [float(worker.succeeds().splitlines()[2].split()[-1]) for worker in (one, two)]
        lines = server.succeeds().splitlines()
        assert lines[:2] == SERVER.splitlines()[:2]
        assert lines[2] == f"approximation for ln(2) = {sum(results) / 2:.12g}"
        # Five standard errors of a proportion p = ln 2 of 2 * 10^7 darts: 5 sqrt(p (1-p) / 2e7).
        assert abs(sum(results) / 2 - math.log(2)) < 5.2e-4


def test_what_a_worker_sends_is_what_python_would_send():
    server, port = serve()
    with server, our_worker(port) as worker, accept(server) as peer:
        peer.sendall(b"1")
        assert everything(peer) == b"0.7852532"
        assert worker.succeeds() == CLIENTS[0]


@pytest.mark.parametrize("seed", [b"-1", b" 1\n", b"+1"])
def test_a_seed_is_read_as_pythons_int_reads_it(seed):
    server, port = serve()
    with server, our_worker(port) as worker, accept(server) as peer:
        peer.sendall(seed)
        assert everything(peer) == b"0.7852532"
        worker.succeeds()


@pytest.mark.parametrize("seed", [b"one", b"1.5", b"\0", b"\xff\xfe", b"nan", b" ", b"1e3", b"1\x1b[2J"])
def test_a_bad_seed_is_one_error(seed):
    server, port = serve()
    with server, our_worker(port) as worker, accept(server) as peer:
        peer.sendall(seed)
        line = worker.fails(3, place(port), "a seed is a whole number")
        assert line.isprintable()


def test_a_manager_that_hangs_up_is_one_error():
    server, port = serve()
    with server, our_worker(port) as worker:
        accept(server).close()
        worker.fails(3, "hung up without a seed")


@pytest.mark.parametrize("result", [b"many", b"nan", b"inf", b"-0.1", b"1e300", b"1e999", b"2", b"\0",
                                    b"\xff", b"0.5 0.5", b"\x1b[2J"])
def test_a_bad_result_is_one_error(result):
    server, port = manager(2)
    with server, connect(port) as first:
        with connect(port) as second:
            assert first.recv(80) == b"1"
            assert second.recv(80) == b"2"
            first.sendall(b"0.75")
            first.shutdown(socket.SHUT_WR)
            second.sendall(result)
            second.shutdown(socket.SHUT_WR)
            line = server.fails(3, "second client", "from 0 to 1")
            assert line.isprintable()


def test_a_result_in_pieces_is_one_number():
    server, port = manager(1)
    with server, connect(port) as worker:
        assert worker.recv(80) == b"1"
        worker.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (b"0", b".", b"7", b"5"):
            worker.sendall(piece)
        worker.shutdown(socket.SHUT_WR)
        server.succeeds()
        assert "approximation for pi = 3.0\n" in server.out


def test_a_worker_that_leaves_is_one_error():
    server, port = manager(1)
    with server:
        with connect(port) as worker:
            worker.recv(80)
        server.fails(3, "hung up without a result")


def test_a_worker_that_leaves_before_its_seed_is_one_error():
    server, port = manager(2)
    with server:
        connect(port).close()
        connect(port).close()
        assert server.finish() == 3
        assert len(server.err.splitlines()) == 2, server.err  # the port, and the error


@pytest.mark.parametrize("arguments", [
    ["pi", "--text", "--listen", "127.0.0.1:0", "--wait", "0"],
    ["pi", "--text", "--listen", "127.0.0.1:0", "--wait", "1001"],
    ["pi", "--text", "--listen", "0.0.0.0:0", "--wait", "2"],
    ["work", "--text", "192.0.2.1"],
    ["work", "--text", "127.0.0.1:1", "--samples", "0"],
    ["work", "--text", "127.0.0.1:1", "--samples", "1e30"]])
def test_bad_numbers_and_places_are_one_error(arguments):
    with oche(*arguments) as program:
        assert program.finish() == 2
        assert len(program.err.splitlines()) == 1, program.err


def test_nobody_to_work_for_is_one_error():
    port = free_port()
    with oche("work", "--text", place(port)) as worker:
        worker.fails(3, "connection failed", place(port))


def test_ctrl_c_ends_manager_and_worker_with_130():
    server, port = manager(2)
    with server, our_worker(port) as worker:
        worker.wait_for("client is connected\n")
        worker.interrupt()
        assert worker.finish() == 130
        server.interrupt()
        assert server.finish() == 130


# ---- --ask ----


def asked(quantity, *answers):
    program = oche(quantity, "--ask")
    program.type("".join(f"{answer}\n" for answer in answers).encode())
    program.end_input()
    return program


@pytest.mark.parametrize("quantity, truth", [("pi", math.pi), ("ln2", math.log(2))])
def test_ask_prints_what_the_multiprocessing_program_prints(quantity, truth):
    # The chapter's text defines main() and leaves it to the reader to call it.
    text = (CHAPTER / "mc4pi_multiprocessing.py").read_text() + "\nmain()\n"
    pattern = (r"Give the number of samples : Give the number of processes : "
               r"(\d\.\d+) error : (\d\.\d{3}e-\d\d)\n")
    with Program([sys.executable, "-u", "-c", text]) as original:
        original.type(b"20000\n2\n")
        assert re.fullmatch(pattern, original.succeeds())
    with asked(quantity, "20000", "2") as program:
        match = re.fullmatch(pattern, program.succeeds())
        assert match, program.out
        assert match[2] == f"{abs(float(match[1]) - truth):.3e}"
        # Ten standard errors of 4 times a proportion of 40,000 darts: 10 * 4 * 0.41 / 200.
        assert float(match[2]) < 0.082


@pytest.mark.parametrize("answers, what", [
    (("many", "2"), "the number of samples"), (("0", "2"), "the number of samples"),
    (("1e30", "2"), "the number of samples"), (("-5", "2"), "the number of samples"),
    (("1000", "none"), "the number of processes"), (("1000", "0"), "the number of processes"),
    (("1000", "1e9"), "the number of processes"), (("1000",), "the input has ended"),
    ((), "the input has ended")])
def test_ask_refuses_bad_answers(answers, what):
    with asked("pi", *answers) as program:
        program.fails(2, what)
