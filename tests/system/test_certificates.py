"""Certificates of an own authority: who gets in with one, and who doesn't.

The good ones are made by the very commands of docs/certificates.md; the bad ones, and the peers that
show them, are openssl's own, which knows nothing of ours.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
from ring import Host as Listening
from running import OCHE, PATIENCE, Manager, Running, check_contributed, check_message, oche, parse_json, result
from test_host import Host

PAGE = Path(__file__).resolve().parents[2] / "docs" / "certificates.md"
MAKE, REVOKE = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
PI = ["pi", "--samples", "2e8"]


def shell(folder, script):
    done = subprocess.run(["bash", "-euc", script], cwd=folder, capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    assert done.returncode == 0, done


def issue(folder, name, subject, *extensions, end="20991231000000Z", begin="20200101000000Z"):
    """NAME.pem and NAME.key, by the authority in that folder."""
    (folder / f"{name}.ext").write_text("\n".join(extensions) + "\n", encoding="ascii")
    (folder / "ca.cnf").write_text("[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ndefault_md=default\n"
                                   "new_certs_dir=.\nrand_serial=yes\npolicy=any\nunique_subject=no\n"
                                   "[any]\ncommonName=optional\n", encoding="ascii")
    shell(folder, f"""openssl req -new -newkey ed25519 -noenc -subj /CN=any -keyout {name}.key -out {name}.csr
openssl ca -config ca.cnf -batch -notext -cert authority.pem -keyfile authority.key -in {name}.csr \\
  -subj '{subject}' -startdate {begin} -enddate {end} -extfile {name}.ext -out {name}.pem""")


def options(folder, name, *more):
    return ["--authority", str(folder / "authority.pem"), "--certificate", str(folder / f"{name}.pem"),
            "--private-key", str(folder / f"{name}.key"), *more]


@pytest.fixture(name="pages", scope="module")
def made_once(tmp_path_factory):
    """What the page's commands make, and another authority's."""
    folder = tmp_path_factory.mktemp("pages")
    shell(folder, MAKE)
    other = folder / "other"
    other.mkdir()
    shell(other, MAKE)
    return folder


@pytest.fixture(name="lab")
def fresh(pages, tmp_path, monkeypatch):
    """A copy of them. The host's owner; guests have no keys."""
    monkeypatch.setenv("OCHE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OCHE_KEY", raising=False)
    shell(tmp_path, f"cp -rp '{pages}' lab")
    return tmp_path / "lab"


@pytest.fixture(name="guest")
def no_keys(tmp_path):
    return {**os.environ, "OCHE_HOME": str(tmp_path / "guest")}


def test_the_pages_commands_make_a_set_that_works(lab, guest):
    here = result(*PI)
    revoked = ["--revoked", str(lab / "revoked.pem")]
    with Host(*options(lab, "host", *revoked)) as host, \
            Running("work", host.place, *options(lab, "lab7"), env=guest):
        host.wait_joined("cert:lab7")
        there = oche(*PI, "--json", "--quiet", "--at", host.place, *options(lab, "ann", *revoked), env=guest)
        assert there.code == 0, there
        assert parse_json(there.out)["digest"] == here["digest"]
        check_contributed(parse_json(there.out), "cert:lab7")
        # The owner's own key goes on beside.
        assert host.jobs()["1"]["client"] == "cert:ann"
        place = host.place.replace("127.0.0.1", "localhost")
        with Running("receive", "--at", place, "--name", "bob", *options(lab, "ann"), env=guest) as bob:
            bob.wait_for("waiting")
            sent = oche("send", place, "hello", "--to", "bob", *options(lab, "ann"), env=guest)
            assert sent.code == 0, sent
            bob.ends_with(0)
            assert bob.out == "hello\n"


def test_every_listener_and_dialler_takes_them(lab, guest):
    with Manager(*PI, "--wait", "1", *options(lab, "host")) as manager, \
            Running("work", manager.place, *options(lab, "lab7"), env=guest) as helper:
        check_contributed(manager.json(), "cert:lab7")
        helper.ends_with(0)
    with Listening("receive", "--listen", "127.0.0.1:0", *options(lab, "host")) as receiver:
        sent = oche("send", receiver.place, "hello", *options(lab, "ann"), env=guest)
        assert sent.code == 0, sent
        receiver.ends_with(0)
        assert receiver.out == "hello\n"
    with Listening("talk", "--listen", "127.0.0.1:0", "--of", "1", *options(lab, "host")) as ring:
        said = subprocess.run([OCHE, "talk", ring.place, *options(lab, "ann")], input="me", text=True,
                              capture_output=True, timeout=PATIENCE, check=False, env=guest)
        assert (said.returncode, said.stdout) == (0, "me"), said
        ring.ends_with(0)


def test_a_hosts_file_names_them(lab, guest, tmp_path):
    config = tmp_path / "host.toml"
    config.write_text(f'authority = "{lab}/authority.pem"\ncertificate = "{lab}/host.pem"\n'
                      f'private_key = "{lab}/host.key"\nrevoked = "{lab}/revoked.pem"\n', encoding="utf-8")
    with Host("--config", str(config)) as host:
        assert oche("jobs", host.place, *options(lab, "ann"), env=guest).code == 0


def test_names_of_certificates_and_keys_are_not_confused(lab, guest):
    with Host(*options(lab, "host")) as host:
        sent = oche("pi", "--samples", "1e9", "--at", host.place, "--detach", *options(lab, "ann"), env=guest)
        assert sent.code == 0, sent
        key = oche("invite", "estimate", "--name", "ann").out.strip()
        ended = oche("cancel", host.place, "1", env={**guest, "OCHE_KEY": key, "LOGNAME": "cert:ann"})
        assert ended.code == 3, ended
        check_message(ended.err, "cert:ann")
        ended = oche("cancel", host.place, "1", env={**os.environ, "LOGNAME": "cert:ann"})
        assert ended.code == 3, ended
        check_message(ended.err, "one of those that certificates have")
        assert oche("cancel", host.place, "1", *options(lab, "ann"), env=guest).code == 0


def test_a_certificate_is_for_its_services(lab, guest):
    ended = oche("jobs", "127.0.0.1:1", *options(lab, "lab7"), env=guest)
    assert ended.code == 2, ended
    check_message(ended.err, "isn't one for the service estimate", "URI oche:estimate")


def dial_by_openssl(place, *arguments, version="-tls1_3"):
    """A dialler that isn't ours: what openssl's client says."""
    done = subprocess.run(["openssl", "s_client", "-connect", place, version, "-quiet", *map(str, arguments)],
                          input=b"", capture_output=True, timeout=PATIENCE, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


def make_unfit(lab):
    work = "subjectAltName=URI:oche:work"
    dials = "extendedKeyUsage=clientAuth"
    issue(lab, "expired", "/CN=lab7", work, dials, end="20200102000000Z")
    issue(lab, "early", "/CN=lab7", work, dials, begin="20990101000000Z")
    issue(lab, "anything", "/CN=lab7", work)
    issue(lab, "nameless", "/", work, dials)
    (lab / "long.pem").write_bytes(50 * (lab / "authority.pem").read_bytes())
    shell(lab, "openssl req -x509 -newkey ed25519 -noenc -subj /CN=lab7 -addext extendedKeyUsage=clientAuth "
               "-addext subjectAltName=URI:oche:work -keyout self.key -out self.pem")


def test_strangers_get_an_alert_and_the_host_knows_why(lab, guest):
    make_unfit(lab)
    revoke(lab, "ann")
    strangers = {"expired": ("has expired", "certificate expired"),
                 "early": ("isn't valid yet", "alert"),
                 "self": ("isn't of the authority", "unknown ca"),
                 "other/lab7": ("isn't of the authority", "unknown ca"),
                 "anything": ("is for another use", "alert"),
                 "nameless": ("no CN that can be the name", "alert"),
                 "host": ("is for another use", "alert"),
                 "ann": ("was revoked", "certificate revoked")}
    here = result(*PI)
    with Manager(*PI, "--wait", "1",
                 *options(lab, "host", "--revoked", str(lab / "revoked.pem"))) as manager:
        for name, (reason, alert) in strangers.items():
            mark = manager.mark()
            heard = dial_by_openssl(manager.place, "-cert", lab / f"{name}.pem", "-key", lab / f"{name}.key")
            assert alert in heard, (name, heard)
            assert reason not in heard
            manager.wait_for(f"came to nothing: its certificate .*{reason}", mark)
        mark = manager.mark()
        assert "certificate required" in dial_by_openssl(manager.place)
        manager.wait_for("came to nothing: it has no key of this host, and no certificate", mark)
        mark = manager.mark()
        assert "alert" in dial_by_openssl(manager.place, "-cert", lab / "lab7.pem", "-key", lab / "lab7.key",
                                          "-cert_chain", lab / "long.pem")
        manager.wait_for("came to nothing: .*excessive message size", mark)
        assert "alert" in dial_by_openssl(manager.place, "-psk", "00" * 32, "-psk_identity", "oche1.work.lab7")
        assert "alert protocol version" in dial_by_openssl(manager.place, "-cert", lab / "lab7.pem", "-key",
                                                           lab / "lab7.key", version="-tls1_2")
        with Running("work", manager.place, *options(lab, "lab7"), env=guest):
            there = manager.json()
    check_contributed(there, "cert:lab7")
    assert there["digest"] == here["digest"]


class ListeningByOpenssl:
    """A host that isn't ours."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_3",
                                         *map(str, arguments)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            if found := re.search(r"ACCEPT 127\.0\.0\.1:(\d+)", line):
                self.place = f"127.0.0.1:{found.group(1)}"
                return
        raise AssertionError("openssl doesn't listen")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def test_what_poses_as_a_host_is_found_out(lab, guest):
    host = "subjectAltName=URI:oche:host,IP:127.0.0.1"
    listens = "extendedKeyUsage=serverAuth"
    issue(lab, "expired", "/CN=host", host, listens, end="20200102000000Z")
    issue(lab, "early", "/CN=host", host, listens, begin="20990101000000Z")
    issue(lab, "elsewhere", "/CN=127.0.0.1", "subjectAltName=URI:oche:host,DNS:127.0.0.1,IP:127.0.0.2", listens)
    issue(lab, "web", "/CN=web", "subjectAltName=IP:127.0.0.1", listens)
    issue(lab, "anything", "/CN=web", host)
    issue(lab, "member", "/CN=lab8", "subjectAltName=URI:oche:work,IP:127.0.0.1",
          "extendedKeyUsage=serverAuth,clientAuth")
    impostors = {"lab7": "is for another use", "member": "has no URI oche:host", "web": "has no URI oche:host",
                 "expired": "has expired", "early": "isn't valid yet", "anything": "is for another use",
                 "elsewhere": "doesn't name the host that was dialled", "other/host": "isn't of the authority"}
    for name, reason in impostors.items():
        with ListeningByOpenssl("-cert", lab / f"{name}.pem", "-key", lab / f"{name}.key") as impostor:
            for command in ("jobs", "work"):
                shown = options(lab, "ann" if command == "jobs" else "lab7")
                ended = oche(command, impostor.place, *shown, env=guest)
                assert ended.code == 3, (name, ended)
                check_message(ended.err, "its certificate", reason)


def test_a_key_is_no_certificate_and_no_certificate_a_key(lab, guest):
    # A dialler with a key takes no certificate in its stead, even of its own authority.
    with ListeningByOpenssl("-cert", lab / "host.pem", "-key", lab / "host.key") as impostor:
        key = oche("invite", "estimate", "--name", "ann").out.strip()
        ended = oche("jobs", impostor.place, env={**guest, "OCHE_KEY": key})
        assert ended.code == 3, ended
    # A dialler with a certificate takes no host without.
    with Host() as host:
        ended = oche("jobs", host.place, *options(lab, "ann"), env=guest)
        assert ended.code == 3, ended
        check_message(ended.err, "it takes no certificates")
    with Host("--insecure") as host:
        ended = oche("jobs", host.place, *options(lab, "ann"), env=guest)
        assert ended.code == 3, ended


def revoke(lab, name):
    shell(lab, REVOKE.replace("lab7", name))


def test_the_pages_commands_revoke_one_and_its_session_ends(lab, guest):
    here = result(*PI)
    issue(lab, "lab8", "/CN=lab8", "subjectAltName=URI:oche:work", "extendedKeyUsage=clientAuth")
    with Host(*options(lab, "host", "--revoked", str(lab / "revoked.pem"))) as host, \
            Running("work", host.place, *options(lab, "lab8"), env=guest), \
            Running("work", host.place, *options(lab, "lab7"), env=guest) as taken:
        host.wait_joined("cert:lab7", "cert:lab8")
        revoke(lab, "lab7")
        taken.fails(3, "revoked")
        there = oche(*PI, "--json", "--quiet", "--at", host.place, *options(lab, "ann"), env=guest)
        assert parse_json(there.out)["digest"] == here["digest"]
        check_contributed(parse_json(there.out), "cert:lab8")
        with Running("work", host.place, *options(lab, "lab7"), env=guest) as again:
            again.fails(3, "doesn't take the certificate", "revoked")


def test_the_doctor_knows_certificates(lab, guest):
    with Host(*options(lab, "host")) as host:
        well = oche("doctor", host.place, *options(lab, "lab7"), env=guest)
        assert well.code == 0, well
        assert "key       the certificate of 'lab7' is taken; all is encrypted" in well.out
    with Running("host", "--listen", "127.0.0.2:0", *options(lab, "host")) as host:
        place = host.wait_for(r"listening on (127\.0\.0\.2:\d+)").group(1)
        ill = oche("doctor", place, *options(lab, "lab7"), env=guest)
        assert ill.code == 3, ill
        assert "doesn't name the host that was dialled" in ill.out and "→ compare --authority" in ill.out


@pytest.mark.parametrize("arguments, texts", [
    (["jobs", "h", "--authority", "a"], ["go together"]),
    (["jobs", "h", "--authority", "a", "--certificate", "c"], ["go together"]),
    (["host", "--revoked", "r"], ["go together"]),
    (["host", "--authority", "a", "--certificate", "c", "--private-key", "k", "--revoked", ""],
     ["--revoked names no file"]),
    (["jobs", "h", "--authority", "", "--certificate", "", "--private-key", ""], ["--authority names no file"]),
    (["pi", "--listen", "127.0.0.1:0", "--private-key", "k"], ["go together"]),
    (["pi", "--authority", "a", "--certificate", "c", "--private-key", "k"], ["--authority can't be given here"]),
    (["host", "--insecure", "--authority", "a", "--certificate", "c", "--private-key", "k"], ["exclude"]),
    (["jobs", "h", "--key-file", "f", "--authority", "a", "--certificate", "c", "--private-key", "k"],
     ["--key-file and --certificate exclude"]),
    (["send", "127.0.0.1:1", "x", "--text", "--certificate", "c"], ["--certificate can't be given here"]),
    (["work", "127.0.0.1:1", "--text", "--certificate", "c"], ["--certificate can't be given here"]),
    (["talk", "127.0.0.1:1", "--text", "--revoked", "c"], ["--revoked can't be given here"]),
    (["pi", "--text", "--listen", "127.0.0.1:0", "--authority", "c"], ["--authority can't be given here"]),
])
def test_what_can_not_be_asked_for(lab, arguments, texts):
    ended = oche(*arguments)
    assert ended.code == 2, (lab, ended)
    check_message(ended.err, *texts)


def test_files_that_do_not_do_are_named(lab, guest):
    (lab / "lab7.key").chmod(0o640)
    ended = oche("work", "127.0.0.1:1", *options(lab, "lab7"), env=guest)
    assert ended.code == 4, ended
    check_message(ended.err, "lab7.key", "other users may read", "chmod 600")
    ended = oche("host", "--listen", "127.0.0.1:0", *options(lab, "lab7"))
    assert ended.code == 4, ended
    check_message(ended.err, "lab7.pem", "serverAuth")
