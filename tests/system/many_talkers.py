"""Very many talkers in one process, from the published protocol alone (docs/PROTOCOL.md)."""

import asyncio
import hashlib
import struct

from frames import HEARTBEAT, GOODBYE, FINISHED, WELCOME, decode, frame, get, hello

TALK_JOIN, TALK_READY = 32, 33
MESSAGE_BEGIN, MESSAGE_PIECE, MESSAGE_END, INPUT_END, CREDIT = 40, 41, 42, 43, 44

PIECE, COST, WINDOW, WITHHELD = 16384, 16, 65536, 16384


class Talker:
    """Sends one message, and hashes what it gets."""

    def __init__(self, message):
        self.message = message
        self.sent = hashlib.sha256(message).hexdigest()
        self.got = hashlib.sha256()
        self.credit = WINDOW
        self.at = None  # bytes sent; None: nothing yet
        self.ended = False
        self.heard_end = False
        self.in_message = False
        self.withheld = 0

    async def join(self, port, seat):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.writer.write(hello(0, role=2, service=3, slots=0) + frame(TALK_JOIN, [(1, seat)]))
        kind, _ = await self.receive()
        assert kind == WELCOME, kind

    async def receive(self):
        length, kind = struct.unpack("<IB", await self.reader.readexactly(5))
        return kind, decode(await self.reader.readexactly(length - 1))

    def say(self, kind, fields=(), cost=COST):
        self.credit -= cost
        self.writer.write(frame(kind, list(fields)))

    def send_what_may_be(self):
        if self.at is None:
            self.say(MESSAGE_BEGIN)
            self.at = 0
        while self.at < len(self.message) and self.credit > COST:
            data = self.message[self.at:self.at + min(PIECE, self.credit - COST)]
            self.at += len(data)
            self.say(MESSAGE_PIECE, [(1, data)], len(data) + COST)
        if self.at == len(self.message) and not self.ended and self.credit >= 2 * COST:
            self.say(MESSAGE_END)
            self.say(INPUT_END)
            self.ended = True

    def take(self, kind, fields):
        data = get(fields, 1, b"") if kind == MESSAGE_PIECE else b""
        self.got.update(data)
        self.in_message = kind in (MESSAGE_BEGIN, MESSAGE_PIECE)
        self.heard_end = kind == INPUT_END
        self.withheld += len(data) + COST
        if not self.in_message or self.withheld >= WITHHELD:
            self.say(CREDIT, [(1, self.withheld)], 0)
            self.withheld = 0

    async def talk(self):
        while not (self.ended and self.heard_end):
            kind, fields = await self.receive()
            if kind == HEARTBEAT:
                self.say(HEARTBEAT, (), 0)
            elif kind == CREDIT:
                self.credit += get(fields, 1)
            elif kind != TALK_READY:
                assert MESSAGE_BEGIN <= kind <= INPUT_END, (kind, fields)
                self.take(kind, fields)
            if kind in (TALK_READY, CREDIT):
                self.send_what_may_be()

    async def leave(self):
        self.say(GOODBYE, [(1, FINISHED)], 0)
        self.writer.write_eof()
        await self.reader.read()
        self.writer.close()


async def _swap(port, messages, when_done):
    talkers = [Talker(message) for message in messages]
    talking = []
    for seat, talker in enumerate(talkers, 1):
        await talker.join(port, seat)
        talking.append(asyncio.create_task(talker.talk()))  # it answers heartbeats meanwhile
    await asyncio.gather(*talking)
    for i, talker in enumerate(talkers):
        assert talker.got.hexdigest() == talkers[i - 1].sent, i
    when_done()
    for talker in talkers:
        await talker.leave()


def swap(port, messages, when_done):
    """A whole ring: checks what each gets, calls when_done() while the host is still there."""
    asyncio.run(_swap(port, messages, when_done))
