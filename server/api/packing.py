"""Compressed bodies for slow links: gzip in, with a cap on the inflated size; brotli or gzip out (SPEC X-1, X-20)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn, Protocol

import brotli
from flask import Request, request, stream_with_context
from marshmallow import EXCLUDE
from webargs.flaskparser import FlaskParser
from werkzeug.wrappers import Response

from server.core.problem_details import Problem
from sync.protocol import BODY_BYTES, INFLATED_BYTES
from sync.write import loads

LINES = "application/x-ndjson"
SMALLEST = 256
"""Bytes. Below this size compression costs more than it saves."""
BODY_SIZE = "loa.body_bytes"
"""WSGI environment key: bytes of the request's body, inflated."""
MOST_VALUES = 500_000
"""Most values in one body: 8 MB of the smallest values, sent as 8 kB, would take 200 MB once parsed."""


def read_json(incoming: Request) -> Any:
    """Return the body parsed as JSON. Raises Problem: `too_large`, `bad_gzip` or `malformed`."""
    try:
        raw = incoming.stream.read(BODY_BYTES + 1)
    except OSError as error:  # broken chunk or timeout: the client may be gone
        raise Problem("malformed") from error
    if len(raw) > BODY_BYTES:
        raise Problem("too_large")
    if incoming.headers.get("Content-Encoding", "").strip().lower() == "gzip":
        raw = _inflate(raw)
    incoming.environ[BODY_SIZE] = len(raw)
    if sum(map(raw.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise Problem("too_large")
    try:
        # Accept a lone surrogate here, so that only the write that holds it is refused.
        return loads(raw.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise Problem("malformed") from error


class EnvelopeParser(FlaskParser):
    """Parser of envelopes; ignores unknown keys of newer clients."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"json": EXCLUDE}

    def load_json(self, req: Request, schema: Any) -> Any:  # noqa: ARG002  # webargs' signature
        """Read the body. Raises Problem."""
        return read_json(req)

    def handle_error(self, error: Any, *_args: object, **_named: object) -> NoReturn:
        """Refuse what no schema takes. Raises Problem `malformed`."""
        raise Problem("malformed") from error


def _inflate(raw: bytes) -> bytes:
    machine = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = machine.decompress(raw, INFLATED_BYTES + 1)
    except zlib.error as error:
        raise Problem("bad_gzip") from error
    if len(plain) > INFLATED_BYTES:
        raise Problem("too_large")
    if not machine.eof:
        raise Problem("bad_gzip")
    return plain


def pack(response: Response) -> Response:
    """Compress a JSON response, or JSON lines, with the best coding the client accepts."""
    packable = response.is_json or response.mimetype == LINES
    if response.direct_passthrough or response.is_streamed or not packable or response.content_length in (None, 0):
        return response
    if request.method != "POST":  # caches never keep an answer to POST
        response.headers.add("Vary", "Accept-Encoding")
    plain = response.get_data()
    if len(plain) < SMALLEST:
        return response
    if request.accept_encodings["br"]:
        response.set_data(brotli.compress(plain, quality=5))
        response.headers["Content-Encoding"] = "br"
    elif request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(plain, 6))
        response.headers["Content-Encoding"] = "gzip"
    return response


class _Machine(Protocol):
    """A compressor that can flush everything it holds."""

    def block(self, data: bytes) -> bytes:
        """Compress and flush, so that the receiver can decode all of this data at once."""

    def end(self) -> bytes:
        """Return the bytes that end the body."""


class _Brotli:
    # Measured on 10,000 records of tests/support/world/workload.py: 1.14 MB in 0.1 s CPU, 1.2 MB of memory per stream.
    # Quality 7 saves 8 % but takes 8 MB of memory, too much for 500 threads; gzip 6 takes 3 % more bytes.
    def __init__(self) -> None:
        self._machine = brotli.Compressor(quality=5, lgwin=18)

    def block(self, data: bytes) -> bytes:
        return bytes(self._machine.process(data) + self._machine.flush())

    def end(self) -> bytes:
        return bytes(self._machine.finish())


class _Gzip:
    def __init__(self) -> None:
        self._machine = zlib.compressobj(6, wbits=16 + zlib.MAX_WBITS)

    def block(self, data: bytes) -> bytes:
        return self._machine.compress(data) + self._machine.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._machine.flush()


class _Plain:
    def block(self, data: bytes) -> bytes:
        return data

    def end(self) -> bytes:
        return b""


def pack_stream(blocks: Iterable[str], mimetype: str) -> Response:
    """Return a response that compresses and flushes each block as soon as it is made (X-20)."""
    machine: _Machine = _Plain()
    response = Response(mimetype=mimetype)
    if request.accept_encodings["br"]:
        machine, response.headers["Content-Encoding"] = _Brotli(), "br"
    elif request.accept_encodings["gzip"]:
        machine, response.headers["Content-Encoding"] = _Gzip(), "gzip"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would buffer the blocks
    response.response = stream_with_context(_packed(blocks, machine))
    return response


def _packed(blocks: Iterable[str], machine: _Machine) -> Iterator[bytes]:
    for block in blocks:
        yield machine.block(block.encode())
    end = machine.end()
    if end:
        yield end
