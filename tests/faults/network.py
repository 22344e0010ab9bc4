"""Computers of its own for a test: network namespaces, joined by lines that lose and delay packets.

The kernel's netem isn't everywhere, so packets go through this process (TUN devices). Needs root, ip and
/dev/net/tun. The addresses are those that RFC 5737 sets aside for documentation; none leaves the namespaces.
"""

import contextlib
import ctypes
import errno
import fcntl
import heapq
import itertools
import os
import random
import select
import struct
import subprocess
import threading
import time

import pytest

UP, DOWN = "up", "down"  # to the hub, from the hub

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET, _TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x40000000, 0x400454CA, 0x0001, 0x1000
_NUMBERS = itertools.count()


def _enter(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if _LIBC.setns(descriptor, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "can't enter a network namespace")
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def at(namespace):
    """Programs that are started within are on that computer."""
    home = f"/proc/self/task/{threading.get_native_id()}/ns/net"
    back = os.open(home, os.O_RDONLY)
    try:
        _enter(f"/run/netns/{namespace}")
        yield
    finally:
        _LIBC.setns(back, _CLONE_NEWNET)
        os.close(back)


def _ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=60)


class Link:
    """Between the hub and one other computer. Its faults may be changed at any time."""

    def __init__(self, hub, namespace, number):
        self.namespace = namespace
        self.hub_address, self.address = f"192.0.2.{4 * number + 1}", f"192.0.2.{4 * number + 2}"
        self.delay, self.loss, self.dead = 0.0, 0.0, set()
        self.lost = 0  # packets
        self.ends = [self._device(hub, f"tun{number}", self.hub_address, self.address),
                     self._device(namespace, "tun", self.address, self.hub_address)]

    @staticmethod
    def _device(namespace, name, address, peer):
        with at(namespace):
            end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
            _ip("addr", "add", address, "peer", peer, "dev", name)
            _ip("link", "set", name, "up", "mtu", "1400")
        return end

    def kill(self, *directions):
        self.dead.update(directions)

    def heal(self):
        self.dead.clear()


class Network:
    """A hub, and so many computers each with a line to it."""

    def __init__(self, number):
        self.names, self.links, self.thread = [], [], None
        self.wake = os.pipe()
        try:
            self.hub = self._computer()
            self.links = [Link(self.hub, self._computer(), i) for i in range(number)]
        except BaseException:
            self.__exit__()
            raise
        self.thread = threading.Thread(target=self._carry)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.write(self.wake[1], b"x")
        if self.thread:
            self.thread.join()
        for descriptor in [*self.wake, *(end for link in self.links for end in link.ends)]:
            os.close(descriptor)
        for name in self.names:
            _ip("netns", "del", name)

    def _computer(self):
        name = f"oche-test-{os.getpid()}-{next(_NUMBERS)}"
        _ip("netns", "add", name)
        self.names.append(name)
        _ip("-n", name, "link", "set", "lo", "up")
        return name

    def _carry(self):
        chance = random.Random(1)
        way = {end: (link, link.ends[1 - side], (DOWN, UP)[side])
               for link in self.links for side, end in enumerate(link.ends)}
        waiting, order = [], itertools.count()
        while True:
            now = time.monotonic()
            while waiting and waiting[0][0] <= now:
                _, _, target, packet = heapq.heappop(waiting)
                with contextlib.suppress(BlockingIOError):
                    os.write(target, packet)
            patience = waiting[0][0] - now if waiting else None
            ready = select.select([*way, self.wake[0]], [], [], patience)[0]
            if self.wake[0] in ready:
                return
            for end in ready:
                link, target, direction = way[end]
                try:
                    packet = os.read(end, 65536)
                except OSError as error:
                    if error.errno in (errno.EAGAIN, errno.EIO):
                        continue
                    raise
                if direction in link.dead or chance.random() < link.loss:
                    link.lost += 1
                else:
                    heapq.heappush(waiting, (time.monotonic() + link.delay, next(order), target, packet))


def network(number):
    """Such a network, or the test is skipped with the reason."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    try:
        return Network(number)
    except (OSError, subprocess.SubprocessError) as error:
        detail = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        pytest.skip(f"no network namespaces or TUN devices here: {error} {detail}")
