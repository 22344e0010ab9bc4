"""A host, the workers that stay with it, and the jobs that it is sent."""

import os
import re
import signal
import socket
import subprocess

import pytest
from frames import HELLO, Peer
from host_lines import record_of
from running import JOBS, OCHE, PATIENCE, Running, check_message, crew_of, oche, parse_json, result, worker

ENDLESS = ["pi", "--samples", "9e15"]


class Host(Running):
    """A host at a port of the system's choice, which tells each event."""

    def __init__(self, *options, listen="127.0.0.1:0", **how):
        # Peers of our own have no keys.
        self.key = [option for option in options if option == "--insecure"]
        super().__init__("host", "--listen", listen, "--verbose", *options, **how)
        try:
            self.place = self.wait_for(r"^listening on (127\.0\.0\.1:\d+)$").group(1)
        except BaseException:
            self.__exit__()
            raise

    def send(self, *arguments):
        """Sends a job and leaves it there; returns its number."""
        ended = oche(*arguments, "--at", self.place, "--detach", *self.key)
        assert ended.code == 0, ended
        assert re.fullmatch(r"\d+\n", ended.out), ended
        return ended.out.strip()

    def result(self, number, code=0):
        ended = oche("result", self.place, number, "--json", *self.key)
        assert ended.code == code, ended
        return parse_json(ended.out)

    def wait_joined(self, *names):
        for name in names:
            self.wait_for(rf"^worker {name} joined from ")

    def wait_computed(self, name, after=0):
        self.wait_for(rf"^worker {name}: chunks \d+\.\.\d+ of job \d+ accepted$", after)

    def jobs(self):
        return {str(job["job"]): job for job in parse_json(oche("jobs", self.place, "--json", *self.key).out)}

    def workers(self):
        listed = parse_json(oche("workers", self.place, "--json", *self.key).out)
        return {one["name"]: one for one in listed}

    def stop(self):
        self.signal(signal.SIGTERM)
        self.ends_with(0)


def job_of(name):
    arguments, samples = JOBS[name]
    return [*arguments, "--samples", str(samples)]


def without_times(answer):
    """What must be the same wherever a job is run."""
    return {key: value for key, value in answer.items() if key not in ("seconds", "crew")}


@pytest.mark.parametrize("name", JOBS)
def test_an_answer_is_that_of_a_run_here(name):
    here = result(*job_of(name), "--workers", "2")
    with Host() as host, worker(host.place, "a") as a, worker(host.place, "b") as b:
        host.wait_joined("a", "b")
        there = result(*job_of(name), "--at", host.place, "--quiet")
        assert without_times(there) == without_times(here)
        again = host.result("1")
        assert without_times(again) == without_times(here) and again["crew"] == there["crew"]
        host.stop()
        a.ends_with(0)
        b.ends_with(0)


def test_the_text_is_that_of_a_run_here():
    job = ["estimate", "a*exp(-b)+c; a", "a~normal(5,0.1)", "b~uniform(1,2)", "c=3", "--samples", "1e6"]
    shown = ["--full", "--quantiles", "0.1,0.9", "--coverage", "0.9", "--histogram", "show"]

    def lines(text):
        return [line for line in text.splitlines() if not re.search(" samples in |^crew:|^  a ", line)]

    with Host() as host, worker(host.place, "a"):
        for options in (shown, ["--report", "gum"]):
            here = oche(*job, *options)
            there = oche(*job, *options, "--at", host.place)
            number = there.err.split()[1]
            later = oche("result", host.place, number, *options)
            assert here.code == there.code == later.code == 0, (here, there, later)
            assert lines(there.out) == lines(here.out)
            if options == shown:
                assert lines(later.out) == lines(here.out)
        assert "[" in oche("result", host.place, "1", "--json").out


def test_two_jobs_wait_for_two_workers_that_stay(undisturbed):
    with Host() as host:
        numbers = [host.send(*job_of("pi")), host.send(*job_of("costly"))]
        assert [job["state"] for job in host.jobs().values()] == ["queued", "queued"]
        with worker(host.place, "a") as a, worker(host.place, "b") as b:
            answers = [host.result(number) for number in numbers]
            # They are still there, idle, and take what comes next.
            numbers.append(host.send(*job_of("stratified")))
            answers.append(host.result(numbers[-1]))
            for name, answer in zip(("pi", "costly", "stratified"), answers):
                assert answer["digest"] == undisturbed.digest(name, JOBS[name][1])
                assert answer["met"] is True
            assert {job["state"] for job in host.jobs().values()} == {"done"}
            workers = host.workers()
            assert sorted(workers) == ["a", "b"]
            assert all(one["job"] is None and one["chunks"] > 0 for one in workers.values())
            host.stop()
            a.ends_with(0)
            b.ends_with(0)


def test_the_urgent_job_comes_first():
    with Host() as host:
        low, first, second, high = (
            host.send("pi", "--samples", "1e7", "--priority", priority)
            for priority in ("-1", "0", "0", "5"))
        with worker(host.place, "a"):
            for number in (low, first, second, high):
                host.result(number)
                host.wait_for(rf"^job {number} is done")
            order = re.findall(r"^job (\d+) is done", host.err, re.MULTILINE)
            assert order == [high, first, second, low]


def test_an_urgent_job_takes_the_workers_of_another_and_gives_them_back(undisturbed):
    with Host() as host, worker(host.place, "a") as a, worker(host.place, "b") as b:
        host.wait_joined("a", "b")
        slow = host.send(*job_of("costly"))
        host.wait_computed("a")
        host.wait_computed("b")
        for one in (a, b):  # so that the job can't be over before the other is there
            one.signal(signal.SIGSTOP)
        urgent = host.send("pi", "--samples", "1e7", "--priority", "1")
        for one in (a, b):
            one.signal(signal.SIGCONT)
        assert host.result(urgent)["met"] is True
        answer = host.result(slow)
        host.wait_for(rf"^job {slow} is done")
        order = re.findall(r"^job (\d+) is done", host.err, re.MULTILINE)
        assert order == [urgent, slow]
    assert answer["digest"] == undisturbed.digest("costly", JOBS["costly"][1])
    assert sorted(crew_of(answer)) == ["a", "b"] and all(crew_of(answer).values())


def test_a_running_job_is_cancelled_with_what_it_has():
    with Host() as host, worker(host.place, "a") as a, Running(*ENDLESS, "--at", host.place, "--json") as client:
        number = client.wait_for(r"^job (\d+) at ").group(1)
        host.wait_for(r"chunks 0\.\.\d+ of job 1 accepted$")
        stranger = oche("cancel", host.place, number, env={**os.environ, "LOGNAME": "somebody else"})
        assert stranger.code == 3
        check_message(stranger.err, "not yours")
        assert oche("cancel", host.place, number).code == 0
        answer = client.json(130)
        assert answer["stop_reason"] == "interrupted" and answer["met"] is False
        assert answer == host.result(number, 130)
        assert host.jobs()[number]["state"] == "cancelled"
        # The worker goes on with the next.
        assert result("pi", "--samples", "1e7", "--at", host.place, "--quiet")["met"] is True
        assert oche("cancel", host.place, number).code == 2
        host.stop()
        a.ends_with(0)
    same = result("pi", "--samples", str(answer["samples"]))
    assert (same["digest"], same["estimate"]) == (answer["digest"], answer["estimate"])


def test_a_client_hangs_up_and_comes_back(undisturbed):
    with Host() as host:
        with Running(*job_of("pi"), "--at", host.place) as client:
            number = client.wait_for(r"^job (\d+) at ").group(1)
            client.interrupt()
            client.ends_with(130)
            assert f"its answer: oche result {host.place} {number}" in client.err
        with Running(*job_of("pi"), "--at", host.place) as client:
            other = client.wait_for(r"^job (\d+) at ").group(1)
            client.signal(signal.SIGKILL)
            client.ends_with(-signal.SIGKILL)
        with worker(host.place, "a"):
            for one in (number, other):
                assert host.result(one)["digest"] == undisturbed.digest("pi", JOBS["pi"][1])


@pytest.mark.parametrize("name", ["costly", "stratified"])
def test_workers_are_killed_one_after_the_other(undisturbed, name):
    with Host() as host:
        number = host.send(*job_of(name))
        for mortal in ("mortal0", "mortal1", "mortal2"):
            with worker(host.place, mortal) as victim:
                host.wait_computed(mortal)
                victim.signal(signal.SIGKILL)
                host.wait_for(rf"^worker {mortal} left: ")
        with worker(host.place, "survivor"):
            answer = host.result(number)
    assert answer["digest"] == undisturbed.digest(name, JOBS[name][1])
    assert sorted(crew_of(answer)) == ["mortal0", "mortal1", "mortal2", "survivor"]
    assert all(crew_of(answer).values())


def test_a_host_that_is_stopped_lets_its_jobs_end(undisturbed):
    with Host("--drain", "120s") as host, worker(host.place, "a") as a:
        host.wait_joined("a")
        with Running(*job_of("costly"), "--at", host.place, "--json") as client:
            host.wait_computed("a")
            a.signal(signal.SIGSTOP)  # so that the job can't be over before the rest has happened
            host.send(*job_of("pi"))  # behind it: nobody has begun it
            host.signal(signal.SIGTERM)
            host.wait_for(r"^stopping: 1 jobs may go on for 120 s$")
            late = oche("pi", "--at", host.place)
            assert late.code == 3
            check_message(late.err, "takes no more jobs")
            a.signal(signal.SIGCONT)
            answer = client.json()
        host.ends_with(0)
        a.ends_with(0)
    assert answer["digest"] == undisturbed.digest("costly", JOBS["costly"][1])
    assert "job 2 is cancelled" in host.err


def test_a_host_that_is_stopped_ends_what_takes_too_long():
    with Host("--drain", "200ms") as host, worker(host.place, "a") as a:
        with Running(*ENDLESS, "--at", host.place, "--json") as client:
            host.wait_for(r"chunks 0\.\.\d+ of job 1 accepted$")
            host.signal(signal.SIGTERM)
            answer = client.json(130)
        host.ends_with(0)
        a.ends_with(0)
    same = result("pi", "--samples", str(answer["samples"]))
    assert same["digest"] == answer["digest"]


def test_workers_go_on_with_the_next_host_and_clients_are_told(undisturbed):
    with Host() as first, worker(first.place, "a") as a, \
            Running(*ENDLESS, "--at", first.place) as client:
        first.wait_computed("a")
        first.signal(signal.SIGKILL)
        first.ends_with(-signal.SIGKILL)
        client.fails(3, f"oche result {first.place} 1")
        a.wait_for("dialling again")
        with Host(listen=first.place) as second:
            # It knows nothing of the first one's jobs.
            assert oche("result", second.place, "1").code == 2
            assert second.result(second.send(*job_of("pi")))["digest"] == undisturbed.digest(
                "pi", JOBS["pi"][1])
            second.stop()
        a.ends_with(0)


@pytest.mark.parametrize("arguments", [["jobs"], ["pi", "--at"]])
def test_a_client_that_is_interrupted_before_the_host_answers_ends(arguments):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = "127.0.0.1:%d" % silent.getsockname()[1]
        with Running(*arguments, place, "--insecure") as client:
            with Peer(silent.accept()[0]) as peer:
                peer.receive(HELLO)
                client.interrupt()
                client.fails(130, "interrupted before the host answered")


def test_a_host_under_nohup_outlives_its_terminal():
    with Host(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as host:
        host.signal(signal.SIGHUP)
        assert host.send("pi", "--samples", "1e3") == "1"
        host.stop()


def test_a_host_whose_lines_nobody_reads_goes_on_and_can_be_stopped():
    # Far more than a pipe holds: each of these is a line.
    process = subprocess.Popen([OCHE, "host", "--listen", "127.0.0.1:0", "--verbose"],
                               stderr=subprocess.PIPE)
    try:
        place = record_of(process.stderr.readline().decode())["address"]
        address, _, port = place.rpartition(":")
        for _ in range(1500):
            with socket.create_connection((address, int(port)), timeout=PATIENCE) as stranger:
                stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
                stranger.recv(1)
        assert oche("jobs", place).code == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.stderr.close()
        process.wait()


def test_a_second_signal_ends_a_host_at_once():
    with Host("--drain", "1h") as host, worker(host.place, "a"):
        host.send(*ENDLESS)
        host.wait_for("^job 1 begins")
        host.signal(signal.SIGTERM)
        host.wait_for("^stopping: ")
        # Within a second of the first it is the same wish, said twice.
        while host.process.poll() is None:
            host.signal(signal.SIGTERM)
        host.ends_with(130)


def test_a_drained_worker_goes_when_it_has_delivered(undisturbed):
    with Host() as host, worker(host.place, "a") as a, worker(host.place, "b") as b:
        host.wait_joined("a", "b")
        number = host.send(*job_of("costly"))
        host.wait_computed("b")
        wrong = oche("drain", host.place, "c")
        assert wrong.code == 2
        check_message(wrong.err, "no worker of that name")
        assert oche("drain", host.place, "b").code == 0
        b.ends_with(0)
        answer = host.result(number)
        assert list(host.workers()) == ["a"]
        host.stop()
        a.ends_with(0)
    assert answer["digest"] == undisturbed.digest("costly", JOBS["costly"][1])
    assert next(m for m in answer["crew"] if m["name"] == "b")["leases_lost"] == 0


def test_limits_are_those_of_the_file(tmp_path):
    file = tmp_path / "host.toml"
    file.write_text('jobs_per_client = 2\nsamples = "1e6"\nanswers = 1\ntext_bytes = 100\n'
                    'listen = "127.0.0.1:0"\nlease = "5s"\ndrain = "1s"\n')
    with Host("--config", str(file)) as host:
        for arguments, text in [(["pi", "--samples", "1e7"], "samples = 1000000"),
                                (["estimate", "x+" * 40 + "x", "x=0..1"], "text_bytes = 100")]:
            declined = oche(*arguments, "--at", host.place)
            assert declined.code == 3
            check_message(declined.err, text)
        first, second = host.send("pi"), host.send("pi", "--samples", "1000")
        declined = oche("pi", "--at", host.place)
        assert declined.code == 3
        check_message(declined.err, "jobs_per_client = 2")
        with worker(host.place, "a"):
            host.result(second)
            # Its own is kept; the one before had to go.
            gone = oche("result", host.place, first)
            assert gone.code == 2
            check_message(gone.err, "there is no job 1 here")


@pytest.mark.parametrize("text, parts", [
    ("jobs_per_cleint = 2", ["line 1", "jobs_per_cleint is not a key", "did you mean jobs_per_client?"]),
    ("\njobs = 0", ["line 2", "jobs 0 is out of range"]),
    ("drain = \"soon\"", ["line 1", "is not a time"]),
    ("listen = \"nowhere:x\"", ["line 1"]),
    ("jobs = [", ["line 1"]),
])
def test_a_wrong_file_is_told_with_its_line(tmp_path, text, parts):
    file = tmp_path / "host.toml"
    file.write_text(text + "\n")
    ended = oche("host", "--config", str(file))
    assert ended.code == 4, ended
    check_message(ended.err, *parts)


@pytest.mark.parametrize("arguments, parts", [
    (["pi", "--at", "127.0.0.1:1", "--workers", "2"], ["--workers with --at"]),
    (["pi", "--at", "127.0.0.1:1", "--listen", "127.0.0.1:0"], ["--listen with --at"]),
    (["estimate", "x", "x=0..1", "--at", "127.0.0.1:1", "--simd", "avx2"], ["--simd with --at"]),
    (["pi", "--at", "127.0.0.1:1", "--priority", "high"], ["--priority high is not a whole number"]),
    (["pi", "--detach"], ["--detach without --at"]),
    (["pi", "--priority", "1"], ["--priority without --at"]),
    (["result", "127.0.0.1:1", "x"], ["the job number x is not a number"]),
    (["cancel", "127.0.0.1:1", "0"], ["out of range"]),
])
def test_what_makes_no_sense_is_refused(arguments, parts):
    ended = oche(*arguments)
    assert ended.code == 2, ended
    check_message(ended.err, *parts)


@pytest.mark.parametrize("arguments", [["pi", "--at"], ["jobs"], ["workers"]])
def test_no_host_is_a_matter_of_the_network(arguments):
    ended = oche(*arguments, "127.0.0.1:1")
    assert ended.code == 3, ended
    check_message(ended.err, "can't connect to 127.0.0.1:1")


def test_a_wrong_expression_never_reaches_the_host():
    ended = oche("estimate", "x+", "--at", "127.0.0.1:1")
    assert ended.code == 2 and "^" in ended.err, ended


def test_empty_lists_say_so():
    with Host() as host:
        assert oche("jobs", host.place).out == "no jobs\n"
        assert oche("workers", host.place).out == "no workers\n"
        host.send("pi", "--samples", "1e3")
        with worker(host.place, "a"):
            host.result("1")
            assert "4*(x^2+y^2<=1), x=0..1, y=0..1" in oche("jobs", host.place).out
            assert re.search(r"^a +127\.0\.0\.1:\d+ +1 +-", oche("workers", host.place).out, re.MULTILINE)
