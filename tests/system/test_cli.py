"""The command line as scripts and people rely on it: JSON, exit codes, progress, help."""

import math
import re
import signal
import time
from pathlib import Path

import pytest
from running import Manager, oche, parse_json, result, worker
from terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
KEYS = {
    "estimate": float, "standard_error": float, "interval": list, "confidence": float,
    "samples": int, "non_finite": int, "seconds": float, "seed": int, "method": str, "stream": str,
    "numerics": int, "digest": str, "stop_reason": str, "warnings": list, "crew": list,
}
CREW_KEYS = {"name": str, "chunks": int, "repeats": int, "seconds": float}
COMMANDS = ["estimate", "pi", "ln2", "work", "talk", "send", "receive"]
RUN_OPTIONS = ["--samples", "--rel-error", "--abs-error", "--time", "--seed", "--method",
               "--workers", "--listen", "--wait", "--json", "--quiet", "--confidence"]


# ---- The report ----

def test_json_is_one_object_with_the_promised_keys():
    answer = result("pi", "--samples", "100000", "--workers", "2")
    for key, kind in KEYS.items():
        assert isinstance(answer[key], kind), key
    for member in answer["crew"]:
        for key, kind in CREW_KEYS.items():
            assert isinstance(member[key], kind), key
    low, high = answer["interval"]
    assert low < answer["estimate"] < high
    # 1.96 standard errors, the normal distribution's 0.975-quantile.
    assert math.isclose(high - low, 2 * 1.959963984540054 * answer["standard_error"], rel_tol=1e-9)
    assert re.fullmatch("[0-9a-f]{64}", answer["digest"])
    assert (answer["samples"], answer["seed"], answer["confidence"]) == (100000, 1, 0.95)
    assert (answer["method"], answer["stop_reason"]) == ("plain", "samples")
    # The binomial distribution's standard error of four times a frequency.
    hits = answer["estimate"] / 4
    assert math.isclose(answer["standard_error"], 4 * math.sqrt(hits * (1 - hits) / 99999),
                        rel_tol=1e-9)


def test_an_average_over_distributions_has_a_standard_deviation():
    answer = result("estimate", "a+b", "a~normal(5,3)", "b~uniform(0,12)", "--samples", "1e6")
    # Variances add: 3^2 and 12^2/12. Five standard errors of the two moments.
    assert abs(answer["estimate"] - 11) < 5 * answer["standard_error"]
    assert abs(answer["standard_deviation"] - math.sqrt(21)) < 5 * math.sqrt(21 / 2e6)


@pytest.mark.parametrize("expression, inputs, truth", [
    ("let r=x+y; r^2/2", ["x=0..1", "y=0..1"], 7 / 12),
    # Each square has the mean 1/3; pairs of different variables have no covariance.
    ("sum(j=1..n,x[j]^2)", ["n=12", "x[1..n]~uniform(-1,1)"], 4),
    ("sum(i=1..9,sum(j=i+1..10,x[i]*x[j]))", ["x[1..10]~normal(1,2)"], 45),
    ("prod(j=0..2,x[j])", ["x[0..2]=0..2"], 8),
    ("sum(j=0..999,exp(-(x-j/999)^2))/1000", ["x=-inf..inf"], math.sqrt(math.pi)),
])
def test_lets_arrays_and_loops(expression, inputs, truth):
    answer = result("estimate", expression, *inputs, "--samples", "1e5")
    assert abs(answer["estimate"] - truth) < 5 * answer["standard_error"]


def test_an_index_out_of_bounds_is_shown():
    ended = oche("estimate", "sum(j=1..8, x[j+1])", "x[1..8]=0..1")
    assert ended.code == 2 and ended.out == ""
    assert "goes from 2 to 9 (the elements of x go from 1 to 8)" in ended.err
    assert ended.err.splitlines()[1:] == ["  sum(j=1..8, x[j+1])", "                 ^"]


def test_one_sample_can_be_looked_at():
    ended = oche("estimate", "x+y", "x=0..1", "y=2", "--at-sample", "5")
    shown = dict(line.split(" = ") for line in ended.out.splitlines())
    assert ended.code == 0 and set(shown) == {"x", "y", "value"} and shown["y"] == "2"
    assert float(shown["value"]) == float(shown["x"]) + 2
    point = parse_json(oche("estimate", "x+y", "x=0..1", "y=2", "--at-sample", "5", "--json").out)
    assert point == {"sample": 5, "inputs": {"x": float(shown["x"]), "y": 2},
                     "value": float(shown["value"])}
    # One sample's mean is its value.
    assert result("estimate", "x+y", "x=0..1", "y=2", "--samples", "1")["estimate"] == float(
        oche("estimate", "x+y", "x=0..1", "y=2", "--at-sample", "0").out.split("value = ")[1])


def test_of_several_values_of_a_sample_each_is_named():
    shown = dict(line.split(" = ") for line in
                 oche("estimate", "x; -x*2", "x=0..1", "--at-sample", "3").out.splitlines())
    assert float(shown["value of x"]) == float(shown["x"])
    assert float(shown["value of -x*2"]) == -2 * float(shown["x"])


def test_help_of_a_command_either_way():
    for command in ("estimate", "pi", "work"):
        assert oche("--help", command).out == oche(command, "--help").out != ""


def test_the_sample_that_was_not_finite_can_be_looked_at():
    warning, = result("estimate", "log(x)", "x=-1..1", "--samples", "1000", code=1)["warnings"]
    number, point = re.search(r"the first is sample (\d+): x=(\S+);", warning).groups()
    ended = oche("estimate", "log(x)", "x=-1..1", "--at-sample", number)
    assert ended.code == 0 and ended.out == f"x = {point}\nvalue = nan\n"


def test_the_confidence_sets_the_width_and_nothing_else():
    wide = result("pi", "--samples", "100000", "--confidence", "0.99")
    narrow = result("pi", "--samples", "100000", "--confidence", "0.6827")
    assert wide["digest"] == narrow["digest"]
    for answer, factor in ((wide, 2.5758293035489004), (narrow, 1.0000217133229992)):
        low, high = answer["interval"]
        assert math.isclose(high - low, 2 * factor * answer["standard_error"], rel_tol=1e-9)


def test_seconds_count_from_the_start_of_the_process():
    before = time.monotonic()
    with Manager("pi", "--samples", "1000", "--wait", "1") as manager:
        ready = time.monotonic()
        result("pi", "--samples", "1e7")  # it waits meanwhile
        meanwhile = time.monotonic() - ready
        with worker(manager.place, "a"):
            answer = manager.json()
    assert meanwhile <= answer["seconds"] <= time.monotonic() - before


def test_the_text_says_the_estimate_why_it_ended_and_the_digest():
    ended = oche("pi", "--samples", "1e6", "--seed", "7")
    assert ended.code == 0 and ended.err == ""
    first, second, third = ended.out.splitlines()
    assert re.fullmatch(r"pi = 3\.1\d+ ± 0\.0032   \(95% interval 3\.1\d+ to 3\.1\d+\)", first)
    assert re.fullmatch(r"1,000,000 samples in \S+ s \(\S+ a second\), method plain, seed 7; "
                        "all samples are drawn", second)
    assert third == "digest " + result("pi", "--samples", "1e6", "--seed", "7")["digest"]


@pytest.mark.parametrize("arguments, truth", [
    (["-x^2", "x=0..1"], -1 / 3), (["-x", "x=0..1"], -0.5), (["1/x, x=1..2"], math.log(2)),
    (["-x**2, x=0..1"], -1 / 3), (["x*y", "x=0..1", "y=0..x"], 1 / 8),
    (["a*x", "a=3", "x=-1..2"], 4.5), (["x^2+y^2<=1", "x~uniform(-1,1)", "y~uniform(-1,1)"],
                                       math.pi / 4),
    (["exp(-x^2/2)", "x=-inf..inf"], math.sqrt(2 * math.pi)), (["if(x<0.25,1,0)", "x=0..1"], 0.25),
    (["(-x)", "x=0..1"], -0.5), (["x and y", "x=1", "y=0..2"], 2),
])
def test_expressions_and_inputs_as_they_are_typed(arguments, truth):
    answer = result("estimate", *arguments, "--samples", "1e5")
    # Five standard errors; exact where there is no error.
    assert abs(answer["estimate"] - truth) <= 5 * answer["standard_error"] + 1e-12


def test_options_may_stand_anywhere_and_be_joined():
    digests = {result(*arguments)["digest"] for arguments in (
        ["estimate", "-x^2", "x=0..1", "--samples", "1000"],
        ["estimate", "--samples", "1e3", "-x^2", "x=0..1"],
        ["estimate", "-x^2", "--samples=1000", "x=0..1"],
        ["estimate", "-x^2, x=0..1", "--samples=1e3"])}
    assert len(digests) == 1


def test_numbers_may_have_exponents_and_times_units():
    assert result("pi", "--samples", "1e3")["samples"] == 1000
    for time_cap in ("50ms", "0.05s", "0.05", "1e-5h"):
        assert result("pi", "--time", time_cap)["stop_reason"] == "time"


# ---- Exit codes ----

@pytest.mark.parametrize("arguments, code, reason", [
    (["--samples", "1000"], 0, "samples"),
    (["--time", "50ms"], 0, "time"),
    (["--rel-error", "1e-2"], 0, "target"),
    (["--abs-error", "1e-2"], 0, "target"),
    (["--rel-error", "1e-2", "--samples", "1e9"], 0, "target"),
    (["--rel-error", "1e-9", "--abs-error", "1e-2"], 0, "target"),
    (["--rel-error", "1e-2", "--abs-error", "1e-12"], 0, "target"),
    (["--rel-error", "1e-2", "--time", "1h"], 0, "target"),
    (["--rel-error", "1e-9", "--samples", "1e5"], 1, "samples"),
    (["--abs-error", "1e-9", "--samples", "1e5"], 1, "samples"),
    (["--rel-error", "1e-9", "--time", "50ms"], 1, "time"),
    (["--samples", "1e5", "--time", "1h"], 0, "samples"),
    (["--samples", "1e15", "--time", "50ms"], 0, "time"),
])
def test_a_cap_before_the_target_is_1_and_a_cap_alone_is_0(arguments, code, reason):
    answer = result("pi", *arguments, code=code)
    assert answer["stop_reason"] == reason
    assert answer["met"] is (code == 0)
    text = {"samples": "all samples are drawn", "time": "the time is over",
            "target": "the error is as small as asked"}[reason]
    told = oche("pi", *arguments)
    assert told.code == code and text in told.out
    assert ("warning: the error asked for was not reached" in told.out) is (code == 1)


def test_without_target_and_cap_an_estimate_has_a_relative_error_of_1e_3():
    answer = result("estimate", "x", "x=0..1")
    low, high = answer["interval"]
    assert answer["stop_reason"] == "target" and (high - low) / 2 <= 1e-3 * answer["estimate"]
    same = result("estimate", "x", "x=0..1", "--rel-error", "1e-3")
    assert answer["digest"] == same["digest"]
    ended = oche("estimate", "x", "x=0..1")
    assert ended.code == 0 and "the error is as small as asked" in ended.out


def test_without_target_and_cap_an_estimate_ends_after_ten_seconds_and_says_so():
    # Its mean is 0: no relative error is ever small enough.
    ended = oche("estimate", "x", "x=-1..1", "--workers", "1")
    assert ended.code == 1 and "the time is over" in ended.out
    assert "relative target can't be met" in ended.out


# ---- stderr: notes, and progress on a terminal ----

def test_notes_stand_on_stderr_and_quiet_ends_them():
    arguments = ["pi", "--samples", "1000", "--workers", "1", "--listen", "127.0.0.1:0", "--json"]
    loud = oche(*arguments)
    assert re.fullmatch(r"listening on 127\.0\.0\.1:\d+\n", loud.err)
    quiet = oche(*arguments, "--quiet")
    assert quiet.err == "" and parse_json(quiet.out)["samples"] == 1000
    assert oche("pi", "--samples", "1e7").err == ""  # no progress where there is no terminal


def test_progress_shows_estimate_error_rate_and_time_left():
    with Terminal("pi", "--samples", "1e15") as terminal:
        terminal.wait_for(r"\r\x1b\[K3\.\d+ ± 0\.\d+ \| \S+ samples \| \S+ a second \| "
                          r"[^|\r]+ left")
        terminal.process.send_signal(signal.SIGINT)
        code, out = terminal.finish()
    assert code == 130 and "INTERRUPTED: the estimate so far" in out
    assert terminal.shown.endswith("\r\x1b[K")  # nothing of it stays


def test_progress_waits_for_workers():
    with Terminal("pi", "--wait", "1", "--listen", "127.0.0.1:0") as terminal:
        terminal.wait_for(r"listening on 127\.0\.0\.1:\d+\r\n")
        terminal.wait_for("waiting for workers")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.finish()[0] == 130


# timeout(1) and batch systems signal a program and its group: two signals, one wish.
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_two_signals_at_once_still_print_the_estimate(number):
    with Terminal("pi", "--samples", "1e15", "--json") as terminal:
        terminal.wait_for("samples")
        terminal.process.send_signal(number)
        terminal.process.send_signal(number)
        code, out = terminal.finish()
    assert code == 130 and parse_json(out)["stop_reason"] == "interrupted"


def test_progress_is_not_shown_when_quiet():
    with Terminal("pi", "--samples", "2e8", "--quiet", "--json") as terminal:
        code, out = terminal.finish()
    assert code == 0 and terminal.shown == ""
    assert parse_json(out)["samples"] == 200_000_000


# ---- Help ----

def test_the_help_names_every_command():
    ended = oche("--help")
    assert ended.code == 0 and ended.err == ""
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\S", ended.out, re.MULTILINE), command


@pytest.mark.parametrize("command, options", [
    ("estimate", RUN_OPTIONS), ("pi", [*RUN_OPTIONS, "--text", "--ask"]),
    ("ln2", [*RUN_OPTIONS, "--text", "--ask"]),
    ("work", ["--cores", "--name", "--text", "--quiet", "HOST[:PORT]"]),
    ("talk", ["--listen", "--of", "--text", "--numbered", "--as", "--ring", "--name", "--rounds",
              "--max-message", "--stall"]),
    ("send", ["--to", "--name", "--text"]),
    ("receive", ["--listen", "--at", "--name", "--max-message", "--stall", "--allow", "--text"]),
])
def test_the_help_of_a_command_names_its_options(command, options):
    ended = oche(command, "--help")
    assert ended.code == 0 and ended.err == ""
    assert f"oche {command}" in ended.out
    for option in options:
        assert option in ended.out, option


def test_the_functions_are_those_of_the_reference():
    ended = oche("--help", "functions")
    assert ended.code == 0 and ended.err == ""
    printed = re.findall(r"^  (\S+\(.*?\)) +([0-9.]+)  (.*)$", ended.out, re.MULTILINE)
    page = (ROOT / "docs" / "reference-expressions.md").read_text()
    listed = re.findall(r"^\| `(\S+\(.*?\))` \| (.*) \| ([0-9.]+) \|$", page, re.MULTILINE)
    assert len(printed) > 30
    assert [(call, error, value) for call, value, error in listed] == printed


def test_the_distributions_are_those_of_the_reference():
    ended = oche("--help", "distributions")
    assert ended.code == 0 and ended.err == ""
    printed = re.findall(r"^  (\S+\(.*?\)) +(\d+e-\d+)  (.*); (.*)$", ended.out, re.MULTILINE)
    page = (ROOT / "docs" / "reference-expressions.md").read_text()
    listed = re.findall(r"^\| `(\S+\(.*?\))` \| (.*) \| (.*) \| (\d+e-\d+) \|$", page, re.MULTILINE)
    assert len(printed) > 20
    # What a description has after a ; belongs to it: only the last part is the domain.
    assert [(call, error, text, domain) for call, text, domain, error in listed] == printed


def test_the_version():
    ended = oche("--version")
    assert ended.code == 0 and re.fullmatch(r"oche \d+\.\d+\.\d+\n", ended.out)
