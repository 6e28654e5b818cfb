"""2,000 photos taken along as ZIP files: seconds, memory of the server, and a part that was cut and begun again.

One commune pushes a record for each photo; the desk's page of exports names the parts. The server's memory is that of
all its processes, sampled while the parts are sent: what they hold more than before is what sending costs.
"""

from __future__ import annotations

import hashlib
import io
import re
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection
from typing import Final

import psutil

from bench.desk import Desk
from bench.lab import Lab
from bench.report import jpeg
from bench.table import Line
from server.core.clock import new_id
from server.core.db import db
from support.clients.client import Client, Shot
from support.clients.uploading import bring
from support.installation.ports import LOOPBACK
from support.installation.served import Served, served
from support.world.world import World, world

PHOTOS: Final = 2_000
AT_ONCE: Final = 100
DRAWN: Final = 8
"""Pictures that are really different; a comment in each file makes its bytes its own."""


def run(lab: Lab) -> list[Line]:
    """Lines for originals and, of the first part, for copies with a stamp; on SQLite, where a photo is read alike."""
    folder = lab.folder / "archive"
    url = lab.engines["sqlite"].fresh()
    with world(url, folder) as made:
        begun = time.monotonic()
        _fill(made)
        with made.app.app_context():
            db.engine.dispose()
        print(f"archive: {PHOTOS} photos after {time.monotonic() - begun:.0f} s", file=sys.stderr)
        with served(url, folder) as server:
            return list(_measured(server, made.campaign))


@dataclass
class Memory:
    """Of the server's processes, bytes: before, and the most meanwhile."""

    before: int
    most: int


def _measured(server: Served, campaign: str) -> Iterator[Line]:
    desk = Desk(server.port, "huyen")
    page = desk.get(f"/desk/exports?campaign={campaign}").text().decode()
    links = [unescape(link) for link in re.findall(r'href="([^"]*photos\.zip[^"]*)"', page)]
    originals = [link for link in links if "stamped=1" not in link]
    stamped = [link for link in links if "stamped=1" in link]
    assert len(originals) == len(stamped) > 1, links
    with _memory(server) as memory:
        begun = time.monotonic()
        files = [_fetched(server, desk, link) for link in originals]
        seconds = time.monotonic() - begun
    names, size = _checked(files), sum(map(len, files))
    assert names == PHOTOS, names
    yield Line("archive", f"{PHOTOS:,} photos in {len(files)} parts", "s", {"sqlite": seconds})
    yield Line("archive", "the same", "MB/s", {"sqlite": size / 1e6 / seconds})
    yield Line("archive", "memory more", "MB", {"sqlite": (memory.most - memory.before) / 1e6})
    cut = _fetched(server, desk, originals[0], most=len(files[0]) // 2)
    again = _fetched(server, desk, originals[0])
    same = zipfile.ZipFile(io.BytesIO(again)).namelist() == zipfile.ZipFile(io.BytesIO(files[0])).namelist()
    assert len(cut) < len(again), "it was cut"
    yield Line("archive", "a part that was cut, begun again: the same photos", "", {"sqlite": int(same)}, "1")
    with _memory(server) as memory:
        begun = time.monotonic()
        part = _checked([_fetched(server, desk, stamped[0])])
        seconds = time.monotonic() - begun
    yield Line("archive", "a copy with its stamp", "ms", {"sqlite": seconds / part * 1000})
    yield Line("archive", "memory more, copies", "MB", {"sqlite": (memory.most - memory.before) / 1e6})


def _fetched(server: Served, desk: Desk, link: str, most: int | None = None) -> bytes:
    """The file; of `most` bytes, where somebody leaves in the middle."""
    line = HTTPConnection(LOOPBACK, server.port, timeout=120)
    try:
        line.request("GET", link, headers={"Cookie": desk.cookie})
        answer = line.getresponse()
        assert answer.status == 200, answer.status
        return answer.read(most)
    finally:
        line.close()


def _checked(files: Sequence[bytes]) -> int:
    """Number of photos in these archives, each of which has the hash that its list says."""
    count = 0
    for data in files:
        file = zipfile.ZipFile(io.BytesIO(data))
        for line in file.read("SHA256SUMS.txt").decode().splitlines():
            sha256, name = line.split("  ", 1)
            assert hashlib.sha256(file.read(name)).hexdigest() == sha256, name
            count += 1
    return count


@contextmanager
def _memory(server: Served) -> Iterator[Memory]:
    """Sampled every 20 ms until the end of the with-block."""
    assert server.process is not None
    arbiter, ended = psutil.Process(server.process.pid), threading.Event()

    def now() -> int:
        return sum(each.memory_info().rss for each in (arbiter, *arbiter.children(recursive=True)))

    found = Memory(now(), 0)

    def sample() -> None:
        while not ended.wait(0.02):
            found.most = max(found.most, now())

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def _fill(made: World) -> None:
    client = Client(made.app.test_client(), made.token("xa1"))
    drawn = [jpeg(number, (1600, 1200)) for number in range(DRAWN)]
    thumbs = [jpeg(number, (320, 240)) for number in range(DRAWN)]
    said = {"submitted": True, "slogan": "s1", "quantity": 1, "put_up_on": "2021-07-04", "hotline": True}
    head = {"at": 1, "kind": "banner", "unit": made.units["12286"], "campaign": made.campaign}
    for start in range(0, PHOTOS, AT_ONCE):
        shots = [
            Shot(_own(drawn[number % DRAWN], number), _own(thumbs[number % DRAWN], number))
            for number in range(start, start + AT_ONCE)
        ]
        told = client.sync(*({"id": new_id(), **head, "set": said | each.register} for each in shots))
        assert all(row["result"] == "stored" for row in told["results"]), told["results"]
        for each in shots:
            bring(client, each)


def _own(picture: bytes, number: int) -> bytes:
    """The picture with a comment behind its first marker."""
    comment = f"{number:08d}".encode()
    return picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture[2:]
