"""How fast honest work goes while 2,000 strangers hold on to a host, as a ratio to how fast it goes alone.

    OCHE=build/oche python3 tests/faults/crowd_rate.py [--rounds 7] [--seconds 3] [--silent 4096]

The windows are interleaved: alone, with silent peers, with slow ones, and again. Whoever is hung up on dials
again a second later. Prints medians; fails only where the work stops or a digest is another than that of an
undisturbed run. It measures nothing where other programs want the same cores.
"""

import argparse
import contextlib
import heapq
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
# pylint: disable=wrong-import-position
from running import JOBS, Undisturbed, oche, parse_json, worker  # noqa: E402
from strangers import first_flight, raise_descriptor_limit  # noqa: E402
from test_host import ENDLESS, Host  # noqa: E402

NUMBER = 2000
EACH = 1.0  # seconds between a slow peer's bytes, and before dialling again


def be_a_crowd(place, words):
    """So many peers, each of which says a byte of those words now and then, or nothing; until its input ends."""
    raise_descriptor_limit()
    events = select.epoll()
    due, peers, order = [], {}, iter(range(2**62))

    def dial():
        peer = socket.socket()
        peer.setblocking(False)
        peer.connect_ex(place)
        peers[peer.fileno()] = peer
        events.register(peer, select.EPOLLRDHUP | select.EPOLLIN)
        if words:
            heapq.heappush(due, (time.monotonic() + EACH, next(order), peer, 0))

    for _ in range(NUMBER):
        dial()
    print("there", flush=True)
    events.register(sys.stdin, select.EPOLLIN | select.EPOLLHUP)
    while True:
        now = time.monotonic()
        while due and due[0][0] <= now:
            _, _, peer, said = heapq.heappop(due)
            if peer is None:
                dial()
            elif peer.fileno() >= 0 and said < len(words):
                try:
                    peer.send(words[said:said + 1])
                except OSError:
                    continue  # the loop below hears of it
                heapq.heappush(due, (now + EACH, next(order), peer, said + 1))
        for descriptor, _ in events.poll(max(0.0, due[0][0] - now) if due else EACH):
            if descriptor == sys.stdin.fileno():
                sys.exit()
            events.unregister(descriptor)
            peers.pop(descriptor).close()
            heapq.heappush(due, (time.monotonic() + EACH, next(order), None, 0))


class Crowd:
    def __init__(self, host, words):
        self.process = subprocess.Popen([sys.executable, __file__, "--crowd", host.place, "--words", words.hex()],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def chunks(host, turned_away):
    """Of the honest worker so far. Who asks may itself be crowded out before it has said hello: counted."""
    while True:
        asked = oche("workers", host.place, "--json")
        if asked.code == 0:
            return next((one["chunks"] for one in parse_json(asked.out) if one["name"] == "honest"), 0)
        turned_away.append(asked.err)


def rate(host, seconds, turned_away):
    """Chunks of honest work a second."""
    first, begun = chunks(host, turned_away), time.monotonic()
    select.select([], [], [], seconds)
    last = chunks(host, turned_away)
    assert last > first, "the work stands still"
    return (last - first) / (time.monotonic() - begun)


def measure(rounds, seconds, silent, job="costly"):
    words = first_flight()
    crowds = {"alone": None, "silent": b"", "slow": words}
    rates, turned_away = {kind: [] for kind in crowds}, {kind: [] for kind in crowds}
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(f"silent_connections = {silent}\n")
        config.flush()
        with Host("--config", config.name) as host, worker(host.place, "honest") as honest:
            host.send(*ENDLESS)
            while not chunks(host, []):
                pass
            for _ in range(rounds):
                for kind, said in crowds.items():
                    with Crowd(host, said) if said is not None else contextlib.nullcontext():
                        rates[kind].append(rate(host, seconds, turned_away[kind]))
            arguments, samples = JOBS[job]
            known = host.send(*arguments, "--samples", str(samples), "--priority", "1")
            with Crowd(host, words):
                host.wait_for(f"^job {known} is done")
            answer = host.result(known)
            assert answer["digest"] == Undisturbed().digest(job, samples)
            assert [member["name"] for member in answer["crew"] if member["chunks"] > 0] == ["honest"]
            host.process.kill()
            honest.process.kill()
    alone = statistics.median(rates["alone"])
    print(f"{rounds} windows of {seconds} s each, {silent} silent connections at once")
    for kind, found in rates.items():
        each = [ours / theirs for ours, theirs in zip(found, rates["alone"])]
        print(f"{kind:8} {statistics.median(found):8.0f} chunks/s  {statistics.median(found) / alone:.3f} of alone"
              f"  (from {min(each):.3f} to {max(each):.3f} in single rounds);"
              f" {len(turned_away[kind])} of {len(turned_away[kind]) + 2 * rounds} new clients were crowded out")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--silent", type=int, default=4096)
    options.add_argument("--crowd", help=argparse.SUPPRESS)
    options.add_argument("--words", default="", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.crowd:
        host, _, port = chosen.crowd.rpartition(":")
        be_a_crowd((host, int(port)), bytes.fromhex(chosen.words))
    measure(chosen.rounds, chosen.seconds, chosen.silent)


if __name__ == "__main__":
    main()
