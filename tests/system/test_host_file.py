"""The configuration of a host in a file: its limits, and who may call from where."""

import os
import re

import pytest
from running import Running, check_message, oche
from test_host import Host

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "host.md")


def write(tmp_path, text):
    file = tmp_path / "host.toml"
    file.write_text(text)
    return str(file)


def test_limits_of_rings_and_messages_are_those_of_the_file(tmp_path):
    file = write(tmp_path, "rings = 1\ntalkers = 2\nreceivers = 1\nmessage_bytes = 5\n")
    with Host("--config", file) as host, Running("talk", host.place, "--ring", "a", "--of", "2"), \
            Running("receive", "--at", host.place, "--name", "ann"):
        host.wait_for("is the first talker of 2")
        host.wait_for("waits for a message as 'ann'")
        for arguments, text in [
                (["talk", host.place, "--ring", "b", "--of", "2"], "(that is the limit, rings)"),
                (["talk", host.place, "--ring", "b", "--of", "3"], "(that is the limit, talkers)"),
                (["receive", "--at", host.place, "--name", "bob"], "(that is the limit, receivers)"),
                (["send", host.place, "--to", "ann", "longer than that"], "5 bytes")]:
            declined = oche(*arguments)
            assert declined.code in (2, 3), declined
            check_message(declined.err, text)


def test_who_stalls_is_judged_by_the_file(tmp_path):
    with Host("--config", write(tmp_path, 'turn = "100ms"\n')) as host, \
            Running("receive", "--at", host.place, "--name", "ann"):
        host.wait_for("waits for a message as 'ann'")
        read, write_end = os.pipe()  # the sender has nothing to say, and doesn't end
        with Running("send", host.place, "--to", "ann", stdin=read) as sender:
            sender.fails(3, "for 100 ms")
        os.close(read)
        os.close(write_end)


@pytest.mark.parametrize("lines", ['allow = "work=10.0.0.0/8"', 'allow = ["10.0.0.0/8", "estimate=127.0.0.1"]'])
def test_the_file_says_who_may_call(tmp_path, lines):
    file = write(tmp_path, lines + "\n")
    with Host("--config", file) as host:
        with Running("work", host.place) as stranger:
            stranger.fails(3, "the service 'work' isn't offered to 127.0.0.1")
        assert oche("jobs", host.place).code == 0
    # The option comes before the file.
    with Host("--config", file, "--allow", "work=127.0.0.0/8") as host, \
            Running("work", host.place, "--name", "a"):
        host.wait_joined("a")


@pytest.mark.parametrize("text, parts", [
    ('allow = ["10.0.0.0/8", "works=10.0.0.0/8"]', ["line 1", "'works' is no service"]),
    ('allow = [1.5]', ["line 1"]),
    ("allow = []", ["line 1", "allow is an empty list"]),
    ('drain = "1s"\nrevoked = ""', ["line 2", "revoked names no file"]),
    ('drain = "1e7s"', ["line 1", "drain is over 1e6 seconds"]),
    ("\ntalkers = 1001", ["line 2", "talkers 1001 is out of range"]),
    ("rings = [1]", ["line 1", "rings is neither a number nor a text"]),
])
def test_a_wrong_file_is_told_with_its_line(tmp_path, text, parts):
    ended = oche("host", "--config", write(tmp_path, text + "\n"))
    assert ended.code == 4, ended
    check_message(ended.err, *parts)


def test_the_keys_are_those_of_the_table(tmp_path):
    with open(DOCS, encoding="utf-8") as page:
        section = page.read().partition("## The configuration")[2].partition("\n## ")[0]
    table = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    ended = oche("host", "--config", write(tmp_path, "no_such_key = 1\n"))
    known = re.search(r"\(there are (.*)\);", ended.err).group(1).split(", ")
    assert known == table


def test_help_says_what_may_be_allowed():
    assert "--allow [SERVICE=]ADDR/LEN" in oche("host", "--help").out


def test_a_list_of_the_file_is_not_lost_where_options_come_before_it(tmp_path):
    file = write(tmp_path, 'authority = "a"\ncertificate = "c"\nprivate_key = "k"\nrevoked = "r"\n')
    ended = oche("host", "--config", file, "--authority", "a", "--certificate", "c", "--private-key", "k")
    assert ended.code == 2, ended
    check_message(ended.err, "--certificate without --revoked, which the configuration has")


def test_the_time_to_drain_is_bounded():
    ended = oche("host", "--listen", "127.0.0.1:0", "--drain", "1e300")
    assert ended.code == 2, ended
    check_message(ended.err, "--drain is over 1e6 seconds")
