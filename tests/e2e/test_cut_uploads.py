"""A photo's bytes through a line that is cut at every 10 %: at most 1 kB goes again, and the file is one (SPEC P-5)."""

from __future__ import annotations

import functools
import http.client
import socket
from contextlib import closing, suppress
from email.message import Message

import pytest

from support.clients.client import OCTETS, TUS, Client, Shot, shot
from support.installation.ports import LOOPBACK
from support.waiting import settled
from support.world.province import Province

pytestmark = pytest.mark.slow
MOST_AGAIN = 1_024


def request(port: int, method: str, path: str, token: str, body: bytes = b"", **headers: str) -> tuple[int, Message]:
    """(status, headers) of one request on a connection of its own."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=10)) as connection:
        connection.request(method, path, body, {**TUS, "Authorization": f"Bearer {token}", **named})
        with connection.getresponse() as answer:
            answer.read()
            return answer.status, answer.headers


def offset(port: int, token: str, sha256: str) -> int:
    """What the hub says it has, once it noticed that the line is gone."""
    return int(request(port, "HEAD", f"/api/v1/uploads/{sha256}", token)[1]["Upload-Offset"])


@pytest.fixture
def announced(province: Province) -> tuple[str, Shot]:
    """A device's token and a photo that one of its records names."""
    token, photo = province.world.token("xa1"), shot()
    client = Client(province.world.app.test_client(), token)
    head = {"kind": "banner", "unit": province.world.units["12286"], "campaign": province.world.campaign}
    client.sync({"id": "A" * 16, "at": 1, **head, "set": photo.register})
    client.create_upload(photo.sha256, len(photo.data))
    return token, photo


def test_cut_at_every_tenth_and_held_down(province: Province, announced: tuple[str, Shot]) -> None:
    token, photo = announced
    path = f"/api/v1/uploads/{photo.sha256}"
    size, at, again = len(photo.data), 0, []
    for tenth in range(1, 10):
        wanted = size * tenth // 10
        head = f"PATCH {path} HTTP/1.1\r\n"
        lines = {
            "Host": f"{LOOPBACK}:{province.line.port}",
            "Authorization": f"Bearer {token}",
            "Content-Type": OCTETS,
            "Content-Length": str(size - at),
            "Upload-Offset": str(at),
            **TUS,
        }
        raw = (head + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n").encode()
        province.line.cut_after(up=len(raw) + wanted - at)
        send_raw(province.line.port, raw + photo.data[at:])
        province.line.wait_until_cut()
        province.line.restore()
        now = settled(functools.partial(offset, province.line.port, token, photo.sha256), wanted - MOST_AGAIN)
        again.append(wanted - now)
        at = now
    assert all(0 <= lost <= MOST_AGAIN for lost in again), again
    status, headers = request(
        province.line.port, "PATCH", path, token, photo.data[at:], Content_Type=OCTETS, Upload_Offset=str(at)
    )
    assert (status, headers["Upload-Offset"]) == (204, str(size))
    stored = province.server.data_dir / "photos" / photo.sha256[:2] / photo.sha256
    assert stored.read_bytes() == photo.data


def send_raw(port: int, data: bytes) -> None:
    """Send until the line breaks."""
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=5) as line:
        line.sendall(data)
        line.recv(1)
