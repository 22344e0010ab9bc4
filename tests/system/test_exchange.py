"""One host for everything: work, jobs, rings and messages, each with an invitation of its own."""

import os
import subprocess

import pytest
from running import OCHE, PATIENCE, Running, check_message, oche, parse_json, result
from test_host import Host


@pytest.fixture(name="home", autouse=True)
def new_home(tmp_path, monkeypatch):
    """The host's owner."""
    monkeypatch.setenv("OCHE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OCHE_KEY", raising=False)


@pytest.fixture(name="guest")
def new_guest(tmp_path):
    """The environment of somebody who was invited to a service."""
    def guest(service, name):
        done = oche("invite", service, "--name", name)
        assert done.code == 0, done
        return {**os.environ, "OCHE_HOME": str(tmp_path / f"{service}-{name}"), "OCHE_KEY": done.out.strip()}
    return guest


def test_invited_workers_and_clients_get_the_answer_of_a_run_here(guest):
    job = ["pi", "--samples", "3e8", "--json"]
    here = result(*job[:-1])
    with Host() as host, Running("work", host.place, env=guest("work", "lab7")):
        host.wait_joined("lab7")
        there = oche(*job, "--at", host.place, "--quiet", env=guest("estimate", "ann"))
        assert there.code == 0, there
        assert parse_json(there.out)["digest"] == here["digest"]
        assert [one["name"] for one in parse_json(there.out)["crew"]] == ["lab7"]
        assert host.jobs()["1"]["client"] == "ann"


def test_a_key_is_for_its_own_service(guest):
    with Host() as host:
        for service, command in (("work", ["jobs", host.place]), ("estimate", ["work", host.place]),
                                 ("talk", ["jobs", host.place]), ("send", ["work", host.place])):
            ended = oche(*command, env=guest(service, "mallory"))
            assert ended.code == 2
            check_message(ended.err, f"is one for {service}")


def test_only_the_owner_of_its_key_cancels_a_job(guest):
    ann, bob = guest("estimate", "ann"), guest("estimate", "bob")
    with Host() as host:
        number = oche("pi", "--samples", "1e9", "--at", host.place, "--detach", env=ann).out.strip()
        # Bob may call himself ann: the key says who he is.
        ended = oche("cancel", host.place, number, env={**bob, "LOGNAME": "ann"})
        assert ended.code == 3, ended
        check_message(ended.err, "ann")
        assert oche("cancel", host.place, number, env=ann).code == 0


def ring_of(tmp_path, place, environments, words, rings):
    """Talkers of those rings say those words; what each heard. Files, so that nobody waits for us."""
    talkers, said, heard = [], [], []
    for number, (word, ring, environment) in enumerate(zip(words, rings, environments)):
        (tmp_path / f"said{number}").write_bytes(word)
        said.append(open(tmp_path / f"said{number}", "rb"))
        heard.append(open(tmp_path / f"heard{number}", "wb"))
        of = str(rings.count(ring))
        talkers.append(subprocess.Popen([OCHE, "talk", place, "--ring", ring, "--of", of, "--as",
                                         str(rings[:number].count(ring) + 1)],
                                        stdin=said[-1], stdout=heard[-1], stderr=subprocess.DEVNULL,
                                        env=environment))
    codes = [talker.wait(PATIENCE) for talker in talkers]
    for file in said + heard:
        file.close()
    assert codes == [0] * len(words)
    return [(tmp_path / f"heard{number}").read_bytes() for number in range(len(words))]


def test_a_ring_at_a_host(guest, tmp_path):
    words = [word * 100_000 for word in (b"one", b"two", b"three")]
    with Host() as host:
        heard = ring_of(tmp_path, host.place, [guest("talk", name) for name in "abc"], words, ["lab"] * 3)
    assert heard == [words[2], words[0], words[1]]


def test_two_rings_at_a_host_do_not_meet(guest, tmp_path):
    with Host() as host:
        heard = ring_of(tmp_path, host.place, [guest("talk", "ann")] * 4, [b"a", b"b", b"c", b"d"],
                        ["red", "blue", "red", "blue"])
    assert heard == [b"c", b"d", b"a", b"b"]


def test_a_message_at_a_host(guest):
    with Host() as host:
        with Running("receive", "--at", host.place, "--name", "ann", env=guest("send", "ann")) as ann:
            ann.wait_for("waiting at")
            sent = oche("send", host.place, "--to", "ann", "hello, ann", env=guest("send", "bob"))
            assert sent.code == 0, sent
            ann.ends_with(0)
            assert ann.out == "hello, ann\n"
        nobody = oche("send", host.place, "--to", "ann", "again", env=guest("send", "eve"))
        assert nobody.code == 3
        check_message(nobody.err, "nobody of that name waits here")


def test_a_message_needs_its_key(guest):
    with Host() as host:
        ended = oche("send", host.place, "--to", "ann", "hello", env=guest("talk", "mallory"))
        assert ended.code == 2
        check_message(ended.err, "is one for talk")


def test_the_host_says_what_to_type():
    with Host() as host:
        host.wait_for(f"lend cores:   oche work {host.place}")
        host.wait_for("for other computers: --listen 0.0.0.0")
    with Running("host", "--listen", "0.0.0.0:0") as host:
        host.wait_for("look around:")
        host.signal(15)
        host.ends_with(0)


def test_addresses_may_be_filtered_by_service():
    with Host("--allow", "work=10.0.0.0/8") as host:
        with Running("work", host.place) as stranger:
            stranger.fails(3, "the service 'work' isn't offered to 127.0.0.1")
        assert oche("jobs", host.place).code == 0
    ended = oche("host", "--listen", "127.0.0.1:0", "--allow", "works=10.0.0.0/8")
    assert ended.code == 2
    check_message(ended.err, "'works' is no service")
