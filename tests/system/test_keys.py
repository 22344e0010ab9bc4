"""Keys: invitations, who gets in with them, and where they come from."""

import os
import stat
import subprocess

import pytest
from running import OCHE, PATIENCE, Manager, Running, check_contributed, check_message, worker

PI = ["pi", "--samples", "2e8", "--wait", "1"]


@pytest.fixture(name="home")
def new_home(tmp_path, monkeypatch):
    """A user's own folder for keys."""
    folder = tmp_path / "home"
    monkeypatch.setenv("OCHE_HOME", str(folder))
    monkeypatch.delenv("OCHE_KEY", raising=False)
    return folder


def oche(*arguments, **options):
    return subprocess.run([OCHE, *arguments], capture_output=True, text=True, timeout=PATIENCE,
                          check=False, **options)


def check_refused(code, texts, *arguments):
    done = oche(*arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    check_message(done.stderr, *texts)


def invite(service, name):
    done = oche("invite", service, "--name", name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def key_file(folder, key, mode=0o600):
    path = folder / "key"
    path.write_text(key + "\n")
    path.chmod(mode)
    return str(path)


def elsewhere(tmp_path, **more):
    """The environment of somebody else: another folder, no keys in it."""
    return {**os.environ, "OCHE_HOME": str(tmp_path / "elsewhere"), **more}


def test_a_user_needs_to_do_nothing_on_one_computer(home):
    with Manager(*PI) as manager, worker(manager.place, "a") as helper:
        check_contributed(manager.json(), "a")
        helper.ends_with(0)
    assert stat.S_IMODE(os.stat(home / "host.keys").st_mode) == 0o600
    assert (home / "host.keys").read_text().count("oche1.own.own.") == 1


def test_an_invitation_lets_a_stranger_work(home, tmp_path):
    key = invite("work", "lab7")
    assert key.startswith("oche1.work.lab7.")
    path = key_file(tmp_path, key)
    with Manager(*PI) as manager, \
            Running("work", manager.place, "--key-file", path, env=elsewhere(tmp_path)) as helper:
        check_contributed(manager.json(), "lab7")
        helper.ends_with(0)


@pytest.mark.parametrize("way", ["environment", "standard input", "kept"])
def test_a_key_need_not_show_in_the_list_of_processes(home, tmp_path, way):
    key = invite("work", "lab7")
    with Manager(*PI) as manager:
        options, more, text = [], {}, None
        if way == "environment":
            more = {"OCHE_KEY": key}
        elif way == "standard input":
            options, text = ["--key-file", "-"], key + "\n"
        else:
            (tmp_path / "elsewhere").mkdir()
            kept = tmp_path / "elsewhere" / "dial.keys"
            kept.write_text(f"{manager.place} {key}\n")
            kept.chmod(0o600)
        done = oche("work", manager.place, *options, env=elsewhere(tmp_path, **more), input=text)
        assert done.returncode == 0, done.stderr
        check_contributed(manager.json(), "lab7")


def test_a_stranger_is_refused_at_both_ends(home, tmp_path):
    with Manager(*PI) as manager:
        with Running("work", manager.place, env=elsewhere(tmp_path)) as stranger:
            stranger.fails(3, "doesn't take this user's own key", "--key-file")
        manager.wait_for("came to nothing: it has no key of this host")
        with worker(manager.place, "honest"):
            check_contributed(manager.json(), "honest")


def test_a_key_for_another_service_is_refused_before_dialling(home, tmp_path):
    path = key_file(tmp_path, invite("estimate", "lab7"))
    check_refused(2, ["is one for estimate", "the service work"], "work", "127.0.0.1:1", "--key-file", path)


def test_a_key_that_was_taken_back_ends_its_session(home, tmp_path):
    path = key_file(tmp_path, invite("work", "lab7"))
    with Manager("pi", "--samples", "1e15", "--wait", "1") as manager, \
            Running("work", manager.place, "--key-file", path, env=elsewhere(tmp_path)) as helper:
        manager.wait_accepted("lab7")
        done = oche("revoke", "work", "lab7")
        assert done.returncode == 0, done.stderr
        helper.fails(3, "taken back")
        manager.wait_for("worker lab7 left")
        manager.interrupt()
        manager.finish()


def test_keys_are_listed_without_their_secrets(home):
    secret = invite("work", "lab7").rpartition(".")[2]
    invite("talk", "ann")
    done = oche("keys")
    assert done.stdout == "work      lab7\ntalk      ann\n"
    assert secret not in done.stdout + done.stderr


def test_a_name_is_given_once(home):
    invite("work", "lab7")
    check_refused(2, ["'lab7' for work already", "oche revoke"], "invite", "work", "--name", "lab7")


@pytest.mark.parametrize("arguments, texts", [
    (["invite", "own", "--name", "a"], ["'own' is no service"]),
    (["invite", "dance", "--name", "a"], ["'dance' is no service", "work, estimate, talk and send"]),
    (["invite", "work", "--name", "a.b"], ["'a.b' can't be the name"]),
    (["invite", "work", "--name", ""], ["can't be the name"]),
    (["invite", "work", "--name", "a" * 33], ["can't be the name"]),
    (["revoke", "work", "nobody"], ["no key 'nobody' for work"]),
    (["work", "127.0.0.1:1", "--key-file", "/dev/null"], ["/dev/null"]),
    (["work", "127.0.0.1:1", "--key-file", "x", "--insecure"], ["exclude each other"]),
    (["estimate", "x", "x=0..1", "--insecure"], ["--insecure without --listen"]),
    (["estimate", "x", "x=0..1", "--allow", "::1"], ["--allow without --listen"]),
    (["estimate", "x", "x=0..1", "--key-file", "k"], ["--key-file without --at"]),
])
def test_what_can_not_be_asked_for(home, arguments, texts):
    done = oche(*arguments)
    assert done.returncode in (2, 4), done.stderr
    for text in texts:
        assert text in done.stderr


def test_files_that_others_may_read_are_refused(home, tmp_path):
    path = key_file(tmp_path, invite("work", "lab7"), 0o644)
    check_refused(4, ["other users may read", "chmod 600"], "work", "127.0.0.1:1", "--key-file", path)
    (home / "host.keys").chmod(0o640)
    check_refused(4, ["other users may read", "chmod 600"], "pi", "--listen", "127.0.0.1:0")


def test_a_key_on_the_command_line_is_refused_and_not_printed(home):
    secret = invite("work", "lab7")
    for arguments in (["work", "127.0.0.1:1", secret], ["work", secret], ["doctor", "127.0.0.1:1", f"--key-file={secret}"]):
        done = oche(*arguments)
        assert done.returncode == 2
        assert secret not in done.stdout + done.stderr
        check_message(done.stderr, "a key stands on the command line", "--key-file")


def test_a_key_may_come_in_a_pipe(home, tmp_path):
    key = invite("work", "lab7")
    with Manager(*PI) as manager:
        done = subprocess.run(["bash", "-c", f'"{OCHE}" work {manager.place} --key-file <(printf %s "$KEY")'],
                              env=elsewhere(tmp_path, KEY=key), capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
        check_contributed(manager.json(), "lab7")


def test_a_key_that_can_not_be_shown_is_not_given_out(home):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([OCHE, "invite", "work", "--name", "lab7"], stdout=full, stderr=subprocess.PIPE,
                              timeout=PATIENCE, check=False, text=True)
    assert done.returncode == 4
    check_message(done.stderr, "taken back")
    assert "lab7" not in oche("keys").stdout


def test_a_worker_can_not_pass_for_another(home, tmp_path):
    path = key_file(tmp_path, invite("work", "mallory"))
    with Manager(*PI) as manager, Running("work", manager.place, "--key-file", path, "--name", "ann",
                                          env=elsewhere(tmp_path)):
        check_contributed(manager.json(), "mallory/ann")


def test_what_is_in_the_environment_must_be_a_key(home, monkeypatch):
    monkeypatch.setenv("OCHE_KEY", "nonsense")
    check_refused(2, ["OCHE_KEY holds no key"], "work", "127.0.0.1:1")


def test_an_insecure_dialler_is_told_that_the_host_wants_a_key(home):
    with Manager(*PI) as manager:
        with worker(manager.place, "a", "--insecure") as helper:
            helper.fails(3, "this host wants a key")
        with worker(manager.place, "b"):
            check_contributed(manager.json(), "b")


def test_an_insecure_host_is_told_by_who_has_a_key(home):
    with Manager(*PI, "--insecure") as manager:
        with worker(manager.place, "a") as helper:
            helper.fails(3, "it may run with --insecure")
        with worker(manager.place, "b", "--insecure"):
            check_contributed(manager.json(), "b")
