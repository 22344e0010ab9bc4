"""A TCP line between programs and their host, which can be bad: dead, one-way, slow, cut, in crumbs.

It knows nothing of what it carries, so that it may be encrypted. What is on its way when the line goes
dead comes later, as with a network that sends again.
"""

import collections
import contextlib
import socket
import struct
import threading
import time

UP, DOWN = "up", "down"  # to the host, from the host


class Line:
    """Dial `address` instead of `place`; changes take effect on connections that are there."""

    def __init__(self, place, delay=0.0, crumbs=0, change=None, cut_at=None, ending="reset"):
        """delay: seconds each way; crumbs: the most bytes of one segment, 0: as they come;
        change(direction, number of bytes before, bytes) returns those that go on instead; cut_at: after so
        many bytes up, a connection ends, by a `reset`, or as that of a process that ends ("end")."""
        self.delay, self.crumbs, self.change, self.cut_at, self.ending = delay, crumbs, change, cut_at, ending
        self.state = threading.Condition()
        self.dead = set()  # directions
        self.closed = False
        self.pairs = []
        self.connections = 0
        self.passed = {UP: 0, DOWN: 0}  # bytes of all connections
        host, _, port = place.rpartition(":")
        self.place = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.threads = []
        self._begin(self._accept)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self.state:
            self.closed = True
            self.state.notify_all()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
        for thread in list(self.threads):
            thread.join()

    def kill(self, *directions):
        """Nothing goes that way any more: no bytes, no ends, no new connections."""
        with self.state:
            self.dead.update(directions)

    def heal(self):
        with self.state:
            self.dead.clear()
            self.state.notify_all()

    def cut(self):
        """Breaks all connections that are there now, at both ends."""
        with self.state:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            _break(pair, "reset")

    def _begin(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
                self._wait_while_dead(UP, DOWN)
                far = socket.create_connection(self.place)
            except OSError:
                return
            pair = (near, far)
            for end in pair:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.state:
                if self.closed:
                    return _break(pair, "reset")
                self.connections += 1
                self.pairs.append(pair)
            self._begin(self._carry, pair, UP)
            self._begin(self._carry, pair, DOWN)

    def _wait_while_dead(self, *directions):
        with self.state:
            self.state.wait_for(lambda: self.closed or self.dead.isdisjoint(directions))
            if self.closed:
                raise OSError("the line is taken down")

    def _carry(self, pair, direction):
        source, target = pair if direction == UP else reversed(pair)
        send = _Late(target, self.delay) if self.delay else target.sendall
        passed = 0
        try:
            while data := source.recv(65536):
                self._wait_while_dead(direction)
                if self.change:
                    data = self.change(direction, passed, data)
                left = None if self.cut_at is None or direction == DOWN else self.cut_at - passed
                for piece in self._pieces(data[:left]):
                    send(piece)
                passed += len(data)
                with self.state:
                    self.passed[direction] += len(data)
                if left is not None and len(data) >= left:
                    return _break(pair, self.ending)
            self._wait_while_dead(direction)
            if self.delay:
                send.finish()
            target.shutdown(socket.SHUT_WR)
        except OSError:
            _break(pair, "reset")

    def _pieces(self, data):
        if not self.crumbs:
            return [data]
        return (data[at:at + self.crumbs] for at in range(0, len(data), self.crumbs))


class _Late:
    """Sends what it is given so many seconds later, in order."""

    def __init__(self, target, delay):
        self.target, self.delay = target, delay
        self.changed = threading.Condition()
        self.waiting = collections.deque()
        self.error = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __call__(self, data):
        with self.changed:
            if self.error:
                raise self.error
            self.waiting.append((time.monotonic() + self.delay, data))
            self.changed.notify_all()

    def finish(self):
        self(None)
        self.thread.join()

    def _run(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.waiting)
                due, data = self.waiting.popleft()
            pause(due - time.monotonic())
            if data is None:
                return
            try:
                self.target.sendall(data)
            except OSError as error:
                with self.changed:
                    self.error = error
                return


def pause(seconds):
    """For faults that are made of time; a test waits for events."""
    threading.Event().wait(max(0.0, seconds))


def _break(pair, ending):
    for end in pair:
        with contextlib.suppress(OSError):
            if ending == "reset":
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # What a thread is about to read of it has an end now; the reset comes with close().
                end.shutdown(socket.SHUT_RD)
            else:
                end.shutdown(socket.SHUT_RDWR)
        end.close()
