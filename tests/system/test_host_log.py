"""The lines of a host: their form, a reason for every disconnect, and floods."""

import os
import re
import signal
import socket
import subprocess

import pytest
from frames import WELCOME, Peer, hello
from host_lines import record_of
from running import OCHE, PATIENCE, Running, oche, worker
from test_host import Host

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "host.md")


def documented():
    """The events and the reasons of docs/host.md."""
    with open(DOCS, encoding="utf-8") as page:
        section = page.read().partition("\n## Logs\n")[2].partition("\n## ")[0]
    events, _, reasons = section.partition("| reason |")
    return [set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)) for part in (events, reasons)]


def dial(place):
    address, _, port = place.rpartition(":")
    return socket.create_connection((address, int(port)), timeout=PATIENCE)


def bother(place, times):
    """That many strangers, one after the other, who are each hung up on."""
    for _ in range(times):
        with dial(place) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            stranger.recv(1)


def some_life(*options):
    """The records of a host that a worker and a client dial, a stranger and a probe."""
    with Host(*options) as host:
        with worker(host.place, "a") as a:
            host.wait_joined("a")
            assert host.result(host.send("pi", "--samples", "1e6"))["met"] is True
            assert oche("pi", "--samples", "1e6", "--time", "1s", "--at", host.place, "--quiet").code == 0
            a.signal(signal.SIGKILL)
            host.wait_for("^worker a left: ")
        bother(host.place, 1)
        assert oche("doctor", host.place).code == 0
        host.stop()
        return host.records(), host.raw


@pytest.mark.parametrize("form", ["text", "json"])
def test_each_line_is_a_record_with_an_event_of_the_table(form):
    records, raw = some_life("--log", form)
    events, reasons = documented()
    assert len(records) > 15
    for record, line in zip(records, raw):
        assert record is not None, line
        assert line.startswith("{") == (form == "json")
        assert record["event"] in events
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["time"])
        if record["event"] in ("left", "refused", "handshake_failed", "probed"):
            assert record["reason"] in reasons and record["text"] and record["peer"], record
    times = [record["time"] for record in records]
    assert times == sorted(times)
    told = [record["event"] for record in records]
    assert told[0] == "listening" and told[-1] == "stopped"
    assert told.count("connected") == told.count("left")
    assert set(told) >= {"listening", "hint", "connected", "left", "handshake_failed", "probed", "job_submitted",
                         "job_begun", "job_ended", "result", "draining", "stopped"}
    left = {record["name"]: record["reason"] for record in records if record["event"] == "left"}
    assert left["a"] == "peer_gone"
    assert set(left.values()) == {"peer_gone", "goodbye"}


def test_a_peer_forges_no_line():
    forged = "x\n2026-11-27T17:20:00.123Z info revoked name=ann"
    with Host("--insecure") as host:
        with Peer(dial(host.place)) as peer:
            peer.send(hello(1, role=2, service=3, name=forged))
            peer.receive(WELCOME)
        with Running("talk", host.place, "--insecure", "--ring", "a b=c", "--of", "2", "--name", "d\"e f") as talker:
            host.wait_for("is the first talker of 2")
            talker.interrupt()
            talker.finish()
        host.wait_for("before the ring 'a b=c' was full")
        host.stop()
        assert all(record is not None for record in host.records()), host.raw
        assert not any(record["event"] == "revoked" for record in host.records())
        joined = next(record for record in host.records() if record["event"] == "ring_joined")
        assert (joined["ring"], joined["name"]) == ("a b=c", "d\"e f")


def test_a_flood_of_strangers_is_summed_up():
    with Running("host", "--listen", "127.0.0.1:0") as host:
        place = host.wait_for(r"^listening on (\S+)$").group(1)
        bother(place, 300)
        assert oche("jobs", place).code == 0
        host.signal(signal.SIGTERM)
        host.ends_with(0)
        records = host.records()
    told = [record for record in records if record["event"] == "handshake_failed"]
    summed = [record for record in records if record["event"] == "more_failed"]
    # More than five only where the minute was over in between.
    assert len(told) == 5 * len(summed) or len(told) == 300 - sum(int(one["count"]) for one in summed)
    assert len(told) + sum(int(one["count"]) for one in summed) == 300
    assert len(records) < 60
    assert f"and {summed[0]['count']} more from 127.0.0.1 in the last minute" == summed[0]["text"]


def test_a_key_that_is_taken_back_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("OCHE_HOME", str(tmp_path / "host"))
    invited = oche("invite", "work", "--name", "lab7")
    assert invited.code == 0
    with Host() as host:
        key = re.search(r"oche1\.\S+", invited.out).group(0)
        with Running("work", host.place, "--cores", "1",
                     env={**os.environ, "OCHE_HOME": str(tmp_path / "guest"), "OCHE_KEY": key}):
            host.wait_for("^worker lab7")
            assert oche("revoke", "work", "lab7").code == 0
            host.wait_for("^worker lab7.* left: ")
        revoked = next(record for record in host.records() if record["event"] == "revoked")
        left = next(record for record in host.records() if record["event"] == "left")
        assert revoked["peer"] == left["peer"]
        assert (left["reason"], left["goodbye"]) == ("closed_here", "turned_away")


def test_a_limit_that_is_met_is_told(tmp_path):
    file = tmp_path / "host.toml"
    file.write_text("jobs_per_client = 1\n")
    with Host("--config", str(file)) as host:
        host.send("pi")
        assert oche("pi", "--at", host.place).code == 3
        host.wait_for("jobs_per_client = 1")
        met = next(record for record in host.records() if record["event"] == "limit_met")
        assert met["reason"] == "limit" and met["client"] and met["peer"]


def test_lines_that_are_read_by_nobody_any_more_do_not_stop_a_host():
    process = subprocess.Popen([OCHE, "host", "--listen", "127.0.0.1:0", "--verbose"], stderr=subprocess.PIPE)
    try:
        place = record_of(process.stderr.readline().decode())["address"]
        process.stderr.close()
        bother(place, 20)
        assert oche("jobs", place).code == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


def test_quiet_says_where_it_listens_and_nothing_else():
    with Running("host", "--listen", "127.0.0.1:0", "--quiet") as host:
        place = host.wait_for(r"^listening on (\S+)$").group(1)
        bother(place, 2)
        assert oche("jobs", place).code == 0
        host.signal(signal.SIGTERM)
        host.ends_with(0)
        assert [record["event"] for record in host.records()] == ["listening"]


def test_a_form_that_there_is_not_is_refused():
    ended = oche("host", "--log", "xml")
    assert ended.code == 2 and "--log xml is no form of the log" in ended.err, ended
