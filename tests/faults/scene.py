"""A host with a job in the middle, for a fault to happen to."""

import contextlib
import os

from running import JOBS, Running, crew_of
from test_host import Host

def config(tmp_path, **limits):
    """The options for a host with those limits."""
    file = tmp_path / "host.toml"
    file.write_text("".join(f"{key} = {value!r}\n".replace("'", '"') for key, value in limits.items()))
    return ["--config", str(file)]


class Sent:
    """A job that was sent to a host."""

    def __init__(self, undisturbed, host, job, times=1):
        self.undisturbed, self.host, self.job, self.samples = undisturbed, host, job, int(times * JOBS[job][1])
        self.number = host.send(*JOBS[job][0], "--samples", str(self.samples))

    def ends_well(self, *names):
        """Its answer, which is right, and to which each of those names contributed."""
        answer = self.host.result(self.number)
        assert answer["samples"] == self.samples
        assert answer["stop_reason"] == "samples" and answer["met"] is True
        assert answer["digest"] == self.undisturbed.digest(self.job, self.samples)
        crew = crew_of(answer)
        assert all(crew.get(name, 0) > 0 for name in names), crew
        return answer


class Scene:
    """A host, its workers, and one job there."""

    def __init__(self, undisturbed, *options, job="costly", times=1, host=Host, **how):
        self.undisturbed, self.job, self.times = undisturbed, job, times
        self.host = host(*options, **how)
        self.programs = contextlib.ExitStack()
        self.sent = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.programs.close()
        self.host.__exit__()

    @property
    def place(self):
        return self.host.place

    def worker(self, name, place=None, **how):
        """One that is ended with the scene."""
        return self.programs.enter_context(
            Running("work", place or self.place, "--cores", "1", "--name", name, *self.host.key, **how))

    def send(self):
        self.sent = Sent(self.undisturbed, self.host, self.job, self.times)

    def begin(self, *names):
        """Sends the job when those workers are there, and waits until each has done a part of it."""
        self.host.wait_joined(*names)
        self.send()
        for name in names:
            self.host.wait_computed(name)

    def wait_left(self, name, why="", after=0):
        """The place in the host's lines after that where it says so."""
        self.host.wait_for(rf"^worker {name} left: " + why, after)
        return self.host.found_at + 1

    def ends_well(self, *names):
        return self.sent.ends_well(*names)


def resident(process_id):
    """Pages that it has in memory, in bytes."""
    with open(f"/proc/{process_id}/statm", encoding="ascii") as sizes:
        return int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
