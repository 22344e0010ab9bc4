"""Peers in Python, from the published protocol alone (docs/PROTOCOL.md, src/wire/oche.proto).

Messages are lists of (field number, value): a value is an int (varint), a float (64 bits) or bytes
(length and bytes). That is enough to say what no program of ours would.
"""

import socket
import struct
import threading

import running
from running import PATIENCE

HELLO, WELCOME, REFUSAL, HEARTBEAT, GOODBYE = 1, 2, 3, 4, 5
JOB, PLAN, LEASE, REVOKE, RESULT, ACCEPTED, JOB_REFUSED, OFFER = range(16, 24)

SUBMIT, SUBMIT_DATA, SUBMITTED, DECLINED, FETCH, PROGRESS, ANSWER_PART, CANCEL = range(64, 72)
LIST_JOBS, JOB_LIST, LIST_WORKERS, WORKER_LIST, DRAIN, DONE_AS_ASKED = range(72, 78)

FULL, DONE = 7, 10  # reasons of a Refusal
FINISHED, STOPPING, PROTOCOL_ERROR, OVERLOADED, TURNED_AWAY = 1, 2, 3, 4, 5
VERDICT_ACCEPTED, VERDICT_REPEAT, VERDICT_REJECTED = 1, 2, 3

# A job's text that takes half a second or more to parse: each truncated distribution has a table.
SLOW_TO_PARSE = "method plain\nseed 1\nestimate x1, " + ", ".join(
    f"x{i}~gamma(1.5,0.1)[0.1..{i}]" for i in range(1, 401)) + "\n"


class Manager(running.Manager):
    """A manager without keys, which peers of ours can talk to."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, "--insecure", **options)


def worker(place, name, *options):
    """A worker without keys."""
    return running.worker(place, name, "--insecure", *options)


def varint(value):
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def encode(fields):
    encoded = b""
    for number, value in fields:
        if isinstance(value, float):
            encoded += varint(number << 3 | 1) + struct.pack("<d", value)
        elif isinstance(value, int):
            encoded += varint(number << 3) + varint(value)
        else:
            value = value.encode() if isinstance(value, str) else value
            encoded += varint(number << 3 | 2) + varint(len(value)) + value
    return encoded


def decode(payload):
    fields = []
    at = 0

    def take_varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = payload[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(payload):
        key = take_varint()
        if key & 7 == 0:
            value = take_varint()
        elif key & 7 == 1:
            value = struct.unpack_from("<d", payload, at)[0]
            at += 8
        else:
            length = take_varint()
            value = payload[at:at + length]
            at += length
        fields.append((key >> 3, value))
    return fields


def pack(values):
    """The bytes of a packed field of varints."""
    if all(value < 128 for value in values):
        return bytes(values)
    return b"".join(varint(value) for value in values)


def unpack(packed):
    values = []
    value = shift = 0
    for byte in packed:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            values.append(value)
            value = shift = 0
    return values


def get(fields, number, default=0):
    """The last value of that field."""
    return next((value for n, value in reversed(fields) if n == number), default)


def put(fields, number, value):
    """A copy in which that field has that value only; None: it is left out."""
    others = [field for field in fields if field[0] != number]
    return sorted(others + ([] if value is None else [(number, value)]), key=lambda f: f[0])


def frame(kind, fields=b""):
    payload = fields if isinstance(fields, bytes) else encode(fields)
    return struct.pack("<IB", len(payload) + 1, kind) + payload


def hello(numerics, **changes):
    """A worker's Hello with one core."""
    fields = {"magic": b"oche", "version_min": 1, "version_max": 1, "role": 1, "service": 1,
              "numerics": numerics, "name": "stranger", "slots": 1, "build": "a test"} | changes
    return frame(HELLO, list(enumerate(fields.values(), 1)))


def welcome(numerics, **changes):
    fields = {"magic": b"oche", "version": 1, "numerics": numerics, "name": "you",
              "heartbeat_period_ms": 60000, "build": "a test"} | changes
    return frame(WELCOME, list(enumerate(fields.values(), 1)))


class Peer:
    """One connection, by hand."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    @staticmethod
    def dial(place):
        host, _, port = place.rpartition(":")
        return Peer(socket.create_connection((host, int(port)), timeout=PATIENCE))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _fill(self, size):
        while len(self.buffer) < size:
            try:
                chunk = self.socket.recv(65536)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                return False
            self.buffer += chunk
        return True

    def receive_frame(self):
        """The next frame as (type, payload); None at the end."""
        if not self._fill(5):
            return None
        length, kind = struct.unpack_from("<IB", self.buffer)
        if not self._fill(4 + length):
            return None
        payload = self.buffer[5:4 + length]
        self.buffer = self.buffer[4 + length:]
        return kind, payload

    def receive(self, *kinds):
        """The fields of the next frame of one of those types; others are passed over."""
        while (received := self.receive_frame()) is not None:
            if received[0] in kinds:
                return decode(received[1])
        raise AssertionError(f"the connection ended without a frame of type {kinds}")

    def read_to_end(self):
        """All that still comes, as a list of (type, fields), until the other end closes."""
        frames = []
        while (received := self.receive_frame()) is not None:
            frames.append((received[0], decode(received[1])))
        return frames

    def reset(self):
        """Ends the connection as a broken line does: without a word, what is under way is lost."""
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class Relay:
    """Stands between workers and a manager and passes frames on; what a worker says may be changed, and
    with change_back what the manager says.

    change(type, payload) returns the frames that go on instead, as bytes. It is called on a thread
    of the relay.
    """

    def __init__(self, place, change=frame, change_back=frame):
        self.place = place
        self.change = change
        self.change_back = change_back
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.pairs = []
        self.threads = [threading.Thread(target=self._accept)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.threads[0].join()
        self.cut()
        for thread in self.threads:
            thread.join()

    def _accept(self):
        while True:
            try:
                near = Peer(self.listener.accept()[0])
                far = Peer.dial(self.place)
            except OSError:
                return
            with self.lock:
                self.pairs.append((near, far))
            for source, target, change in ((near, far, self.change), (far, near, self.change_back)):
                thread = threading.Thread(target=self._pass_on, args=(source, target, change))
                self.threads.append(thread)
                thread.start()

    def _pass_on(self, source, target, change):
        try:
            while (received := source.receive_frame()) is not None:
                target.send(change(*received))
            target.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        """Breaks all lines that are up now, at both ends."""
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for peer in pair:
                peer.reset()


def lie_once(change):
    """For a Relay: the first result is changed."""
    done = []

    def pass_on(kind, payload):
        if kind != RESULT or done:
            return frame(kind, payload)
        done.append(True)
        return frame(kind, change(decode(payload)))

    return pass_on
