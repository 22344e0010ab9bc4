"""Bad input: one clear line (with the caret's two below it where it is an expression), nothing on
stdout, and the exit code of its kind."""

import os
import socket
import subprocess

import pytest
from running import OCHE, PATIENCE, check_message, oche, result

LONGEST_ARGUMENT = 131_071  # bytes; a limit of Linux (MAX_ARG_STRLEN)


def refused(code, *arguments, lines=1):
    ended = oche(*arguments)
    assert (ended.code, ended.out) == (code, ""), ended
    said = ended.err.splitlines()
    assert len(said) == lines and said[0].startswith("oche: "), ended.err
    check_message(said[0])
    return said


def check_refused(code, texts, *arguments, lines=1):
    message = refused(code, *arguments, lines=lines)[0]
    check_message(message, *texts)


# ---- Expressions and inputs: the text and a caret below it ----

@pytest.mark.parametrize("arguments, caret, texts", [
    (["x+q", "x=0..1"], "q", ["q has no input"]),
    (["sinn(x)", "x=0..1"], "sinn", ["sinn is not a function", "did you mean sin?"]),
    (["foo(x)", "x=0..1"], "foo", ["foo is not a function"]),
    (["(x+1", "x=0..1"], "(", ["never closed"]),
    (["x+1)", "x=0..1"], ")", ["closes nothing"]),
    (["x+", "x=0..1"], "", ["ends after +"]),
    (["2x", "x=0..1"], "x", ["*"]),
    (["1/0"], "/", ["divides by zero"]),
    (["[1]"], "[", ["["]), (["[x*2]", "x=0..1"], "[", ["["]),
    (["factorial(171)"], "factorial", ["beyond the largest double"]),
    (["0/0"], "/", ["not a number"]),
    (["log(-1)"], "log", ["log(-1) is not a number", "from 0 up"]),
    (["factorial(2.5)*x", "x=0..1"], "factorial", ["factorial(2.5) is not a number", "whole numbers"]),
    (["1e999*x", "x=0..1"], "1e999", ["too large"]),
    (["x\x01", "x=0..1"], "\\x01", ["control character"]),
    (["x=3", "x=0..1"], "=", ["=="]),
])
def test_a_wrong_expression_is_shown_with_a_caret(arguments, caret, texts):
    message, text, carets = refused(2, "estimate", *arguments, lines=3)
    check_message(message, *texts)
    at = carets.index("^")
    assert text[at:at + len(caret)] == caret


@pytest.mark.parametrize("wrong, texts", [
    ("x=1..1", ["no width"]), ("x=0..0", ["no width"]),
    ("x=1..", ["an end of the range is missing"]),
    ("x=", ["ends after ="]), ("x", ["x is not an input"]), ("x=0..nan", ["nan"]),
    ("x=0..y", ["y"]), ("x~foo(1)", ["foo is not a distribution"]),
    ("x~normal(0,-1)", ["standard deviation", "positive"]), ("x~normal(0)", ["normal"]),
    ("x~uniform(2,1)", ["uniform"]), ("2=3", ["begins with its name"]),
])
def test_a_wrong_input_is_shown_with_a_caret(wrong, texts):
    lines = refused(2, "estimate", "x", wrong, lines=3)
    check_message(lines[0], *texts)
    assert lines[1].strip() == wrong and "^" in lines[2]


def test_all_that_is_wrong_is_told_at_once():
    lines = refused(2, "estimate", "x+1", "pi=0..1", lines=6)
    check_message(lines[0], "x has no input")
    check_message(lines[3], "pi cannot be the name of an input")


@pytest.mark.parametrize("arguments, texts", [
    ([""], ["empty"]), ([" "], ["empty"]),
    (["x" * 65_537, "x=0..1"], ["65537 bytes", "the limit is 65536"]),
    (["(" * LONGEST_ARGUMENT], ["131071 bytes", "the limit is 65536"]),
])
def test_a_text_that_is_no_expression(arguments, texts):
    check_refused(2, texts, "estimate", *arguments)


@pytest.mark.parametrize("text", ["(" * 60_000 + "1" + ")" * 5_000, "-" * 60_000 + "1",
                                  "2^" * 30_000 + "1", "sin(" * 15_000 + "1" + ")" * 1_000])
def test_an_expression_that_is_too_deep(text):
    lines = refused(2, "estimate", "0+" + text, lines=3)
    check_message(lines[0], "limit")
    assert all(len(line) < 400 for line in lines)  # a part of the text is shown, not all of it


def test_an_expression_with_too_many_operations():
    lines = refused(2, "estimate", "+".join(["sin(x)"] * 9000), "x=0..1", lines=3)
    check_message(lines[0], "limit")


def test_bytes_that_are_no_text():
    for wrong in (b"x+\xff", b"x+\xc3", b"\x80"):
        ended = subprocess.run([OCHE, "estimate", wrong, "x=0..1"], capture_output=True,
                               timeout=PATIENCE, check=False)
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert ended.stderr.count(b"\n") == 3 and ended.stderr.isascii()


def test_every_control_character_is_shown_and_none_printed():
    for code in [*range(1, 9), 11, 12, *range(14, 32), 127]:
        ended = oche("estimate", "x+" + chr(code), "x=0..1")
        assert ended.code == 2 and f"\\x{code:02X}" in ended.err
        assert ended.err.replace("\n", "").isprintable()


def test_a_reversed_range_changes_the_sign():
    forward = result("estimate", "x", "x=0..1", "--samples", "100000")
    backward = result("estimate", "x", "x=1..0", "--samples", "100000")
    for answer, truth in ((forward, 0.5), (backward, -0.5)):
        assert abs(answer["estimate"] - truth) < 5 * answer["standard_error"]
    assert backward["interval"][0] < backward["interval"][1]


# ---- Options ----

@pytest.mark.parametrize("option, value, texts", [
    ("--samples", "1e30", ["out of range", "9007199254740992"]),
    ("--samples", "-1", ["out of range", "9007199254740992"]),
    ("--samples", "0", ["out of range"]),
    ("--samples", "nan", ["not a number"]), ("--samples", "inf", ["9007199254740992"]),
    ("--samples", "1.5", ["not a whole number"]), ("--samples", "abc", ["not a number"]),
    ("--samples", "1e6x", ["not a number"]), ("--samples", "", ["--samples '' is not a number"]),
    ("--samples", "9007199254740993", ["out of range"]),
    ("--rel-error", "0", ["positive"]), ("--rel-error", "-1", ["positive"]),
    ("--rel-error", "nan", ["not a finite number"]), ("--rel-error", "inf", ["not a finite"]),
    ("--rel-error", "abc", ["not a finite number"]),
    ("--abs-error", "0", ["positive"]), ("--abs-error", "-1", ["positive"]),
    ("--abs-error", "nan", ["not a finite number"]),
    ("--time", "0", ["not a time"]), ("--time", "-1s", ["not a time"]),
    ("--time", "nan", ["not a time"]), ("--time", "10y", ["not a time"]),
    ("--time", "s", ["not a time"]), ("--time", "1e300s", ["limit"]),
    ("--confidence", "0", ["between 0 and 1"]), ("--confidence", "1", ["between 0 and 1"]),
    ("--confidence", "2", ["between 0 and 1"]), ("--confidence", "-1", ["between 0 and 1"]),
    ("--confidence", "nan", ["not a finite number", "--confidence 0.95"]),
    ("--seed", "-1", ["out of range"]), ("--seed", "1e30", ["out of range"]),
    ("--seed", "1.5", ["not a whole number"]), ("--seed", "abc", ["not a number"]),
    ("--method", "foo", ["'foo'", "plain", "stratified"]),
    ("--confidence", "0.9999999999999999", ["too near 1"]),
    ("--seed", "18446744073709551616", ["out of range"]),
    ("--workers", "0", ["nobody to compute"]), ("--workers", "1e9", ["out of range", "4096"]),
    ("--workers", "-1", ["out of range"]), ("--workers", "abc", ["not a number", "--workers 10"]),
    ("--wait", "abc", ["0 to 1024", "--wait 10"]),
    ("--wait", "2", ["--listen"]), ("--wait", "-1", ["out of range"]),
    ("--lease", "0", ["not a time"]), ("--lease", "1e9s", ["out of range"]),
    ("--nonsense", "1", ["--nonsense"]),
])
@pytest.mark.parametrize("command", [["pi"], ["estimate", "x", "x=0..1"]])
def test_a_wrong_option(command, option, value, texts):
    check_refused(2, [*texts, option.strip("-")], *command, option, value)


def test_a_listener_needs_an_address():
    check_refused(2, ["'' isn't an address"], "pi", "--listen", "")


def test_a_sample_that_cannot_be_looked_at():
    check_refused(2, ["out of range"], "estimate", "x", "x=0..1", "--at-sample", "-1")
    check_refused(2, ["method"], "estimate", "x", "x=0..1", "--at-sample", "1", "--method",
                  "stratified")


@pytest.mark.parametrize("option, value", [("--listen", "127.0.0.1:0"), ("--wait", "1"),
                                           ("--histogram", "show"), ("--report", "gum")])
def test_a_sample_is_looked_at_without_a_run(option, value):
    check_refused(2, [f"{option} can't be given here", "runs nothing"], "estimate", "x", "x~normal(0,1)",
                  "--at-sample", "1", option, value)


@pytest.mark.parametrize("wrong", ["++", " ++", "-", "[x=0..1]"])
def test_an_input_arrives_as_typed(wrong):
    lines = refused(2, "estimate", "x", "x=0..1", wrong, lines=3)
    assert lines[1] == "  " + wrong


def test_a_flag_takes_no_value():
    check_refused(2, ["json"], "pi", "--json=3")


@pytest.mark.parametrize("arguments, option", [
    (["pi", "--text", "--listen", "127.0.0.1:0", "--seed", "3"], "--seed"),
    (["ln2", "--text", "--listen", "127.0.0.1:0", "--json"], "--json"),
    (["pi", "--ask", "--rel-error", "1e-3"], "--rel-error"),
    (["work", "127.0.0.1:1", "--text", "--cores", "3"], "--cores"),
    (["work", "127.0.0.1:1", "--for", "ln2"], "--for"),
])
def test_an_option_that_means_nothing_here(arguments, option):
    check_refused(2, [option, "can't be given here"], *arguments)


def test_an_instruction_set_of_no_name():
    check_refused(2, ["SIMD target 'foo'", "auto", "portable"], "pi", "--simd", "foo")


def test_all_wrong_options_are_told_at_once():
    lines = refused(2, "pi", "--rel-error", "0", "--abs-error", "-1", "--confidence", "7", lines=3)
    for line, option in zip(lines, ("--rel-error", "--abs-error", "--confidence")):
        assert option in line


def test_too_few_samples_for_a_pilot():
    check_refused(2, ["too few", "stratified"], "pi", "--method", "stratified", "--samples", "100")


@pytest.mark.parametrize("arguments, texts", [
    ([], ["a command is needed", "estimate, pi, ln2, work"]),
    (["foo"], ["'foo' is not a command"]), (["--foo"], ["--foo"]),
    (["--help", "nosuch"], ["--help nosuch has nothing to show", "functions, distributions"]),
    (["pi", "foo"], ["foo"]), (["pi", "--foo"], ["--foo"]), (["work", "127.0.0.1:1", "b"], ["b"]),
    (["estimate"], ["required"]), (["work"], ["host", "required"]),
    (["pi", "--samples"], ["--samples"]),
    (["estimate", "--nonsense", "x", "x=0..1"], ["--nonsense"]),
])
def test_a_wrong_command_line(arguments, texts):
    check_refused(2, [*texts, "--help"], *arguments)


# ---- The network ----

@pytest.mark.parametrize("place, texts", [
    ("localhost.invalid:1", ["numeric"]), ("foo:1", ["numeric"]),
    ("127.0.0.1:99999", ["99999", "65535"]), ("127.0.0.1:abc", ["'abc'"]),
    ("127.0.0.1:", ["port"]), ("127.0.0.1:-1", ["'-1'"]), (":5000", ["no host"]),
    ("127.0.0.1:1:2", ["127.0.0.1:1:2"]),
])
def test_a_place_where_nobody_can_listen(place, texts):
    check_refused(2, texts, "pi", "--listen", place)


def test_a_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = "127.0.0.1:%d" % taken.getsockname()[1]
        port = place.rpartition(":")[2]
        check_refused(3, [port, "in use"], "pi", "--listen", place)


def test_a_port_where_nobody_listens():
    with socket.socket() as bound:  # bound and not listening: nobody else can take it meanwhile
        bound.bind(("127.0.0.1", 0))
        place = "127.0.0.1:%d" % bound.getsockname()[1]
        check_refused(3, [f"can't connect to {place}"], "work", place)


@pytest.mark.parametrize("place, code, texts", [
    ("nosuchhost.invalid", 3, ["'nosuchhost.invalid' can't be found"]),
    ("nosuchhost.invalid:4000", 3, ["'nosuchhost.invalid' can't be found"]),
    ("127.0.0.1:0", 2, ["'0'"]), ("127.0.0.1:99999", 2, ["'99999'"]), ("", 2, ["no host"]),
])
def test_a_place_where_nobody_can_be(place, code, texts):
    check_refused(code, texts, "work", place, "--insecure")


def test_another_computer_without_a_key():
    # RFC 5737: an address for documentation. It is not dialled.
    check_refused(2, ["no key for 192.0.2.1:5", "oche invite work", "--key-file"], "work", "192.0.2.1:5")


@pytest.mark.parametrize("option, value, texts", [
    ("--cores", "0", ["out of range"]), ("--cores", "1e9", ["out of range", "4096"]),
    ("--cores", "-1", ["out of range"]), ("--cores", "abc", ["not a number"]),
    ("--simd", "foo", ["'foo'"])])
def test_a_wrong_option_of_work(option, value, texts):
    check_refused(2, texts, "work", "127.0.0.1:1", option, value)


# ---- Integrands that have no honest answer, or an easy one ----

def test_a_value_that_is_not_finite_is_counted_and_the_point_told():
    answer = result("estimate", "log(x)", "x=-1..1", "--samples", "1e6", code=1)
    assert answer["stop_reason"] == "non_finite" and answer["met"] is False
    assert answer["estimate"] is answer["standard_error"] is answer["interval"] is None
    # Every second sample, up to five standard deviations of that count.
    half = answer["samples"] / 2
    assert abs(answer["non_finite"] - half) < 5 * half**0.5
    assert any("not finite" in text and "x=-0." in text for text in answer["warnings"])
    text = oche("estimate", "log(x)", "x=-1..1", "--samples", "1e6")
    assert text.code == 1 and text.out.startswith("no estimate\n") and "x=-0." in text.out


# The inputs themselves may be what isn't finite.
@pytest.mark.parametrize("arguments, text", [
    (["y", "x=0..1", "y=0..log(x-0.5)"], "y=nan"), (["y", "x=-1..1", "y~normal(0,x)"], "y=nan"),
    (["y", "x=0..1", "y=exp(1000*x)"], "y=inf"), (["y", "x=0..1", "y=-exp(1000*x)"], "y=-inf"),
    (["x", "x=0..1", "y=0..log(x-0.5)"], "y=nan"),
])
def test_an_input_that_is_not_finite_is_told(arguments, text):
    for method in ("plain", "stratified"):
        answer = result("estimate", *arguments, "--samples", "1e5", "--method", method, code=1)
        assert answer["stop_reason"] == "non_finite" and answer["estimate"] is None
        assert any(text in warning for warning in answer["warnings"]), answer["warnings"]


@pytest.mark.parametrize("expression", ["1e160*x", "1e-300*x", "exp(-(x+1000)^2)"])
def test_an_error_that_cannot_be_told_is_told(expression):
    answer = result("estimate", expression, "x=0..1", "--samples", "1e5")
    if answer["standard_error"] is None or answer["standard_error"] == 0:
        assert any("can't be told" in text or "was the same" in text for text in answer["warnings"])
    assert answer["warnings"]


def test_a_constant_is_exact():
    answer = result("estimate", "5", "x=0..2")
    assert (answer["estimate"], answer["standard_error"], answer["met"]) == (10, 0, True)
    assert answer["warnings"] == []


def test_a_value_that_was_always_the_same_is_told():
    answer = result("estimate", "5+0*x", "x=0..2")
    assert (answer["estimate"], answer["standard_error"]) == (10, 0)
    assert any("the same" in text for text in answer["warnings"])


# (1 - p)^n = 0.025 at the upper end (Clopper and Pearson).
def test_what_never_happened_has_an_exact_interval():
    answer = result("estimate", "x<0", "x=0..1", "--samples", "1e6")
    assert answer["estimate"] == 0 and answer["warnings"] == []
    low, high = answer["interval"]
    assert low == 0 and abs(high / (1 - 0.025**1e-6) - 1) < 1e-9
    answer = result("estimate", "-8*(x<2)", "x=0..1", "--samples", "1e6")
    low, high = answer["interval"]
    assert low == -8 and abs((8 + high) / (8 * (1 - 0.025**1e-6)) - 1) < 1e-6


def test_a_target_below_what_no_hit_can_show_is_not_met():
    answer = result("estimate", "x<0", "x=0..1", "--abs-error", "1e-9", code=1)
    assert answer["met"] is False and answer["interval"][1] > 1e-9
    assert any("was not reached" in text for text in answer["warnings"])
    assert result("estimate", "x<0", "x=0..1", "--abs-error", "1e-5")["met"] is True


def test_a_small_error_of_few_samples_is_told():
    answer = result("estimate", "x", "x~normal(0,1)", "--abs-error", "1", "--samples", "50", code=1)
    assert any("rests on too few samples" in text for text in answer["warnings"])
    assert not any("was not reached" in text for text in answer["warnings"])


def test_what_never_happened_has_no_relative_error():
    answer = result("estimate", "x<0", "x=0..1", "--rel-error", "1e-3", "--samples", "1e6", code=1)
    assert answer["estimate"] == 0 and answer["stop_reason"] == "samples"
    assert answer["met"] is False
    assert any("relative target can't be met" in text for text in answer["warnings"])


def test_what_never_happened_until_the_time_was_over():
    answer = result("estimate", "x<0", "x=0..1", "--rel-error", "1e-3", "--time", "200ms", code=1)
    assert answer["stop_reason"] == "time" and answer["met"] is False
    assert any("relative target can't be met" in text for text in answer["warnings"])


# ---- Output that can't be written ----

COMMANDS = [["pi", "--samples", "1000"], ["pi", "--samples", "1000", "--json"], ["--help"],
            ["estimate", "--help"], ["--version"]]


def fails_to_write(command, **options):
    ended = subprocess.run([OCHE, *command], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           timeout=PATIENCE, check=False, **options)
    assert ended.returncode == 4, ended
    said = ended.stderr.decode()
    assert said.count("\n") == 1 and said.startswith("oche: stdout can't be written")
    check_message(said)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk(command):
    with open("/dev/full", "wb") as full:
        fails_to_write(command, stdout=full)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_gone(command):
    read, write = os.pipe()
    os.close(read)
    try:
        fails_to_write(command, stdout=write)
    finally:
        os.close(write)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_stdout_that_is_closed(command):
    fails_to_write(command, preexec_fn=lambda: os.close(1))


def test_a_closed_stdout_of_a_manager_does_not_become_a_socket():
    fails_to_write(["pi", "--samples", "1000", "--workers", "1", "--listen", "127.0.0.1:0",
                    "--quiet"], preexec_fn=lambda: os.close(1))


def test_a_closed_stderr_changes_nothing():
    ended = subprocess.run([OCHE, "pi", "--samples", "1000", "--workers", "1", "--listen",
                            "127.0.0.1:0", "--verbose", "--json"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, preexec_fn=lambda: os.close(2),
                           timeout=PATIENCE, check=False)
    assert ended.returncode == 0 and ended.stdout.count(b"\n") == 1
