"""W6: a photo of 250 kB whose upload breaks at 60 %; how many bytes of it travel twice."""

from __future__ import annotations

import base64
import hashlib
import random
import time
from dataclasses import replace
from io import BytesIO

from PIL import Image

from bench import wire
from bench.device import Device
from bench.hub import Hub
from bench.lab import Lab
from bench.table import Line
from server.core.clock import new_id
from support.clients.client import OCTETS, TUS, Shot, shot
from support.network.proxy import Proxy
from support.world.workload import records

SIZE = 250_000
BACK_OFF_S = 1.5
"""A phone waits longer before it tries again; the hub needs a moment to take what was under way."""


def run(lab: Lab) -> list[Line]:
    """Photo bytes sent again after the cut (the offset is the hub's), and all bytes of finding out where to go on."""
    again, asking = {}, {}
    for engine in lab.engines:
        with lab.hub(engine) as hub, Proxy(hub.port) as link:
            again[engine], asking[engine] = _cut(hub, link)
    return [
        Line("W6", "photo of 250 kB cut at 60 %: photo bytes again", "bytes", again, target="<= 1,000"),
        Line("W6", "asking where to go on", "bytes", asking),
    ]


def photo(size: int = SIZE, seed: int = 6) -> Shot:
    """A JPEG of exactly so many bytes; another seed, another photo."""
    rng = random.Random(seed)
    image = Image.frombytes("RGB", (200, 150), rng.randbytes(200 * 150 * 3)).resize((1000, 750))
    file = BytesIO()
    for quality in range(90, 5, -10):
        file = BytesIO()
        image.save(file, "JPEG", quality=quality)
        if file.tell() + 200 < size:
            break
    return replace(shot(6), data=padded(file.getvalue(), size, seed))


def padded(jpeg: bytes, size: int, seed: int) -> bytes:
    """Made as long as wanted by comments behind its first marker."""
    comments, rest = b"", size - len(jpeg)
    while rest > 0:
        length = min(rest, 65_000) if rest > 65_010 or rest <= 65_000 else rest - 100
        comments += b"\xff\xfe" + (length - 2).to_bytes(2, "big") + seed.to_bytes(4, "big") + bytes(length - 8)
        rest -= length
    return jpeg[:2] + comments + jpeg[2:]


def reseeded(jpeg: bytes, seed: int) -> bytes:
    """Another photo of the same length, without compressing anew: the comment behind the first marker differs."""
    return jpeg[:6] + seed.to_bytes(4, "big") + jpeg[10:]


def announce(hub: Hub, picture: Shot) -> None:
    """A record that names the photo."""
    write = records(1, hub.units[0], hub.campaign, seed=66)[0]
    write |= {"id": new_id(), "set": write["set"] | picture.register}
    assert Device(hub.tokens[0], hub.port).sync([write])["results"][0]["result"] == "stored"


def create(hub: Hub, picture: Shot) -> str:
    """The upload's path."""
    return begin(hub, picture).headers["location"]


def begin(hub: Hub, picture: Shot) -> wire.Answer:
    """Create, or find again what was begun; what was whole and not judged yet is judged now."""
    name = base64.b64encode(picture.sha256.encode()).decode()
    headers = {**_headers(hub), "Upload-Length": str(len(picture.data)), "Upload-Metadata": f"sha256 {name}"}
    answer = wire.ask(hub.port, "POST", "/api/v1/uploads", headers, b"")
    assert answer.status == 201, answer
    return answer


def send(hub: Hub, path: str, data: bytes, at: int, port: int) -> wire.Answer:
    """PATCH what lies behind an offset."""
    headers = {**_headers(hub), "Content-Type": OCTETS, "Upload-Offset": str(at)}
    return wire.ask(port, "PATCH", path, headers, data[at:])


def offset(hub: Hub, path: str) -> int:
    """How much of it the hub has."""
    answer = wire.ask(hub.port, "HEAD", path, _headers(hub))
    assert answer.status == 200, answer
    return int(answer.headers["upload-offset"])


def _headers(hub: Hub) -> dict[str, str]:
    return {"Authorization": f"Bearer {hub.tokens[0]}", **TUS}


def _cut(hub: Hub, link: Proxy) -> tuple[float, float]:
    picture = photo()
    announce(hub, picture)
    path = create(hub, picture)
    passing = SIZE * 60 // 100
    link.cut_after(up=passing)
    assert send(hub, path, picture.data, 0, link.port).cut
    link.wait_until_cut()
    link.restore()
    time.sleep(BACK_OFF_S)
    asked = wire.ask(hub.port, "HEAD", path, _headers(hub))
    offset = int(asked.headers["upload-offset"])
    rest = send(hub, path, picture.data, offset, hub.port)
    assert rest.status == 204, rest
    assert _sha(hub, picture) == picture.sha256
    return float(passing - offset), float(asked.size)


def _sha(hub: Hub, picture: Shot) -> str:
    file = hub.server.data_dir / "photos" / picture.sha256[:2] / picture.sha256
    return hashlib.sha256(file.read_bytes()).hexdigest()
