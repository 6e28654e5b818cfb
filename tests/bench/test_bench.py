"""The benches measure what they say: bytes as they were sent, a copied commune that is whole, a table that adds up."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench import growth, multiply, wire
from bench.hub import hub_by
from bench.table import Line, table
from server.core.db import reading
from server.models import Record
from support.checks import truth
from support.installation.ports import LOOPBACK
from support.installation.served import forked

ANSWERS = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
    "bodiless": b"HTTP/1.1 204 No Content\r\n\r\n",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_bytes_are_counted_as_they_travel(name: str) -> None:
    got = bytearray()
    with socket.create_server((LOOPBACK, 0)) as listener:

        def answer() -> None:
            line, _ = listener.accept()
            with line:
                while not got.endswith(b"body"):
                    got.extend(line.recv(65_536))
                line.sendall(ANSWERS[name])

        thread = threading.Thread(target=answer)
        thread.start()
        told = wire.ask(listener.getsockname()[1], "POST", "/", {"A": "b"}, b"body")
        thread.join()
    assert (told.up, told.down) == (len(got), len(ANSWERS[name]))
    assert (told.body, told.cut) == (b"" if name == "bodiless" else b"hello", name == "cut")


@pytest.mark.slow
@pytest.mark.databases("sqlite")
def test_a_copied_commune_is_whole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "COMMUNE", 100)
    with hub_by(forked, database_url, tmp_path, 1, {}) as made:
        ways = growth.begin(made)
        endings = multiply.endings()
        growth.copy_commune(made, [next(endings) for _ in range(3)])
        with made.world.app.app_context(), reading() as session:
            assert session.scalar(select(func.count()).select_from(Record)) == 400
            truth.check(session)
        assert ways.desk.get("/desk/queue").status == 200


def test_table() -> None:
    line = Line("W9", "a figure", "s", {"floor": 2.0, "sqlite": 3.0}, "<= 4")
    other = Line("W9", "another, s", "", {"postgresql": 4.0})
    assert "| W9 | a figure, s | 2     | 3      | 1.50   |            | <= 4   |" in table([line, other])
