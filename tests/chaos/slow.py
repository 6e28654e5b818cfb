"""Many slow phones in one thread: uploads that trickle, and uploads that fall silent in the middle."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench import wire
from support.clients.client import OCTETS, TUS, Shot
from support.installation.ports import LOOPBACK

PIECE_S = 0.1


@dataclass(frozen=True, slots=True)
class Trickle:
    """A PATCH of a photo, so many bytes a second; `until` bytes and then silence, where given.

    `keeps`: the last of them are kept until it is set.
    """

    token: str
    picture: Shot
    rate: int
    until: int | None = None
    keeps: asyncio.Event | None = None

    async def send(self, port: int, silent: asyncio.Event | None = None) -> int:
        """The status of the answer; 0 where the server hung up."""
        data = self.picture.data
        headers = {"Authorization": f"Bearer {self.token}", **TUS, "Content-Type": OCTETS, "Upload-Offset": "0"}
        path = f"/api/v1/uploads/{self.picture.sha256}"
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            writer.write(wire.head("PATCH", path, headers, len(data)))
            step = max(1, int(self.rate * PIECE_S))
            end = len(data) if self.until is None else self.until
            for at in range(0, end, step):
                if at + step >= end and self.keeps is not None:
                    await self.keeps.wait()
                writer.write(data[at : min(at + step, end)])
                await writer.drain()
                await asyncio.sleep(PIECE_S)
            if self.until is not None and silent is not None:
                await silent.wait()
                return 0
            line = await reader.readline()
            return int(line.split()[1]) if line else 0
        except OSError:
            return 0
        finally:
            writer.close()
