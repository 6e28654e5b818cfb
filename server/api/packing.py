"""Bodies on a thin line: gzip in with a cap on what it inflates to, brotli or gzip out (SPEC X-1)."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import brotli
from flask import Request, request
from werkzeug.wrappers import Response

from server.problems import Problem
from sync.protocol import BODY_BYTES, INFLATED_BYTES
from sync.write import loads

SMALLEST = 256
"""Below this many bytes packing costs more than it saves."""


def read_json(incoming: Request) -> Any:
    """The body as JSON. Raises Problem: `too_large`, `bad_gzip` or `malformed`."""
    if incoming.content_length is not None and incoming.content_length > BODY_BYTES:
        raise Problem("too_large")
    raw = incoming.stream.read(BODY_BYTES + 1)
    if len(raw) > BODY_BYTES:
        raise Problem("too_large")
    if incoming.headers.get("Content-Encoding", "").strip().lower() == "gzip":
        raw = _inflate(raw)
    try:
        # A lone surrogate is left to be refused with the one write that holds it.
        return loads(raw.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
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
    """Compress a JSON answer with the best that the client takes."""
    if response.direct_passthrough or not response.is_json or response.content_length in (None, 0):
        return response
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
