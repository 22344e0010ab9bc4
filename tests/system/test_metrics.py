"""What a host tells a Prometheus server."""

import os
import re
import signal
import socket

import pytest
from exposition import parse, request, scrape, value
from running import JOBS, PATIENCE, check_message, oche, result, worker
from test_host import Host, job_of

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "host.md")


class Told(Host):
    """A host with metrics."""

    def __init__(self, *options, **how):
        super().__init__("--metrics", "127.0.0.1:0", *options, **how)
        try:
            self.page = self.wait_for(r"^metrics at (127\.0\.0\.1:\d+)$").group(1)
        except BaseException:
            self.__exit__()
            raise

    def dial_metrics(self):
        address, _, port = self.page.rpartition(":")
        return socket.create_connection((address, int(port)), timeout=PATIENCE)


def test_each_metric_is_in_the_table_and_each_of_the_table_is_told():
    with open(DOCS, encoding="utf-8") as page:
        section = page.read().partition("\n## Metrics\n")[2].partition("\n## ")[0]
    table = {name: (kind, {label for label in re.findall(r"`(\w+)`", labels)})
             for name, kind, labels in re.findall(r"^\| `(\w+)` \| (\w+) \|([^|]*)\|", section, re.MULTILINE)}
    with Told() as host:
        families = scrape(host.page)
    told = {family.name: (family.kind, {name for _, labels in family.samples for name, _ in labels} - {"le"})
            for family in families.values()}
    assert told == table


def test_what_happens_is_counted():
    with Told() as host:
        before = scrape(host.page)
        assert value(before, "oche_sessions", service="work") == 0
        with worker(host.place, "a") as a:
            host.wait_joined("a")
            now = scrape(host.page)
            assert value(now, "oche_sessions", service="work") == 1
            assert value(now, "oche_workers") == value(now, "oche_worker_cores") == 1
            number = host.send("pi", "--samples", "1e7")
            assert host.result(number)["samples"] == 10_000_000
            host.send("pi", "--samples", "9e15")
            host.wait_for("^job 2 begins")
            address, _, port = host.place.rpartition(":")
            with socket.create_connection((address, int(port)), timeout=PATIENCE) as stranger:
                stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
                stranger.recv(1)
            host.wait_for("came to nothing: ")
            now = scrape(host.page)
            assert value(now, "oche_jobs_submitted_total") == 2
            assert value(now, "oche_jobs_ended_total", state="done") == 1
            assert value(now, "oche_jobs", state="done") == value(now, "oche_jobs", state="running") == 1
            assert value(now, "oche_answers") == 1 and value(now, "oche_answer_bytes") > 0
            assert value(now, "oche_job_bytes") > 0
            assert value(now, "oche_samples_total") >= 10_000_000
            assert value(now, "oche_results_total", verdict="accepted") > 0
            assert value(now, "oche_results_total", verdict="rejected") == 0
            assert value(now, "oche_chunks_total") >= value(now, "oche_results_total", verdict="accepted")
            assert value(now, "oche_leases_granted_total") >= value(now, "oche_results_total", verdict="accepted")
            assert value(now, "oche_leases") > 0
            assert value(now, "oche_handshakes_accepted_total", service="work") == 1
            assert value(now, "oche_handshakes_accepted_total", service="estimate") >= 3
            assert value(now, "oche_handshakes_failed_total", reason="stranger") == 1
            for name in ("received_bytes", "sent_bytes", "received_frames", "sent_frames"):
                assert value(now, f"oche_{name}_total") > value(before, f"oche_{name}_total")
            assert now["oche_loop_lag_seconds"].samples[("_count", ())] > 0
            assert 3 < value(now, "process_open_fds") < value(now, "process_max_fds")
            assert value(now, "process_resident_memory_bytes") > 1e6
            a.signal(signal.SIGKILL)
            host.wait_for("^worker a left: ")
        after = scrape(host.page)
        assert value(after, "oche_disconnects_total", reason="peer_gone") == 1
        assert value(after, "oche_disconnects_total", reason="goodbye") >= 3
        assert value(after, "oche_sessions", service="work") == value(after, "oche_workers") == 0
        assert value(after, "oche_leases") == 0
        for family in after.values():
            if family.kind != "counter":
                continue
            for key, count in before[family.name].samples.items():
                assert family.samples[key] >= count, (family.name, key)


def test_other_requests_are_told_what_is_wrong():
    with Told() as host:
        for path, method, body, status in [
                ("/", "GET", None, 404), ("/metrics/", "GET", None, 404), ("/metrics", "POST", "x" * 100_000, 405),
                ("/metrics", "HEAD", None, 405), ("/metrics?a=b", "GET", None, 200)]:
            answered, headers, text = request(host.page, path, method, body)
            assert answered == status, (path, method)
            assert headers["Connection"] == "close"
            assert (text == "") == (method == "HEAD")
            assert headers["Allow"] == ("GET" if status == 405 else None)
        for bytes_sent, status in [(b"hello\r\n\r\n", b"400"), (b"\x16\x03\x01\x00\x05", b"400"),
                                   (b"GET /" + b"x" * 9000, b"431")]:
            with host.dial_metrics() as stranger:
                stranger.sendall(bytes_sent)
                stranger.shutdown(socket.SHUT_WR)
                assert b"".join(iter(lambda: stranger.recv(4096), b"")).startswith(b"HTTP/1.1 " + status)
        now = scrape(host.page)
        counts = {dict(labels)["status"]: count for (_, labels), count in
                  now["oche_metrics_requests_total"].samples.items()}
        assert counts == {"200": 1, "400": 2, "404": 2, "405": 2, "431": 1}


def test_who_says_nothing_or_never_reads_holds_nobody_up(undisturbed):
    with Told() as host, worker(host.place, "a") as a:
        host.wait_joined("a")
        number = host.send(*job_of("pi"))
        host.wait_computed("a")
        silent = [host.dial_metrics() for _ in range(30)]
        deaf = [host.dial_metrics() for _ in range(4)]
        for one in deaf:
            one.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        for _ in range(20):
            scrape(host.page)
        # The oldest make room; whoever is left is hung up on at the deadline.
        for one in silent:
            assert one.recv(1) == b""
        for one in silent + deaf:
            one.close()
        assert host.result(number)["digest"] == undisturbed.digest("pi", JOBS["pi"][1])
        scrape(host.page)
        host.stop()
        a.ends_with(0)


def test_metrics_are_off_unless_asked_for():
    with Host() as host:
        host.wait_for("look around:")
        assert "metrics at" not in host.err


def test_they_are_for_this_computer_unless_a_range_is_allowed(tmp_path):
    for place in ("0.0.0.0:0", "[::]:0", "192.0.2.1:9090"):
        ended = oche("host", "--listen", "127.0.0.1:0", "--metrics", place)
        assert ended.code == 2, ended
        check_message(ended.err, "--allow metrics=ADDR/LEN")
    with Told("--allow", "metrics=10.0.0.0/8") as host:
        with host.dial_metrics() as stranger:
            assert stranger.recv(1) == b""
        host.wait_for("the metrics aren't offered to that address")
        assert oche("jobs", host.place).code == 0
    file = tmp_path / "host.toml"
    file.write_text('metrics = "127.0.0.1:0"\nallow = ["metrics=127.0.0.0/8", "work=10.0.0.0/8"]\n')
    with Host("--config", str(file)) as host:
        scrape(host.wait_for(r"^metrics at (127\.0\.0\.1:\d+)$").group(1))


def test_a_port_that_is_taken_is_told():
    with Told() as host:
        ended = oche("host", "--listen", "127.0.0.1:0", "--metrics", host.page)
        assert ended.code == 3
        check_message(ended.err, "is in use", "--metrics ADDR:PORT")


def test_answers_are_those_of_a_run_here():
    with Told() as host, worker(host.place, "a"):
        there = result("pi", "--samples", "1e7", "--at", host.place, "--quiet")
        scrape(host.page)
    assert there["digest"] == result("pi", "--samples", "1e7")["digest"]


@pytest.mark.parametrize("text", [
    "a 1", "# TYPE a counter\na 1\n", "# HELP a A.\n# TYPE a counter\na 1\n",
    "# HELP a A.\n# TYPE a gauge\na 1\na 2\n", "# HELP a A.\n# TYPE a gauge\na{b=\"c\",} 1\n",
    "# HELP a A.\n# TYPE a gauge\nb 1\n", "# HELP a A.\n# TYPE a gauge\n", "# HELP a A.\n# TYPE a gauge\na one\n",
    "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n"])
def test_the_reader_of_these_tests_is_strict(text):
    with pytest.raises(AssertionError):
        parse(text)
