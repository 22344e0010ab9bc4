"""Workers that die, stop, come late and come back: nothing is lost, nothing is counted twice.

Each test makes its fault happen in the middle of the work by holding the programs still (SIGSTOP)
where the order of events matters, and ends by comparing the digest with that of an undisturbed run.
"""

import signal

import pytest
from frames import Relay
from running import JOBS, Manager, Running, check_contributed, crew_of, result, worker

every_job = pytest.mark.parametrize("job", JOBS)
LEFT = r"^worker {}(-\d+)? left: "


def manager_of(job, *options):
    arguments, samples = JOBS[job]
    return Manager(*arguments, "--samples", str(samples), *options)


def check_undisturbed(answer, undisturbed, job):
    assert answer["samples"] == JOBS[job][1]
    assert answer["stop_reason"] == "samples" and answer["met"] is True
    assert answer["digest"] == undisturbed.digest(job, JOBS[job][1])


@every_job
def test_a_worker_is_killed_after_its_first_result(undisturbed, job):
    with manager_of(job, "--wait", "2") as manager, worker(manager.place, "a") as a, \
            worker(manager.place, "b") as b:
        manager.wait_accepted("b")
        a.signal(signal.SIGSTOP)  # so that the work can't be over before b is dead
        b.signal(signal.SIGKILL)
        manager.wait_for(LEFT.format("b"))
        recovery = manager.found_at
        a.signal(signal.SIGCONT)
        manager.wait_accepted("a", after=recovery)
        answer = manager.json()
        a.ends_with(0)
        b.ends_with(-signal.SIGKILL)
    check_contributed(answer, "a", "b")
    check_undisturbed(answer, undisturbed, job)


@every_job
def test_a_worker_is_stopped_past_its_lease_and_goes_on(undisturbed, job):
    with manager_of(job, "--wait", "2", "--lease", "300ms") as manager, \
            worker(manager.place, "a") as a, worker(manager.place, "b") as b:
        manager.wait_accepted("b")
        b.signal(signal.SIGSTOP)
        a.signal(signal.SIGSTOP)
        late = manager.wait_for(r"^worker b: lease of chunks (\d+\.\.\d+) ran past its deadline$")
        recovery = manager.found_at
        b.signal(signal.SIGCONT)
        # With a held still, nobody else can have done it: the late result is the one that counts.
        manager.wait_for(rf"^worker b: chunks {late.group(1)} accepted$", after=recovery)
        a.signal(signal.SIGCONT)
        manager.wait_accepted("a", after=recovery)
        answer = manager.json()
        a.ends_with(0)
        b.ends_with(0)
    check_contributed(answer, "a", "b")
    assert next(m for m in answer["crew"] if m["name"] == "b")["leases_lost"] > 0
    check_undisturbed(answer, undisturbed, job)


@every_job
def test_what_a_stopped_worker_held_is_done_by_another(undisturbed, job):
    with manager_of(job, "--wait", "2", "--lease", "300ms") as manager, \
            worker(manager.place, "a") as a, worker(manager.place, "b") as b:
        manager.wait_accepted("b")
        b.signal(signal.SIGSTOP)
        late = manager.wait_for(r"^worker b: lease of chunks (\d+)\.\.\d+ ran past its deadline$",
                                after=manager.found_at)
        # The node is lent to a, whole or in smaller parts that begin with the same chunk.
        manager.wait_for(rf"^worker a: chunks {late.group(1)}\.\.\d+ accepted$",
                         after=manager.found_at)
        b.signal(signal.SIGCONT)
        answer = manager.json()
        a.ends_with(0)
        b.ends_with(0)
    check_contributed(answer, "a", "b")
    check_undisturbed(answer, undisturbed, job)


@every_job
def test_a_worker_joins_late(undisturbed, job):
    with manager_of(job, "--wait", "1", "--lease", "300ms") as manager, \
            worker(manager.place, "a") as a:
        manager.wait_accepted("a")
        # All that is left of a pass may be what a holds: then its lease must run out first.
        a.signal(signal.SIGSTOP)
        with worker(manager.place, "late") as late:
            manager.wait_accepted("late")
            a.signal(signal.SIGCONT)
            answer = manager.json()
            late.ends_with(0)
        a.ends_with(0)
    check_contributed(answer, "a", "late")
    check_undisturbed(answer, undisturbed, job)


@every_job
def test_a_broken_line_is_dialled_again(undisturbed, job):
    # The relay reads what it passes on.
    with manager_of(job, "--wait", "1", "--insecure") as manager, Relay(manager.place) as line, \
            worker(line.address, "a", "--insecure") as a:
        manager.wait_accepted("a")
        line.cut()
        manager.wait_for(LEFT.format("a"))
        recovery = manager.found_at
        manager.wait_accepted("a-2", after=recovery)
        answer = manager.json()
        a.ends_with(0)
    assert "dialling again" in a.err
    check_contributed(answer, "a", "a-2")
    check_undisturbed(answer, undisturbed, job)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@every_job
def test_a_worker_is_interrupted_by_its_user(undisturbed, job, number):
    with manager_of(job, "--wait", "2") as manager, worker(manager.place, "a") as a, \
            worker(manager.place, "b") as b:
        manager.wait_accepted("b")
        manager.wait_accepted("a")
        a.signal(signal.SIGSTOP)
        b.signal(number)
        manager.wait_for(LEFT.format("b") + ".*interrupted by its user")
        recovery = manager.found_at
        b.ends_with(130)
        a.signal(signal.SIGCONT)
        manager.wait_accepted("a", after=recovery)
        answer = manager.json()
        a.ends_with(0)
    check_contributed(answer, "a", "b")
    check_undisturbed(answer, undisturbed, job)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("job", ["pi", "costly"])
def test_ctrl_c_of_a_plain_run_gives_the_estimate_so_far(job, number):
    arguments = JOBS[job][0]
    with Manager(*arguments, "--samples", "1e15", "--wait", "2") as manager, \
            worker(manager.place, "a") as a, worker(manager.place, "b") as b:
        manager.wait_for(r"chunks 0\.\.\d+ accepted$")
        manager.wait_accepted("a")
        manager.wait_accepted("b")
        manager.signal(number)
        answer = manager.json(130)
        a.ends_with(0)
        b.ends_with(0)
    assert answer["stop_reason"] == "interrupted" and answer["met"] is False
    check_contributed(answer, "a", "b")
    # What was printed is what that many samples give.
    same = result(*arguments, "--samples", str(answer["samples"]))
    assert (same["digest"], same["estimate"]) == (answer["digest"], answer["estimate"])


def test_ctrl_c_of_a_stratified_run_counts_whole_passes_only():
    arguments = JOBS["stratified"][0]
    with Manager(*arguments, "--samples", "1e15", "--wait", "2") as manager, \
            worker(manager.place, "a") as a, worker(manager.place, "b") as b:
        # The pilot and two more passes have begun.
        manager.wait_for(r"chunks 0\.\.\d+ accepted$", times=3)
        manager.wait_accepted("a")
        manager.wait_accepted("b")
        manager.interrupt()
        answer = manager.json(130)
        a.ends_with(0)
        b.ends_with(0)
    assert answer["stop_reason"] == "interrupted"
    check_contributed(answer, "a", "b")
    same = result(*arguments, "--samples", str(answer["samples"]))
    assert (same["digest"], same["estimate"]) == (answer["digest"], answer["estimate"])


def test_ctrl_c_is_told_in_the_text_too():
    with Running("pi", "--samples", "1e15", "--workers", "1", "--verbose") as alone:
        alone.wait_for(r"^worker thread 1: chunks 0\.\.0 accepted$")
        alone.interrupt()
        alone.ends_with(130)
    assert "INTERRUPTED: the estimate so far" in alone.out and "pi = " in alone.out


def test_ctrl_c_before_anybody_joined_is_no_estimate():
    with Manager("pi", "--wait", "1") as manager:
        manager.interrupt()
        answer = manager.json(130)
    assert answer["estimate"] is None and answer["crew"] == [] and answer["samples"] == 0


def test_a_worker_goes_on_with_the_next_manager_at_that_place(undisturbed):
    with Manager("pi", "--samples", "1e15", "--wait", "1") as first, worker(first.place, "a") as a:
        first.wait_accepted("a")
        first.signal(signal.SIGKILL)
        first.ends_with(-signal.SIGKILL)
        a.wait_for("dialling again")
        with Manager(*JOBS["pi"][0], "--samples", str(JOBS["pi"][1]), "--wait", "1",
                     listen=first.place) as second:
            answer = second.json()
        a.ends_with(0)
    check_contributed(answer, "a")
    check_undisturbed(answer, undisturbed, "pi")


def test_every_worker_but_one_dies(undisturbed):
    with manager_of("pi", "--wait", "4") as manager, worker(manager.place, "survivor") as survivor:
        others = [worker(manager.place, name) for name in "bcd"]
        try:
            for name in "bcd":
                manager.wait_accepted(name)
            survivor.signal(signal.SIGSTOP)
            for other in others:
                other.signal(signal.SIGKILL)
            for name in "bcd":
                manager.wait_for(LEFT.format(name))
            recovery = manager.found_at
            survivor.signal(signal.SIGCONT)
            manager.wait_accepted("survivor", after=recovery)
            answer = manager.json()
            survivor.ends_with(0)
        finally:
            for other in others:
                other.__exit__()
    check_contributed(answer, "survivor", "b", "c", "d")
    check_undisturbed(answer, undisturbed, "pi")


def test_a_manager_without_workers_waits_for_the_next(undisturbed):
    with manager_of("pi", "--wait", "1") as manager:
        with worker(manager.place, "first") as first:
            manager.wait_accepted("first")
            first.signal(signal.SIGKILL)
            manager.wait_for(LEFT.format("first"))
        with worker(manager.place, "second") as second:
            answer = manager.json()
            second.ends_with(0)
    check_contributed(answer, "first", "second")
    check_undisturbed(answer, undisturbed, "pi")
    assert crew_of(answer)["second"] > 1
