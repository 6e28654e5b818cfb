"""Templates compiled once per checkout, not per application: a test of the desk spent half its time on it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket

FOLDER = Path(__file__).parents[3] / ".cache" / "templates"


class _Held(BytecodeCache):
    """Byte code by the template's name and source: in memory, and on the disk for the next process."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], bytes] = {}
        self._disk: BytecodeCache | None = None
        try:
            FOLDER.mkdir(parents=True, exist_ok=True)
            self._disk = FileSystemBytecodeCache(str(FOLDER))
        except OSError:
            pass  # somebody else's checkout: each process compiles

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._held.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(code)
        elif self._disk:
            self._disk.load_bytecode(bucket)
            if bucket.code:
                self._held[bucket.key, bucket.checksum] = bucket.bytecode_to_string()

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._held[bucket.key, bucket.checksum] = bucket.bytecode_to_string()
        if self._disk:
            self._disk.dump_bytecode(bucket)


HELD = _Held()


def compile_once(app: Flask) -> None:
    """Let the application use templates compiled for others."""
    app.jinja_env.bytecode_cache = HELD
