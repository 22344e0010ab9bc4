"""Workers that lie about a distribution, against a real manager with an honest worker.

Bins, co-moments and higher moments of a real worker's first result are changed on their way. Each
lie is refused, and the run ends with the digest of an undisturbed one.
"""

import re

import pytest
from frames import (Relay, decode, encode, get, lie_once, pack, put, unpack, Manager, worker)
from running import SLOWNESS, check_contributed, crew_of, result

NAN = float("nan")
JOINT = ["estimate", "exp(x)*y; x+y", "x~normal(5,1)", "y~uniform(1,2)", "corr(x,y)=0.3",
         "--samples", str(10_000_000 // SLOWNESS)]
OTHERS, CO_MOMENTS, SHAPES = 2, 3, 4  # fields of a tally
THIRD, FOURTH, BIN_STEP, BIN_COUNT = 1, 2, 3, 4  # of a shape


@pytest.fixture(scope="module", name="digest")
def undisturbed():
    return result(*JOINT)["digest"]


def in_tally(number, change):
    """Changes the list of messages of that field of the result's tally, in place."""
    def whole(fields):
        tally = decode(get(fields, 6))
        parts = [decode(part) for n, part in tally if n == number]
        assert parts
        change(parts)
        rest = [field for field in tally if field[0] != number]
        return put(fields, 6, encode(rest + [(number, encode(part)) for part in parts]))
    return whole


def in_last(number, field, value):
    def change(parts):
        parts[-1] = put(parts[-1], field, value)
    return in_tally(number, change)


def in_bins(change):
    """Changes the lists of steps and of counts of the first output, in place."""
    def whole(shapes):
        steps, counts = unpack(get(shapes[0], BIN_STEP)), unpack(get(shapes[0], BIN_COUNT))
        change(steps, counts)
        shapes[0] = put(put(shapes[0], BIN_STEP, pack(steps)), BIN_COUNT, pack(counts))
    return in_tally(SHAPES, whole)


def add(number):
    """To the fullest bin."""
    def change(_, counts):
        counts[counts.index(max(counts))] += number
    return change


def move(which, by):
    """The bin of that place, and no other, to another index."""
    def change(steps, _):
        steps[which] += by
        if which + 1 < len(steps) and which != -1:
            steps[which + 1] -= by
    return change


def set_step(which, value):
    def change(steps, _):
        steps[which] = value
    return change


def empty_bin(_, counts):
    counts[3] += counts[4]
    counts[4] = 0


def all_in_one(steps, counts):
    steps[1:], counts[:] = [], [sum(counts)]


def many_bins(number):
    def change(steps, counts):
        steps[:], counts[:] = number * [1], number * [1]
    return change


JOINT_LIES = {
    "a sample too few in the bins": in_bins(add(-1)),
    "a sample too many in the bins": in_bins(add(1)),
    "a count of 2^63": in_bins(add(2**63)),
    "bins that go back": in_bins(set_step(5, 2**32 - 3)),
    "bins that wrap to the lowest": in_bins(set_step(-1, 2**32 - 1)),
    "a bin twice": in_bins(set_step(5, 0)),
    "a bin that no number has": in_bins(set_step(-1, 2**31)),
    "a bin of no sample": in_bins(empty_bin),
    "a bin below the minimum": in_bins(move(0, -1)),
    "a bin above the maximum": in_bins(move(-1, 1)),
    "all in the lowest bin": in_bins(all_in_one),
    "no bins": in_bins(lambda steps, counts: (steps.clear(), counts.clear())),
    "300000 bins": in_bins(many_bins(300_000)),
    "a step more than counts": in_bins(lambda steps, _: steps.append(1)),
    "a count more than steps": in_bins(lambda _, counts: counts.append(1)),
    "another pair": in_last(CO_MOMENTS, 1, 0),
    "a pair that doesn't exist": in_last(CO_MOMENTS, 2, 4_000_000_000),
    "a co-moment that is too large": in_last(CO_MOMENTS, 3, 1e200),
    "an infinite co-moment": in_last(CO_MOMENTS, 3, float("-inf")),
    "a co-moment that is a NaN": in_last(CO_MOMENTS, 3, NAN),
    "a pair too many": in_tally(CO_MOMENTS, lambda parts: parts.append(parts[-1])),
    "a pair too few": in_tally(CO_MOMENTS, lambda parts: parts.pop()),
    "a negative fourth moment": in_last(SHAPES, FOURTH, -1.0),
    "a fourth moment that is too large": in_last(SHAPES, FOURTH, 1e300),
    "a fourth moment that is too small": in_last(SHAPES, FOURTH, 1e-300),
    "an infinite fourth moment": in_last(SHAPES, FOURTH, float("inf")),
    "a fourth moment that is a NaN": in_last(SHAPES, FOURTH, NAN),
    "a third moment that is too large": in_last(SHAPES, THIRD, 1e300),
    "an infinite third moment": in_last(SHAPES, THIRD, float("-inf")),
    "a third moment that is a NaN": in_last(SHAPES, THIRD, NAN),
    "a shape too many": in_tally(SHAPES, lambda parts: parts.append(parts[-1])),
    "a thousand shapes": in_tally(SHAPES, lambda parts: parts.extend(1000 * [[]])),
    "a shape too few": in_tally(SHAPES, lambda parts: parts.pop()),
    "no other quantities": in_tally(OTHERS, lambda parts: parts.clear()),
    "an other quantity too few": in_tally(OTHERS, lambda parts: parts.pop()),
    "an other quantity too many": in_tally(OTHERS, lambda parts: parts.append(parts[-1])),
    "an other quantity of fewer samples": in_last(OTHERS, 2, 5),
    "an other quantity with a negative variance": in_last(OTHERS, 4, -1.0),
    "an other quantity with a NaN mean": in_last(OTHERS, 3, NAN),
    "an other quantity that was not finite": in_last(OTHERS, 7, 1),
}


@pytest.mark.parametrize("lie", JOINT_LIES)
def test_a_liar_about_a_distribution_is_turned_away(digest, lie):
    with Manager(*JOINT, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            Relay(manager.place, lie_once(JOINT_LIES[lie])) as relay, \
            worker(relay.address, "liar") as liar:
        manager.wait_for("^worker liar left: a result was rejected: ")
        liar.fails(3, "a result was rejected")
        answer = manager.json()
        honest.ends_with(0)
    assert crew_of(answer)["liar"] == 0 and crew_of(answer)["honest"] > 0
    assert answer["digest"] == digest


def test_millions_of_bins_are_more_than_a_frame_may_hold(digest):
    lie = in_bins(many_bins(4_000_000))
    with Manager(*JOINT, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            Relay(manager.place, lie_once(lie)) as relay, worker(relay.address, "liar") as liar:
        left = manager.wait_for("^worker liar left: (.*)$").group(1)
        assert re.search(r"claims \d{7} bytes", left), left
        liar.fails(3)
        answer = manager.json()
        honest.ends_with(0)
    assert crew_of(answer)["liar"] == 0
    assert answer["digest"] == digest


def test_reading_bins_and_writing_them_again_changes_nothing(digest):
    relays = in_bins(lambda steps, counts: None)
    with Manager(*JOINT, "--wait", "2") as manager, worker(manager.place, "honest") as honest, \
            Relay(manager.place, lie_once(relays)) as relay, \
            worker(relay.address, "relayed") as relayed:
        answer = manager.json()
        honest.ends_with(0)
        relayed.ends_with(0)
    check_contributed(answer, "honest", "relayed")
    assert answer["digest"] == digest
