"""`oche` alone on a terminal: a prompt."""

import re

import pytest
from running import result
from terminal import Terminal

CTRL_C, CTRL_D = "\x03", "\x04"


@pytest.fixture
def prompt():
    with Terminal(whole=True) as terminal:
        terminal.wait_for(r"type an expression, help, or quit\r\noche> $")
        yield terminal


def answer(prompt, line):
    """What is shown between the line typed and the next prompt."""
    at = prompt.type(line + "\n")
    end = prompt.wait_for(r"\r\noche> $", at + len(line))
    return prompt.shown[at:end.start()]


def test_an_expression_with_its_inputs_and_options(prompt):
    shown = answer(prompt, "1/x, x=1..2 --samples 1e5 --seed 3")
    same = result("estimate", "1/x", "x=1..2", "--samples", "1e5", "--seed", "3")
    assert "100,000 samples" in shown and f"digest {same['digest']}" in shown


def test_an_expression_that_begins_with_a_minus(prompt):
    shown = answer(prompt, "-x^2, x=0..1 --samples 1e5")
    assert re.search(r"-0\.33\d* ± 0\.0\d+", shown)


def test_a_command_with_quotes_as_in_a_shell(prompt):
    shown = answer(prompt, "estimate '1/x' \"x = 1..2\" --samples 1e5")
    assert "100,000 samples" in shown


def test_the_commands_of_the_command_line(prompt):
    assert "pi = 3.1" in answer(prompt, "pi --samples 1e5")
    assert "pi = 3.1" in answer(prompt, "oche pi --samples 1e5")
    assert "ln 2 = 0.69" in answer(prompt, "ln2 --samples 1e6")


def test_an_error_is_shown_and_the_prompt_goes_on(prompt):
    assert "did you mean sqrt?" in answer(prompt, "sqtr(x), x=0..1")
    assert "not closed" in answer(prompt, "estimate 'x x=0..1")
    assert "100,000 samples" in answer(prompt, "x, x=0..1 --samples 1e5")


def test_a_blank_line_and_help(prompt):
    assert answer(prompt, "   ").strip() == ""
    assert "1/x, x=1..2" in answer(prompt, "help")


def test_ctrl_c_ends_the_run_and_not_the_prompt(prompt):
    at = prompt.type("pi --samples 1e15\n")
    prompt.wait_for(r"samples \| .* left", at)
    prompt.type(CTRL_C)
    prompt.wait_for(r"INTERRUPTED: the estimate so far[^>]*oche> $", at)
    assert "100,000 samples" in answer(prompt, "x, x=0..1 --samples 1e5")


def test_ctrl_c_at_the_prompt_drops_the_line_and_nothing_else(prompt):
    for first in ("x, x=0..1 --samples 1e5", "receive --listen 127.0.0.1:0 --allow nonsense"):
        answer(prompt, first)  # afterwards too
        prompt.type("no command at all" + CTRL_C)
        assert "100,000 samples" in answer(prompt, "x, x=0..1 --samples 1e5")


@pytest.mark.parametrize("typed", ["quit\n", "exit\n", CTRL_D])
def test_the_end(prompt, typed):
    prompt.type(typed)
    assert prompt.finish()[0] == 0
