"""A script client over a plain socket: one request, every byte counted as it stands on the wire, headers included.

Small on purpose: what it sends is the least that a client of the interface needs, so that a figure is the protocol's
and no library's.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import ssl
import time
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import brotli

from support.clients.lines import read
from support.installation.ports import LOOPBACK

PATIENCE_S = 120
LOST_S = 0.2
"""Until a phone notices that its link broke; what it sent has arrived by then."""
SYNC = "/api/v1/sync"
LINES = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `cut`: the connection broke before the answer was whole; `body` is what had come by then."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    up: int
    down: int
    seconds: float
    cut: bool = False
    cookies: Sequence[str] = ()

    @property
    def size(self) -> int:
        """Both ways."""
        return self.up + self.down

    def text(self) -> bytes:
        """The body unpacked as far as it came."""
        return unpacked(self.body, self.headers.get("content-encoding", ""))

    def json(self) -> Any:
        """The whole body as JSON."""
        return json.loads(self.text())

    def whole(self) -> Any:
        """The answer to an exchange in one piece."""
        return whole(self.text())


def packed(body: object) -> bytes:
    """JSON as a phone sends it."""
    return gzip.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0)


def unpacked(body: bytes, coding: str) -> bytes:
    """A body, whole or begun, without its packing."""
    if coding == "br":
        plain: bytes = brotli.Decompressor().process(body)
        return plain
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress(body) if coding == "gzip" else body


def whole(text: bytes) -> Any:
    """An exchange's answer as lines, whole, in the form of one piece (SPEC X-1, X-19)."""
    got = read(text.decode())
    assert got.head is not None
    assert got.ended, "the answer was cut"
    changes = [change for block in got.blocks for change in block.changes]
    # A stream begins anew in one block (C-4); where it goes on in the next that must not be forgotten.
    anew = {_place(cursor) for block in got.blocks for cursor in block.cursors if cursor["reset"]}
    cursors = [{**cursor, "reset": _place(cursor) in anew} for cursor in got.blocks[-1].cursors]
    return {**got.head, "changes": changes, "cursors": cursors, "more": False}


def _place(cursor: Mapping[str, Any]) -> tuple[Any, Any]:
    return cursor["unit"], cursor["campaign"]


def head(method: str, path: str, headers: Mapping[str, str], size: int | None) -> bytes:
    """A request's head."""
    lines = [f"{method} {path} HTTP/1.1", "Host: loa", *(f"{name}: {value}" for name, value in headers.items())]
    if size is not None:
        lines.append(f"Content-Length: {size}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def ask(
    port: int,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    source: str | None = None,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """One request on a connection of its own; seconds from the first packet to the last byte.

    `source`: the address it comes from, any of 127.0.0.0/8; the system chooses else. `trust`: for TLS.
    """
    request = head(method, path, headers, None if body is None else len(body)) + (body or b"")
    begun = time.perf_counter()
    origin = (source, 0) if source else None
    with ExitStack() as stack:
        line = stack.enter_context(
            socket.create_connection((LOOPBACK, port), timeout=PATIENCE_S, source_address=origin)
        )
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if trust:
            line = stack.enter_context(trust.wrap_socket(line, server_hostname=LOOPBACK))
        up, raw, whole = 0, b"", False
        try:
            line.sendall(request)
            up = len(request)
            raw, whole = _read(line, bodiless=method == "HEAD")
        except OSError:
            pass  # cut on purpose by a link, or by the server's end: `cut` says so
    return _answer(raw, up, time.perf_counter() - begun, whole=whole)


async def ask_among_many(
    port: int,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    source: str,
    leaves: float | None = None,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """Like `ask`, for a loop that holds a thousand phones.

    `leaves`: the link breaks when this share of the request has left; 1: the answer is lost. The answer is `cut` then.
    """
    request = head(method, path, headers, len(body)) + body
    begun, raw, whole = time.perf_counter(), b"", False
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(LOOPBACK, port, local_addr=(source, 0), ssl=trust)
            try:
                writer.write(request if leaves is None else request[: max(1, int(leaves * len(request)))])
                await writer.drain()
                if leaves is not None:
                    await asyncio.sleep(LOST_S)
                else:
                    raw, whole = await _read_among_many(reader, bodiless=method == "HEAD")
            finally:
                writer.transport.abort()
    except OSError:  # also the end of patience: TimeoutError is one
        pass
    return _answer(raw, len(request), time.perf_counter() - begun, whole=whole)


async def _read_among_many(reader: asyncio.StreamReader, *, bodiless: bool) -> tuple[bytes, bool]:
    raw = bytearray()
    while piece := await reader.read(65_536):
        raw += piece
        if _is_whole(raw, bodiless=bodiless):
            return bytes(raw), True
    return bytes(raw), False


def sync(port: int, token: str, body: object, accept: str = "br") -> Answer:
    """One exchange."""
    return ask(port, "POST", SYNC, sync_headers(token, accept), packed(body))


def sync_headers(token: str, accept: str = "br") -> dict[str, str]:
    """What the phone app sends beside its body."""
    return {
        "Accept": LINES,
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "Accept-Encoding": accept,
    }


def _read(line: socket.socket, *, bodiless: bool) -> tuple[bytes, bool]:
    """The raw answer, and whether it was whole."""
    raw = bytearray()
    while True:
        try:
            piece = line.recv(65_536)
        except ConnectionError:
            return bytes(raw), False
        if not piece:
            return bytes(raw), False
        raw += piece
        if _is_whole(raw, bodiless=bodiless):
            return bytes(raw), True


def _is_whole(raw: bytearray, *, bodiless: bool) -> bool:
    end = raw.find(b"\r\n\r\n")
    if end < 0:
        return False
    headers = _headers(bytes(raw[:end]))
    if bodiless or bytes(raw[:end]).split(b" ", 2)[1] in (b"204", b"304"):
        return True
    if "content-length" in headers:
        return len(raw) - end - 4 >= int(headers["content-length"])
    return raw.endswith(b"\r\n0\r\n\r\n") or raw[end + 4 :] == b"0\r\n\r\n"


def _headers(block: bytes) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in block.decode("latin-1").split("\r\n")[1:])
    return {name.lower(): value.strip() for name, value in pairs}


def _answer(raw: bytes, up: int, seconds: float, *, whole: bool) -> Answer:
    block, _, body = raw.partition(b"\r\n\r\n")
    if not block:
        return Answer(0, {}, b"", up, len(raw), seconds, cut=True)
    headers = _headers(block)
    if headers.get("transfer-encoding") == "chunked":
        body = joined(body)
    cookies = [line[12:] for line in block.decode("latin-1").split("\r\n") if line.lower().startswith("set-cookie: ")]
    return Answer(int(block.split(b" ", 2)[1]), headers, body, up, len(raw), seconds, cut=not whole, cookies=cookies)


def joined(chunked: bytes) -> bytes:
    """The bytes of a chunked body, as far as they came."""
    out, at = bytearray(), 0
    while (end := chunked.find(b"\r\n", at)) >= 0:
        size = int(chunked[at:end], 16)
        out += chunked[end + 2 : end + 2 + size]
        at = end + 4 + size
        if size == 0:
            break
    return bytes(out)
