"""A line that breaks at every tenth of a photo and of a first pull, answers that are lost, a server that restarts.

One file with the right hash, at most 1 kB of it twice; every record once, at most a block of them twice. In `make
chaos` the line is 2G besides.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import pytest

from bench import w6, wire
from bench.device import Device, fill, request
from bench.hub import Hub
from bench.link import LINES
from chaos.hubs import hub
from chaos.sizes import FULL, size
from server.core.clock import new_id
from support.clients.client import Shot
from support.clients.lines import read
from support.network.proxy import Proxy
from support.world.workload import records

TENTHS = range(1, 10) if FULL else (2, 5, 9)
PHOTO = size(250_000, 100_000)
RECORDS = size(150, 1_000)

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


def slow(link: Proxy) -> None:
    if FULL:
        rate, round_trip = LINES["2G"]
        link.slow(rate_bits=rate, round_trip_ms=round_trip)


def settled(made: Hub, path: str) -> int:
    """The offset once the hub has taken what was under way; a phone's back-off is longer."""
    before = -1
    while (now := w6.offset(made, path)) != before:
        before = now
        time.sleep(0.3)
    return now


def test_a_photo(database_url: str, tmp_path: Path) -> None:
    with hub(database_url, tmp_path) as made, Proxy(made.port) as link:
        slow(link)
        again = {}
        for tenth in TENTHS:
            again[tenth] = _one_cut(made, link, w6.photo(PHOTO, seed=tenth), tenth)
        print(f"photo bytes sent again after a cut, by tenth: {again}")
        assert max(again.values()) <= 1024


def _one_cut(made: Hub, link: Proxy, picture: Shot, tenth: int) -> int:
    data = picture.data
    w6.announce(made, picture)
    path = w6.create(made, picture)
    passing = len(data) * tenth // 10
    link.cut_after(up=passing)
    assert w6.send(made, path, data, 0, link.port).cut
    link.wait_until_cut()
    at = settled(made, path)
    if tenth == 5:  # the server restarts while the line is down
        made.server.kill()
        made.server.start()
        assert w6.offset(made, path) == at
    link.restore()
    assert w6.send(made, path, data, at, link.port).status == 204
    file = made.server.data_dir / "photos" / picture.sha256[:2] / picture.sha256
    assert hashlib.sha256(file.read_bytes()).hexdigest() == picture.sha256
    return passing - at


def test_a_first_pull(database_url: str, tmp_path: Path) -> None:
    with hub(database_url, tmp_path) as made, Proxy(made.port) as link:
        fill(made, RECORDS)
        token = made.token(0)
        whole = pull(made.port, token, [])
        wanted = sorted(change["record"] for block in read(whole.text().decode()).blocks for change in block.changes)
        assert len(wanted) == RECORDS
        slow(link)
        twice = {}
        for tenth in TENTHS:
            link.cut_after(down=whole.down * tenth // 10)
            first = pull(link.port, token, [])
            assert first.cut
            if tenth == 5:
                made.server.kill()
                made.server.start()
            link.restore()
            got = read(first.text().decode(errors="ignore"))
            kept = [change["record"] for block in got.blocks for change in block.changes]
            rest = pull(link.port, token, got.blocks[-1].cursors if got.blocks else [])
            more = [change["record"] for block in read(rest.text().decode()).blocks for change in block.changes]
            assert sorted(kept + more) == wanted
            twice[tenth] = first.text().count(b'{"record":') - len(kept)
        print(f"records that came twice after a cut, by tenth: {twice}")
        assert max(twice.values()) <= 100


def pull(port: int, token: str, cursors: list[Any]) -> wire.Answer:
    return wire.sync(port, token, request(cursors))


def test_lost_answers(database_url: str, tmp_path: Path) -> None:
    """Every second answer is lost, the server killed in the middle; asked, it knows (X-15, X-16): none goes twice."""
    with hub(database_url, tmp_path) as made, Proxy(made.port) as link:
        slow(link)
        phone = Device(made.tokens[0], made.port)
        pushed: set[str] = set()
        for number in range(size(6, 20)):
            writes = records(5, made.units[0], made.campaign, seed=number)
            push = new_id()
            if number % 2:
                link.drop_answers()
                assert wire.sync(link.port, phone.token, request(phone.cursors, writes, push=push)).cut
                if number == 3:
                    made.server.kill()
                    made.server.start()
                asked = phone.sync(ask=push)["asked"]
                assert (asked["known"], [run["count"] for run in asked["runs"]]) == (True, [len(writes)])
            else:
                assert {row["result"] for row in phone.sync(writes, push=push)["results"]} == {"stored"}
            pushed |= {write["id"] for write in writes}
        assert made.stored_ids() == pushed
        assert made.stored_writes() == len(pushed)
        print(f"{len(pushed)} pushed over lost answers = {made.stored_writes()} stored")
