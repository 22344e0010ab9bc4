"""Runs that are kept in files: killed and gone on with, extended, in shards and merged."""

import os
import random
import signal
import stat
import subprocess

import pytest
from running import JOBS, SLOWNESS, Running, check_message, oche, parse_json
from test_identity import simd_targets

SAMPLES = 200_000_000 // SLOWNESS
JOB = ["estimate", "1/x", "x=1..2"]


def answer_of(*arguments):
    ended = oche(*arguments, "--json", "--quiet")
    assert ended.code == 0, ended
    return parse_json(ended.out)


def chunks_of(answer):
    return sum(member["chunks"] for member in answer["crew"])


def kill_after(run, seconds):
    """Unless it is over before."""
    try:
        run.process.wait(seconds)
    except subprocess.TimeoutExpired:
        run.signal(signal.SIGKILL)


@pytest.fixture(name="file")
def new_file(tmp_path):
    return str(tmp_path / "run.oche")


@pytest.mark.parametrize("job", JOBS)
def test_a_run_that_is_killed_goes_on_and_has_the_same_digest(job, file):
    arguments, samples = JOBS[job]
    wanted = answer_of(*arguments, "--samples", str(samples), "--workers", "2")["digest"]
    chance = random.Random(job)
    # A run computes for about half a second.
    for _ in range(4):
        how = ["resume", file] if os.path.exists(file) else [*arguments, "--samples", str(samples), "--checkpoint", file]
        with Running(*how, "--workers", "2") as run:
            kill_after(run, chance.uniform(0.05, 0.3))
    if not os.path.exists(file):  # it was killed before it began
        answer_of(*arguments, "--samples", str(samples), "--checkpoint", file)
    answer = answer_of("resume", file, "--workers", "1")
    assert answer["digest"] == wanted
    again = answer_of("resume", file)
    assert again["digest"] == wanted and chunks_of(again) == 0, "nothing is left to do"


def test_what_was_saved_is_not_computed_again(file):
    whole = answer_of(*JOB, "--samples", str(SAMPLES))
    ended = oche(*JOB, "--samples", str(SAMPLES), "--time", "20ms", "--checkpoint", file, "--json", "--quiet")
    first = parse_json(ended.out)
    second = answer_of("extend", file, "--samples", str(SAMPLES))
    assert second["digest"] == whole["digest"]
    assert second["kept_samples"] > 0
    assert chunks_of(first) + chunks_of(second) == chunks_of(whole)


@pytest.mark.parametrize("few", [16384 * 100, 16384 * 100 + 1, SAMPLES // 4])
def test_a_longer_run_computes_the_difference(file, few):
    first = answer_of(*JOB, "--samples", str(few), "--checkpoint", file)
    longer = answer_of("extend", file, "--samples", str(4 * few))
    at_once = answer_of(*JOB, "--samples", str(4 * few))
    assert longer["digest"] == at_once["digest"]
    cut = 1 if few % 16384 else 0
    assert chunks_of(longer) == chunks_of(at_once) - chunks_of(first) + cut
    assert longer["kept_samples"] == few - few % 16384


def test_a_smaller_error(file):
    answer_of(*JOB, "--rel-error", "1e-3", "--checkpoint", file)
    finer = answer_of("extend", file, "--rel-error", "1e-5")
    assert finer["digest"] == answer_of(*JOB, "--rel-error", "1e-5")["digest"]


@pytest.mark.parametrize("definition", [["1/x", "x=1..2"], ["x*y; x+y", "x~normal(1,0.1)", "y~uniform(0,1)"]])
def test_shards_in_any_order_are_the_run(tmp_path, definition):
    samples = str(SAMPLES // 4 + 7)
    of = 37
    files = [str(tmp_path / f"{i}.oche") for i in range(of)]
    targets = simd_targets()
    for i, file in enumerate(files):
        ended = oche("shard", *definition, "--samples", samples, "--index", str(i), "--of", str(of), "-o", file,
                     "--simd", targets[i % len(targets)], "--workers", "1")
        assert ended.code == 0 and ended.out == "", ended
    random.Random(5).shuffle(files)
    whole = answer_of("estimate", *definition, "--samples", samples)
    merged = str(tmp_path / "all.oche")
    answer = answer_of("merge", *files, "-o", merged)
    assert answer["digest"] == whole["digest"]
    assert answer["kept_samples"] == answer["samples"] == whole["samples"]
    assert answer_of("resume", merged)["digest"] == whole["digest"]

    # What isn't all of it.
    missing = oche("merge", *files[1:])
    assert missing.code == 4
    check_message(missing.err, "some chunks are missing (chunk")
    twice = oche("merge", *files, files[3])
    assert twice.code == 4
    check_message(twice.err, "some chunks are there twice (chunk", os.path.basename(files[3]))
    foreign = str(tmp_path / "foreign.oche")
    assert oche("shard", "x", "x=0..1", "--samples", samples, "--index", "0", "--of", "2", "-o", foreign).code == 0
    other = oche("merge", *files, foreign)
    assert other.code == 4
    check_message(other.err, "are of different jobs")
    run = oche("merge", *files, merged)
    assert run.code == 4
    check_message(run.err, "is no shard")


def test_a_shard_that_was_interrupted_goes_on(tmp_path):
    file = str(tmp_path / "0.oche")
    shard = ["shard", *JOB[1:], "--samples", str(10 * SAMPLES), "--index", "1", "--of", "2", "-o", file]
    with Running(*shard, "--workers", "1") as run:
        kill_after(run, 0.3)
    assert oche(*shard).code == 0
    again = oche(*shard)
    assert again.code == 0 and "shard 1 of 2" in again.err


@pytest.mark.parametrize("arguments, code, text", [
    (["resume", "no.oche"], 4, "can't be opened"),
    (["extend", "no.oche"], 2, "extend without an end"),
    (["extend", "no.oche", "--rel-error", "0"], 2, "--rel-error is 0"),
    (["merge", "no.oche"], 4, "can't be opened"),
    ([*JOB, "--checkpoint", ""], 2, "--checkpoint names no file"),
    ([*JOB, "--checkpoint", "x", "--listen", "127.0.0.1:0"], 2, "--listen with --checkpoint"),
    ([*JOB, "--checkpoint", "x", "--at", "127.0.0.1:1"], 2, "--checkpoint with --at"),
    (["shard", "1/x", "x=1..2", "--index", "2", "--of", "2", "-o", "x", "--samples", "1e6"], 2, "numbered from 0"),
    (["shard", "1/x", "x=1..2", "--index", "0", "--of", "2", "-o", "x"], 2, "known end"),
    (["shard", "1/x", "x=1..2", "--index", "0", "--of", "9", "-o", "x", "--samples", "1e5"], 2, "fewer chunks"),
    (["shard", "1/x", "x=1..2", "--index", "0", "--of", "2", "-o", "x", "--samples", "1e6", "--method",
      "stratified"], 2, "--method plain"),
])
def test_what_can_not_be(tmp_path, arguments, code, text):
    ended = oche(*arguments, cwd=tmp_path)
    assert ended.code == code, ended
    check_message(ended.err, text)
    assert not os.listdir(tmp_path)


def test_files_that_can_not_be_gone_on_with(tmp_path, file):
    answer_of(*JOB, "--samples", "1e6", "--checkpoint", file)
    there = oche(*JOB, "--checkpoint", file)
    assert there.code == 4
    check_message(there.err, "is there already")
    less = oche("extend", file, "--samples", "1000")
    assert less.code == 2
    check_message(less.err, "is less than the file has")
    shard = str(tmp_path / "s.oche")
    assert oche("shard", *JOB[1:], "--samples", "1e6", "--index", "0", "--of", "2", "-o", shard).code == 0
    part = oche("resume", shard)
    assert part.code == 2
    check_message(part.err, "is a shard")
    with open(file, "rb") as whole:
        data = whole.read()
    with open(file, "wb") as broken:
        broken.write(data[:len(data) // 2])
    damaged = oche("resume", file)
    assert damaged.code == 4
    check_message(damaged.err, "is damaged")
    if os.geteuid() != 0:
        os.chmod(shard, stat.S_IRUSR)
        assert oche("merge", shard).code == 4
