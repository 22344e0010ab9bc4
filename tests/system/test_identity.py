"""One job, one digest: whoever computes it, with whatever instructions, however told to stop."""

import math
from contextlib import ExitStack

import pytest
from running import JOBS, SLOWNESS, Manager, check_contributed, oche, result, worker

PI_SAMPLES = 1_000_000_000 // SLOWNESS
LN2 = ["estimate", "1/x", "x=1..2"]


def samples_of(job):
    return PI_SAMPLES if job == "pi" else JOBS[job][1]


def tcp_run(arguments, workers, *options):
    """A manager without threads of its own, and so many workers; returns its result."""
    names = [f"w{number}" for number in range(1, workers + 1)]
    with ExitStack() as stack:
        manager = stack.enter_context(Manager(*arguments, "--wait", str(workers), *options))
        crew = [stack.enter_context(worker(manager.place, name)) for name in names]
        answer = manager.json()
        for one in crew:
            one.ends_with(0)
    check_contributed(answer, *names)
    return answer


def thread_run(arguments, threads, *options):
    answer = result(*arguments, "--workers", str(threads), *options)
    check_contributed(answer, *(f"thread {number}" for number in range(1, threads + 1)))
    return answer


def same_answer(one, other):
    for key in ("digest", "estimate", "standard_error", "interval", "samples", "minimum",
                "maximum"):
        assert one[key] == other[key], key


@pytest.fixture(scope="module")
def alone():
    """Each job on one thread, computed once."""
    known = {}

    def run(job):
        if job not in known:
            known[job] = thread_run([*JOBS[job][0], "--samples", str(samples_of(job))], 1)
            assert known[job]["samples"] == samples_of(job)
        return known[job]

    return run


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("threads", [2, 7])
def test_threads_do_not_change_the_answer(alone, job, threads):
    answer = thread_run([*JOBS[job][0], "--samples", str(samples_of(job))], threads)
    same_answer(answer, alone(job))


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_workers_do_not_change_the_answer(alone, job, workers):
    answer = tcp_run([*JOBS[job][0], "--samples", str(samples_of(job))], workers)
    same_answer(answer, alone(job))


def test_threads_and_workers_together_do_not_change_the_answer(alone):
    with Manager("pi", "--samples", str(PI_SAMPLES), "--workers", "1", "--wait", "1") as manager:
        with worker(manager.place, "far") as far:
            answer = manager.json()
            far.ends_with(0)
    check_contributed(answer, "far", "thread 1")
    same_answer(answer, alone("pi"))


def simd_targets():
    """Those of this processor, which the message about an unknown one names."""
    message = oche("pi", "--simd", "none").err
    return message.strip().rpartition("choose one of ")[2].split(", ")


@pytest.mark.parametrize("job", JOBS)
def test_instruction_sets_do_not_change_the_answer(job):
    targets = simd_targets()
    assert targets[0] == "auto" and targets[-1] == "portable", targets
    samples = "10000000" if job == "pi" else "2000000"
    answers = [result(*JOBS[job][0], "--samples", samples, "--simd", target) for target in targets]
    for answer in answers[1:]:
        same_answer(answer, answers[0])


def test_workers_with_other_instructions_do_not_change_the_answer():
    arguments = ["pi", "--samples", "10000000"]
    with Manager(*arguments, "--wait", "2") as manager:
        with worker(manager.place, "auto") as one, \
                worker(manager.place, "plain", "--simd", "portable") as other:
            answer = manager.json()
            one.ends_with(0)
            other.ends_with(0)
    check_contributed(answer, "auto", "plain")
    same_answer(answer, result(*arguments))


def test_another_seed_or_job_has_another_digest():
    runs = [["pi"], ["pi", "--seed", "2"], ["pi", "--method", "stratified"], ["ln2"],
            ["estimate", "2/x", "x=1..2"], ["pi", "--samples", "99999"]]
    digests = {result(*run, *([] if "--samples" in run else ["--samples", "100000"]))["digest"]
               for run in runs}
    assert len(digests) == len(runs)


def test_a_shortcut_is_the_estimate_that_it_stands_for():
    same_answer(result("ln2", "--samples", "1000000"), result(*LN2, "--samples", "1000000"))
    same_answer(result("pi", "--samples", "1000000"),
                result("estimate", "4*(x^2+y^2<=1)", "x=0..1", "y=0..1", "--samples", "1000000"))


def test_the_logarithm_of_2_to_a_relative_error_of_1e_5():
    answer = result(*LN2, "--rel-error", "1e-5")
    assert answer["met"] is True and answer["stop_reason"] == "target"
    assert answer["warnings"] == [] and answer["non_finite"] == 0
    low, high = answer["interval"]
    assert (high - low) / 2 <= 1e-5 * answer["estimate"]
    # Five standard errors: one seed in 1.7 million is farther off.
    assert abs(answer["estimate"] - math.log(2)) < 5 * answer["standard_error"]
    same_answer(tcp_run([*LN2, "--rel-error", "1e-5"], 2), answer)
    same_answer(result(*LN2, "--samples", str(answer["samples"])), answer)


@pytest.mark.parametrize("job, error", [("pi", "5e-5"), ("costly", "1e-3"), ("stratified", "5e-5")])
def test_a_target_stops_where_its_count_of_samples_does(job, error):
    arguments = [*JOBS[job][0], "--rel-error", error]
    answer = thread_run(arguments, 1)
    assert answer["stop_reason"] == "target"
    same_answer(thread_run(arguments, 2), answer)
    same_answer(tcp_run(arguments, 2), answer)
    same_answer(result(*JOBS[job][0], "--samples", str(answer["samples"])), answer)
