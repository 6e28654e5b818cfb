"""Templates compiled once per process, not per application: a test of the desk spent half its time on it."""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class _InMemory(BytecodeCache):
    """Byte code by the template's name and source."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._held.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._held[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


HELD = _InMemory()


def compile_once(app: Flask) -> None:
    """Let the application use templates compiled for others in this process."""
    app.jinja_env.bytecode_cache = HELD
