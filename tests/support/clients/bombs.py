"""Decompression bombs and lying headers, and the memory they cost, measured in a separate process."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from PIL import Image

PIXELS = b"\0" * 1_000_000


def png(width: int, height: int, *chunks: tuple[bytes, bytes], data: bytes = b"") -> bytes:
    """A PNG of 8-bit RGB by its header, with any chunks between header and end."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = b"".join(_chunk(*each) for each in (head, *chunks, (b"IDAT", data or zlib.compress(b"")), (b"IEND", b"")))
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@cache
def zeros(count: int, level: int = 9) -> bytes:
    """`count` zeros, packed about 1 : 1000, never all in memory."""
    machine = zlib.compressobj(level)
    whole, rest = divmod(count, len(PIXELS))
    return b"".join(machine.compress(PIXELS) for _ in range(whole)) + machine.compress(PIXELS[:rest]) + machine.flush()


def jpeg(size: tuple[int, int] = (640, 480), mode: str = "RGB", **named: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(file, "JPEG", **named)
    return file.getvalue()


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A small JPEG whose frame header claims another size."""
    return claiming(jpeg(), width, height)


def claiming(image: bytes, width: int, height: int) -> bytes:
    """This JPEG with another size in its frame header."""
    data = bytearray(image)
    at = data.index(b"\xff\xc0" if b"\xff\xc0" in data else b"\xff\xc2") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def scans(count: int) -> bytes:
    """A progressive JPEG that goes over its picture again and again."""
    data = jpeg((64, 48), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def hidden_scans(count: int) -> bytes:
    """Such a JPEG whose scans stand where a reader that trusts every length passes over them."""
    data = jpeg((64, 48), progressive=True)
    last = data.rindex(b"\xff\xda")
    many = data[last:-2] * count
    parts = [many[at : at + 60_000] for at in range(0, len(many), 60_000)]
    return data[:-2] + b"".join(b"\xff\x02\xff\xff" + part for part in parts) + data[-2:]


_CHILD = """
import json, re, sys
from pathlib import Path
sys.path[:0] = json.loads(sys.argv[2])
from flask import Request
from werkzeug.test import EnvironBuilder
from server.api.packing import read_json
from server.core.problem_details import Problem
from server.decoding.workers import pictures

pictures.warm()

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

def as_photo(file):
    with file.open("rb") as photo, file.with_name("thumb").open("wb") as thumb:
        return pictures.judge(photo, thumb, 320)["code"]

def as_body(file):
    headers = {"Content-Encoding": "gzip"}
    try:
        read_json(Request(EnvironBuilder(method="POST", data=file.read_bytes(), headers=headers).get_environ()))
    except Problem as problem:
        return problem.code

told = []
for file in sorted(Path(sys.argv[1]).glob("[0-9]*")):
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = peak()
    code = as_body(file) if file.name.endswith("body") else as_photo(file)
    told.append([code, peak() - before])
print(json.dumps(told))
"""


def measured(files: Iterable[tuple[str, bytes]], folder: Path) -> list[tuple[str | None, int]]:
    """For each (`photo` or `body`, bytes): the code of its refusal, and its peak memory in MB.

    A photo is judged, a body is read as gzip, all in one process that has loaded only the server's modules.
    """
    for number, (name, data) in enumerate(files):
        (folder / f"{number:03} {name}").write_bytes(data)
    words = [sys.executable, "-c", _CHILD, str(folder), json.dumps(sys.path)]
    told = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return [(code, mb) for code, mb in told]
