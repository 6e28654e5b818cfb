"""The common roads stay short: the files that a request enters, its crossings between them, and its statements.

A capability reads what changed afterwards. It does not hang itself into a push, an upload, a decision or a page. Who
lengthens a road fails here; who shortens one lowers its bound. `pytest -s` prints the table.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from support.checks.trips import Trip, trip
from support.clients.client import Client, shot
from support.clients.desk import MakeDesk
from support.clients.uploading import announce
from support.world.workload import records
from support.world.world import World


class Most(NamedTuple):
    """The bounds of a road."""

    files: int
    crossings: int
    statements: int
    before_view: int = 0
    """Statements before a desk page's view."""


BOUNDS = {
    "push": Most(35, 77, 16),
    "upload": Most(26, 50, 29),
    "decision": Most(35, 71, 25),
    "queue": Most(88, 224, 46, 3),
    "figures": Most(88, 197, 40, 3),
    "report": Most(101, 254, 84, 3),
    "word": Most(62, 134, 66, 2),
}


def bounded(name: str, made: Trip) -> None:
    """Print the trip and hold it to its bounds; what fails names the files and statements."""
    print(f"\n{made.told(name)}")  # noqa: T201  # the table, with `pytest -s`
    most = BOUNDS[name]
    listed = "\n".join([*sorted(made.files), *(f"  {each}" for each in made.statements)])
    assert all(is_ <= bound for is_, bound in zip(made.counts, most, strict=False)), f"{made.told(name)}\n{listed}"
    assert (made.before_view or 0) <= most.before_view, f"{made.told(name)}\n{listed}"


def pushed(world: World, client: Client, seed: int, cursors: Sequence[Any] = ()) -> list[Any]:
    """20 new records, as the phone app pushes them. Returns the cursors for the next push."""
    writes = records(20, world.units["12286"], world.campaign, seed)
    body = {"app": 2, "push": f"push{seed:012}", "writes": writes, "cursors": list(cursors), "photos": []}
    packed = gzip.compress(json.dumps(body, ensure_ascii=False).encode())
    answer = client.post("/sync", data=packed, headers={"Content-Encoding": "gzip", "Accept": "application/x-ndjson"})
    head, *_, last = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    assert [row["result"] for row in head["results"]] == ["stored"] * 20
    found: list[Any] = last["cursors"]
    return found


def test_a_push_of_20_records(world: World) -> None:
    client = Client(world.app.test_client(), world.token("xa1"))
    cursors = pushed(world, client, 1)
    with trip(world) as made:
        pushed(world, client, 2, cursors)
    bounded("push", made)


def test_an_upload(world: World) -> None:
    client = Client(world.app.test_client(), world.token("xa1"))
    first, second = shot(1), shot(2)
    for each in (first, second):
        announce(world, client, each)
    assert client.create_upload(first.sha256, len(first.data), first.data).status_code == 201
    with trip(world) as made:
        assert client.create_upload(second.sha256, len(second.data), second.data).status_code == 201
    bounded("upload", made)


def test_a_decision(world: World, desk: MakeDesk, phone: Callable[..., Any]) -> None:
    officer = phone("xa1")
    made = [officer.create(quantity=number) for number in (1, 2)]
    officer.sync()
    one = desk("huyen")
    ways = []
    for record in made:
        one.get(f"/desk/records/{record}")
        with trip(world) as way:
            one.post(one.form("/decide"), verdict="counted")
        assert one.status == 303
        ways.append(way)
    bounded("decision", ways[-1])


PAGES = {"queue": "/desk/queue", "figures": "/desk/figures", "report": "/desk/report"}
VIEWS = "server/desk/shapes.py"
"""Where a view begins: `reads` opens its transaction and makes its scope."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_desk(world: World, desk: MakeDesk, phone: Callable[..., Any], name: str) -> None:
    officer = phone("xa1")
    for number in (1, 2, 3):
        officer.create(quantity=number)
    officer.sync()
    one, path = desk("huyen"), PAGES[name]
    for _ in range(2):  # what a process makes once is made
        one.get(path)
    with trip(world, VIEWS) as made:
        one.get(path)
    assert one.status == 200
    bounded(name, made)


def test_word_of_a_province(world: World, desk: MakeDesk, phone: Callable[..., Any]) -> None:
    officer = phone("xa1")
    for number in (1, 2, 3):
        officer.create(quantity=number)
    officer.sync()
    one, path = desk("tinh"), f"/desk/report/word?campaign={world.campaign}&unit={world.units['33']}"
    one.http.get(path, buffered=True)
    with trip(world, "server/desk/reports/word.py") as made:
        answer = one.http.get(path, buffered=True)
    assert answer.status_code == 200
    bounded("word", made)
