"""oche doctor: each step, and what it says when one fails."""

import socket
import subprocess

import pytest
from running import OCHE, PATIENCE, Manager


@pytest.fixture(name="home", autouse=True)
def new_home(tmp_path, monkeypatch):
    monkeypatch.setenv("OCHE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OCHE_KEY", raising=False)


def doctor(place, *options):
    done = subprocess.run([OCHE, "doctor", place, *options], capture_output=True, text=True,
                          timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


@pytest.fixture(name="manager")
def a_manager():
    with Manager("pi", "--samples", "1e15", "--wait", "1") as manager:
        yield manager


def test_all_is_well(manager):
    code, out = doctor(manager.place)
    assert code == 0
    for step in ("port", "key", "version", "numerics", "clock", "service"):
        assert f"\n{step} " in "\n" + out
    assert "FAILED" not in out
    assert "encrypted" in out


def test_a_probe_is_no_worker(manager):
    doctor(manager.place)
    manager.wait_for("came to nothing: answered the probe of 'doctor'")
    assert "joined" not in manager.err


def test_a_key_that_is_not_known(manager, tmp_path, monkeypatch):
    monkeypatch.setenv("OCHE_HOME", str(tmp_path / "other"))
    code, out = doctor(manager.place)
    assert code == 3
    assert "key       FAILED: " in out and "oche invite" in out


def test_a_host_that_wants_a_key(manager):
    code, out = doctor(manager.place, "--insecure")
    assert code == 3
    assert "this host wants a key" in out


def test_a_service_that_is_not_offered(manager):
    code, out = doctor(manager.place, "--service", "talk")
    assert code == 3
    assert "service   FAILED: " in out and "isn't offered" in out


def test_a_host_without_keys():
    with Manager("pi", "--samples", "1e15", "--wait", "1", "--insecure") as manager:
        code, out = doctor(manager.place, "--insecure")
        assert code == 0
        assert "nothing is encrypted" in out
        code, out = doctor(manager.place)
        assert code == 3
        assert "key       FAILED: " in out and "--insecure" in out


def test_a_key_that_can_not_be_read_is_no_success_where_none_is_wanted(tmp_path):
    junk = tmp_path / "junk"
    junk.write_text("nothing", encoding="utf-8")
    junk.chmod(0o600)
    with Manager("pi", "--samples", "1e15", "--wait", "1", "--insecure") as manager:
        code, out = doctor(manager.place, "--key-file", str(junk))
        assert code == 3, out
        assert "key       FAILED: there is no key in" in out


def test_a_name_that_nobody_has():
    code, out = doctor("nosuchhost.invalid")
    assert code == 3
    assert out.startswith("name      FAILED: ")


def test_a_port_where_nobody_listens():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        code, out = doctor("127.0.0.1:%d" % bound.getsockname()[1])
    assert code == 3
    assert out.startswith("port      FAILED: ") and "is oche running there" in out


def test_something_else_at_the_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = "127.0.0.1:%d" % server.getsockname()[1]
        with subprocess.Popen([OCHE, "doctor", place], stdout=subprocess.PIPE, text=True) as run:
            peer, _ = server.accept()
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.close()
            out, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 3
    assert "FAILED: " in out and "not as oche with keys does" in out
