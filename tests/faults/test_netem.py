"""A host and workers on computers of their own, whose lines lose and delay packets: real TCP sends again.

Workers have keys by invitation, as from any other computer.
"""

import os
import signal

import pytest
from network import DOWN, UP, at, network
from running import Running, crew_of, oche
from scene import Scene
from test_host import Host


class FarHost(Host):
    """Listens at all addresses of the hub, where its clients are too."""

    def __init__(self, *options):  # pylint: disable=super-init-not-called
        self.key = []
        Running.__init__(self, "host", "--listen", "0.0.0.0:0", "--verbose", *options)
        try:
            self.port = self.wait_for(r"^listening on 0\.0\.0\.0:(\d+)$").group(1)
        except BaseException:
            self.__exit__()
            raise
        self.place = f"127.0.0.1:{self.port}"


@pytest.fixture(name="home", autouse=True)
def new_home(tmp_path, monkeypatch):
    monkeypatch.setenv("OCHE_HOME", str(tmp_path / "home"))


def far_worker(scene, link, name):
    invited = oche("invite", "work", "--name", name)
    assert invited.code == 0, invited
    with at(link.namespace):
        return scene.worker(name, f"{link.hub_address}:{scene.host.port}",
                            env={**os.environ, "OCHE_HOME": "/nonexistent", "OCHE_KEY": invited.out.strip()})


def test_200_ms_and_5_percent_loss(undisturbed):
    with network(1) as net, at(net.hub), Scene(undisturbed, times=0.02, host=FarHost) as scene:
        link, = net.links
        link.delay, link.loss = 0.1, 0.05
        far_worker(scene, link, "far")
        scene.begin("far")
        answer = scene.ends_well("far")
        assert link.lost > 0
    assert list(crew_of(answer)) == ["far"]


def test_lines_are_dead_for_a_while(undisturbed):
    """Packets both ways, or of one way only, are lost; nobody else can go on with the job."""
    faults = {"both": (UP, DOWN), "up": (UP,), "down": (DOWN,)}
    with network(len(faults)) as net, at(net.hub), Scene(undisturbed, times=2, host=FarHost) as scene:
        lines = dict(zip(faults, net.links))
        workers = {name: far_worker(scene, link, name) for name, link in lines.items()}
        scene.begin(*lines)
        for name, link in lines.items():
            link.kill(*faults[name])
        # No word of one end reaches the other: both hear nothing, or the one that hears something can't
        # acknowledge it.
        lost = {name: scene.wait_left(name) for name in lines}
        for name in lines:
            workers[name].wait_for("lost the manager: ")
        # One after the other, so that none can end the job before the next is back.
        for name, link in lines.items():
            link.heal()
            scene.host.wait_for(rf"^worker {name}\S*: chunks \S+ of job 1 accepted", after=lost[name])
            assert link.lost > 0
            workers[name].signal(signal.SIGSTOP)
        for program in workers.values():
            program.signal(signal.SIGCONT)
        scene.ends_well(*lines)
