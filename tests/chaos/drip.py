"""Clients that hold a server up: each sends its request a few bytes at a time, and comes again when it is cut off."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from support.installation.ports import LOOPBACK

Result = TypeVar("Result")
HEAD = b"Host: loa\r\nContent-Type: application/x-www-form-urlencoded\r\n"
STARTS = {
    "head": b"GET /api/v1/health HTTP/1.1\r\nHost: loa\r\nX-Drip: ",
    "form": b"POST /desk/sign-in HTTP/1.1\r\n" + HEAD + b"Content-Length: 10000\r\n\r\n",
    "chunked": b"POST /desk/sign-in HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n2000\r\n",
    "silent": b"",
}
BELOW = (1, 12.0)
"""A byte in 12 seconds: what silence alone, timed, never ends."""
FLOOR = (1_000, 1.0)
"""1 kB a second, the least that is let through."""


def body(token: str) -> bytes:
    """The start of a body that only somebody known may send."""
    who = f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n".encode()
    return b"POST /api/v1/sync HTTP/1.1\r\nHost: loa\r\n" + who + b"Content-Length: 900000\r\n\r\n"


@dataclass
class Drips:
    """So many of them at once. `opened` counts connections, `cut` those that the server ended."""

    port: int
    starts: list[bytes]
    count: int
    pace: tuple[int, float]
    tls: ssl.SSLContext | None = None
    opened: int = 0
    cut: int = 0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def hold(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Hold on, never more than `count` connections, until the work is done, which begins a second later."""
        starts = self._starts()
        tasks = [asyncio.create_task(self._again(next(starts))) for _ in range(self.count)]
        try:
            await asyncio.sleep(1)
            return await work()
        finally:
            self._stop.set()
            await asyncio.gather(*tasks)

    def _starts(self) -> Iterator[bytes]:
        while True:
            yield from self.starts

    async def _again(self, start: bytes) -> None:
        while not self._stop.is_set():
            with suppress(OSError):
                await self._once(start)
            await self._rest(0.2)

    async def _once(self, start: bytes) -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
        self.opened += 1
        ended = asyncio.create_task(reader.read(1))  # an answer, or the end
        try:
            writer.write(start)
            size, pause = self.pace
            while not self._stop.is_set() and not ended.done():
                writer.write(b"a" * size)
                await self._rest(pause)
            self.cut += ended.done()
        finally:
            ended.cancel()
            await asyncio.gather(ended, return_exceptions=True)
            writer.transport.abort()

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
