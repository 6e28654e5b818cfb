"""Requests whose heads do not fit their bodies, as bytes to the real server: told or cut off, and nothing stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.clients.client import OCTETS, TUS, Client, shot
from support.clients.raw import Raw
from support.clients.uploading import announce, blob, partial, state
from support.installation.databases import Sqlite
from support.installation.served import forked
from support.waiting import until
from support.world.world import world as make_world

pytestmark = pytest.mark.slow


def test_heads_that_lie(tmp_path: Path) -> None:
    url, data_dir = Sqlite(tmp_path).fresh(), tmp_path / "data"
    with make_world(url, data_dir) as world, forked(url, data_dir) as server:
        one, photo = Client(world.app.test_client(), world.token("xa1")), shot()
        announce(world, one, photo)
        one.create_upload(photo.sha256, len(photo.data))
        who = {"Authorization": f"Bearer {one.token}"}
        json = {**who, "Content-Type": "application/json"}
        patch = {**who, **TUS, "Content-Type": OCTETS, "Upload-Offset": "0"}
        upload = f"/api/v1/uploads/{photo.sha256}"
        cases = [
            ("10 MB announced, none sent", "POST /api/v1/sync", {**json, "Content-Length": "10485760"}, b"", 413),
            ("10 MB sent", "POST /api/v1/sync", {**json, "Content-Length": "10485760"}, bytes(200_000), 413),
            ("no number", "POST /api/v1/sync", {**json, "Content-Length": "ten"}, b"{}", 400),
            ("below nothing", "POST /api/v1/sync", {**json, "Content-Length": "-1"}, b"{}", 400),
            ("two lengths", "POST /api/v1/sync", {**json, "Content-Length": "2, 3"}, b"{}", 400),
            (
                "a length and chunks",
                "POST /api/v1/sync",
                {**json, "Content-Length": "2", "Transfer-Encoding": "chunked"},
                b"0\r\n\r\n",
                400,
            ),
            (
                "chunks without an end",
                "POST /api/v1/sync",
                {**json, "Transfer-Encoding": "chunked"},
                b"100000\r\n" + bytes(1_048_576) + b"\r\n800\r\n" + bytes(2_048),
                413,
            ),
            ("a chunk of no size", f"PATCH {upload}", {**patch, "Transfer-Encoding": "chunked"}, b"x\r\nabc\r\n", 400),
            ("a length of 15 digits", f"PATCH {upload}", {**patch, "Content-Length": "9" * 15}, b"", 0),
        ]
        for words, line, head, body, status in cases:
            with Raw(server.port) as raw:
                raw.ask(line, head, body)
                if status == 0:  # it waits for what will not come; the phone gives up
                    continue
                assert raw.status() == status, words
        with Raw(server.port) as raw:  # shorter than its body: the rest is no second request
            raw.ask("POST /api/v1/sync", {**json, "Content-Length": "2"}, b"{}" + b"x" * 50)
            assert raw.status() == 200
        assert partial(world, "xa1", photo.sha256).read_bytes() == b""
        assert not blob(world, photo.sha256).exists()
        assert state(one, photo.sha256) == ["wanted"]
        chunks = (
            b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (photo.data[:9], photo.data[9:])) + b"0\r\n\r\n"
        )

        def right() -> int:  # chunks that are right are as good as a length
            with Raw(server.port) as raw:
                raw.ask(f"PATCH {upload}", {**patch, "Transfer-Encoding": "chunked"}, chunks)
                return raw.status()

        # The phone that gave up holds the upload (423) until the server has noticed.
        until(lambda: right() == 204)
        assert state(one, photo.sha256) == ["verified"]
