"""Bytes on the line: what a phone on 2G pays. Sizes only; times are benches."""

from __future__ import annotations

import gzip
import json
from typing import Any

import brotli

from support.clients.client import Client, MakeClient
from support.world.workload import records
from support.world.world import World


def push(one: Client, body: dict[str, Any], accept: str = "br") -> tuple[int, int, dict[str, Any]]:
    """(bytes up, bytes down, answer)."""
    up = gzip.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    answer = one.post("/sync", {"Content-Encoding": "gzip", "Accept-Encoding": accept}, data=up)
    assert answer.status_code == 200
    down = len(answer.data)
    if answer.headers.get("Content-Encoding") == "br":
        return len(up), down, json.loads(brotli.decompress(answer.data))
    return len(up), down, answer.get_json()


def test_a_hundred_new_records_fit_in_one_small_request(world: World, client: MakeClient) -> None:
    writes = records(100, world.units["12286"], world.campaign)
    average = sum(len(json.dumps(write, ensure_ascii=False).encode()) for write in writes) / 100
    assert 550 < average < 750
    up, down, answer = push(client("xa1"), {"app": 3, "cursors": [], "writes": writes, "photos": []})
    assert [row["result"] for row in answer["results"]] == ["stored"] * 100
    assert answer["changes"] == []
    assert up <= 16_500
    assert down <= 4_000


def test_nothing_to_do_is_under_a_kilobyte(world: World, client: MakeClient) -> None:
    one = client("xa1")
    push(one, {"app": 3, "cursors": [], "writes": records(5, world.units["12286"], world.campaign), "photos": []})
    _, _, first = push(one, {"app": 3, "cursors": [], "writes": [], "photos": []})
    cursors = [{key: cursor[key] for key in cursor if key != "reset"} for cursor in first["cursors"]]
    up, down, answer = push(one, {"app": 3, "cursors": cursors, "writes": [], "photos": []})
    assert answer["changes"] == []
    assert up + down <= 1_000
