"""A chunk that ends the workers that compute it ends the run with what comes before, and is named."""

from frames import LEASE, Manager, Relay, decode, frame, get, worker
from running import JOBS, crew_of, result

DEADLY = 260  # the last stop point before it: 256 chunks


def has_deadly_chunk(lease):
    level, index = get(lease, 4), get(lease, 5)
    return index << level <= DEADLY < (index + 1) << level


def test_the_run_ends_before_it():
    job, samples = JOBS["costly"]
    workers, killed = [], []

    def kill(kind, payload):
        if kind == LEASE and has_deadly_chunk(decode(payload)):
            killed.append(workers[-1][0])
            workers[-1][1].process.kill()
            return b""
        return frame(kind, payload)

    with Manager(*job, "--samples", str(samples), "--lease", "1s") as manager, Relay(manager.place, change_back=kill) as relay:
        while manager.process.poll() is None and len(killed) < 10:
            name = f"w{len(workers)}"
            with worker(relay.address, name) as one:
                workers.append((name, one))
                one.process.wait()
        answer = manager.json(code=1)
    assert answer["stop_reason"] == "deadly_chunk"
    assert 3 <= len(killed) <= 8, killed
    assert any(chunks > 0 for chunks in crew_of(answer).values())
    undisturbed = result(*job, "--samples", str(answer["samples"]))
    chunk = answer["samples"] // 256
    assert answer["samples"] == 256 * chunk and chunk & chunk - 1 == 0
    assert answer["digest"] == undisturbed["digest"]
    assert answer["estimate"] == undisturbed["estimate"]
    warning, = [text for text in answer["warnings"] if "was the end of" in text]
    assert warning.startswith(f"chunk {DEADLY} (samples {DEADLY * chunk} to before ")
    for name in killed[-3:]:
        assert name in warning
    assert f"--samples {(DEADLY + 1) * chunk} --workers 1" in warning

