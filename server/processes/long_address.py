"""The answer to an address that is longer than the server reads. Gunicorn refuses it before there is a request."""

from __future__ import annotations

from html import escape
from typing import Final

from sync.errors import CODES

MOST: Final = 8190
"""Bytes of a request's first line: the most that gunicorn reads. A search of 200 letters is at most 1,800 of them."""
_CODE: Final = CODES["address_too_long"]


def answer() -> bytes:
    """Return the whole answer, in both languages: nobody's cookie was read."""
    sentences = "".join(f'<p lang="{lang}">{escape(_CODE.sentence(lang))}</p>' for lang in ("vi", "en"))
    body = f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>Loa</title>{sentences}</html>'.encode()
    head = (
        f"HTTP/1.1 {_CODE.status} URI Too Long\r\nConnection: close\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
