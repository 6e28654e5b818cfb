"""The two lines of the field, through the emulator of tests/support/network/proxy.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support.network.proxy import Proxy

LINES = {"2G": (50_000, 600), "3G": (400_000, 300)}
"""Bits a second, and milliseconds there and back."""


@contextmanager
def line(port: int, kind: str) -> Iterator[Proxy]:
    """A link of this kind in front of a port."""
    rate, round_trip = LINES[kind]
    with Proxy(port) as made:
        made.slow(rate_bits=rate, round_trip_ms=round_trip)
        yield made
