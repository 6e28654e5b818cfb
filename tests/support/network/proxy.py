"""A bad link between a phone and the server: slow, far, cut, held down, silent, or losing the answer.

    with Proxy(server.port) as link:
        link.slow(rate_bits=50_000, round_trip_ms=600)   # 2G
        link.cut_after(up=150_000)                       # breaks once, at exactly that byte, and stays down
        ...
        link.restore()

It works below HTTP, so it affects page, service worker and uploads alike, and it needs no root. Chromium repeats a
request by itself when a kept-alive connection breaks, so a cut also takes the link down until `restore`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Self

from support.installation.ports import LOOPBACK, free_port
from support.network.lane import Lane

if TYPE_CHECKING:
    from collections.abc import Coroutine

    UnderWay = asyncio.Queue[tuple[float, bytes]]

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close sends RST, as a vanished link does to the next packet
READ_S = 0.1  # a reset takes back what the other end did not read yet, and a busy one takes its time
AHEAD = 64  # chunks in transit per connection and direction


class Proxy:
    """Usable from ordinary test code; the forwarding runs in its own thread."""

    def __init__(
        self, target_port: int, port: int | None = None, *, target: str = LOOPBACK, address: str = LOOPBACK
    ) -> None:
        self.target, self.target_port, self.address = target, target_port, address
        self.port = free_port() if port is None else port
        self.up = Lane()
        self.down = Lane()
        self.connections = 0
        self._drop_answers = 0
        self._open = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: socket.socket | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bad link", daemon=True)

    @property
    def url(self) -> str:
        """The address for the phone."""
        return f"http://{self.address}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        self._run(self._set_open(passing=True))
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._hang_up())
        self._run(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def slow(self, *, rate_bits: float = 0, round_trip_ms: float = 0) -> None:
        """Set the rate of both directions, in bit/s; zero is unlimited."""
        for lane in (self.up, self.down):
            lane.rate_bits, lane.delay_s = rate_bits, round_trip_ms / 2000

    def cut_after(self, *, up: int | None = None, down: int | None = None) -> None:
        """Let exactly this many more bytes through, then break every connection and refuse new ones."""
        self.up.cut_after, self.down.cut_after = up, down

    def wait_until_cut(self, within_s: float = 15) -> None:
        """Wait until `cut_after` has happened and open connections are broken. Raises TimeoutError."""
        end = time.monotonic() + within_s
        while 0 not in (self.up.cut_after, self.down.cut_after) or self._listener is not None:
            if time.monotonic() > end:
                raise TimeoutError("the link was not cut: too little was sent")
            time.sleep(0.02)

    def drop_answers(self, count: int = 1) -> None:
        """Let the next requests reach the server; lose their answers and the connection."""
        self._drop_answers = count

    def refuse(self) -> None:
        """Break open connections and refuse new ones."""
        self._run(self._hang_up())

    def silence(self) -> None:
        """Keep connections open and accept new ones, but let nothing through, like a tunnel."""
        self._run(self._set_open(passing=False))

    def restore(self) -> None:
        """Make the link good again, at the rate set before."""
        self.cut_after()
        self._drop_answers = 0
        self._run(self._set_open(passing=True))
        self._run(self._listen())

    def _run(self, work: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _set_open(self, *, passing: bool) -> None:
        if passing:
            self._open.set()
        else:
            self._open.clear()

    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server((self.address, self.port), backlog=AHEAD)
            self._listener.setblocking(False)
            self._loop.add_reader(self._listener, self._accept, self._listener)

    async def _hang_up(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            self._loop.remove_reader(listener)
            listener.close()
        for task in self._tasks:
            task.cancel()

    async def _end_tasks(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, listener: socket.socket) -> None:
        """Take one connection. asyncio.Server would forget those that it takes while it is closed: they hang."""
        try:
            connection, _ = listener.accept()
        except OSError:  # gone again
            return
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.connections += 1
        task = self._loop.create_task(self._carry(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: connection.close())  # also if the task never began

    async def _carry(self, connection: socket.socket) -> None:
        to_phone = to_server = None
        try:
            await asyncio.sleep(2 * self.up.delay_s)  # the handshake's round trip
            phone, to_phone = await asyncio.open_connection(sock=connection)
            server, to_server = await asyncio.open_connection(self.target, self.target_port)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(phone, to_server, self.up))
                both.create_task(self._forward(server, to_phone, self.down))
        except* (OSError, asyncio.CancelledError):
            pass  # broken on purpose, or by one end; the other end is closed below
        finally:
            if to_phone is not None:
                to_phone.transport.abort()
            if to_server is not None:
                await close(to_server)

    async def _forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, lane: Lane) -> None:
        under_way: UnderWay = asyncio.Queue(AHEAD)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._read(source, under_way, lane))
            both.create_task(self._deliver(under_way, sink, lane))

    async def _read(
        self, source: asyncio.StreamReader, under_way: asyncio.Queue[tuple[float, bytes]], lane: Lane
    ) -> None:
        data = b"more"
        while data:
            data = await source.read(lane.chunk)
            await under_way.put((lane.arrival(len(data), self._loop.time()), data))

    async def _deliver(
        self, under_way: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter, lane: Lane
    ) -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(due - self._loop.time())
            await self._open.wait()
            if not data:
                with contextlib.suppress(OSError):
                    sink.write_eof()
                return
            if lane is self.down and self._drop_answers:
                self._drop_answers -= 1
                raise ConnectionResetError
            passing, cut = lane.admit(data)
            sink.write(passing)
            await sink.drain()
            if cut:
                await asyncio.sleep(READ_S)
                await self._hang_up()
                # `restore` may already have run; this connection must not go on with a gap.
                raise ConnectionResetError


async def close(writer: asyncio.StreamWriter) -> None:
    """Close orderly: what passed before a cut must reach the server, unless it does not read."""
    writer.close()
    with contextlib.suppress(OSError):
        async with asyncio.timeout(3):
            await writer.wait_closed()
    writer.transport.abort()
