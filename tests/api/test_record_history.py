"""X-66: what happened to a record, whoever did it, is read on demand."""

from __future__ import annotations

from typing import Any

from server.core.clock import new_id
from server.core.db import writing
from server.models import Record
from server.services.review.decisions import Verdict, decide
from server.services.review.record_history import LINES
from server.services.units.scope import Scope
from support.clients.client import Client, MakeClient
from support.clients.phone import MakePhone
from support.world.world import World
from sync.history import replaced
from sync.write import Write


def history(client: Client, record: str, before: int | None = None) -> tuple[int, Any]:
    answer = client.get(f"/records/{record}/history" + (f"?before={before}" if before is not None else ""))
    return answer.status_code, answer.get_json()


def test_a_colleagues_value_that_was_replaced_is_told_with_its_person(
    world: World, phone: MakePhone, client: MakeClient
) -> None:
    one, two = phone("xa1"), phone("xa2")
    record = one.create(quantity=2, slogan="s1")
    one.sync()
    two.sync()
    two.edit(record, quantity=3)
    two.sync()
    with world.app.app_context(), writing() as session:
        basis = dict(session.get_one(Record, record).survivors)
        decision = decide(
            session, Scope(session, world.officers["huyen"]), record, Verdict("returned", "Ảnh mờ", ["photos"]), basis
        ).id
    body = {"id": new_id(), "decision": decision, "text": "Đã chụp lại", "at": 1_627_000_000_000}
    assert client("xa1").post(f"/records/{record}/reply", json=body).status_code == 200

    status, found = history(client("xa1"), record)
    assert (status, found["more"]) == (200, False)
    answer, returned, edited, made = found["lines"]
    assert (answer["reply"], answer["by"], answer["desk"]) == ("Đã chụp lại", "Cán bộ 1 xã Chính Nghĩa", False)
    assert (returned["verdict"], returned["reason"], returned["fields"]) == ("returned", "Ảnh mờ", ["photos"])
    assert (returned["by"], returned["desk"]) == ("Người duyệt huyện Kim Động", True)
    assert (edited["by"], edited["set"], edited["replaced"]) == (
        "Cán bộ 2 xã Chính Nghĩa",
        {"quantity": 3},
        {"quantity": [2]},
    )
    assert (made["set"]["quantity"], made["replaced"], made["by"]) == (2, {}, "Cán bộ 1 xã Chính Nghĩa")


def test_a_long_history_comes_by_pages(phone: MakePhone, client: MakeClient) -> None:
    one = phone("xa1")
    record = one.create(quantity=0)
    one.sync()
    for n in range(1, LINES + 5):
        one.edit(record, quantity=n)
    one.sync()
    status, newest = history(client("xa1"), record)
    assert (status, len(newest["lines"]), newest["more"]) == (200, LINES, True)
    assert newest["lines"][-1]["replaced"] == {"quantity": [newest["lines"][-1]["set"]["quantity"] - 1]}
    _, older = history(client("xa1"), record, newest["lines"][-1]["position"])
    assert (len(older["lines"]), older["more"]) == (5, False)
    assert [line["set"]["quantity"] for line in newest["lines"] + older["lines"]] == list(range(LINES + 4, -1, -1))


def test_nobody_else_reads_it(phone: MakePhone, client: MakeClient) -> None:
    one = phone("xa1")
    record = one.create(quantity=1)
    one.sync()
    assert history(client("nhanla"), record)[0] == 404
    assert history(client("xa1"), new_id())[0] == 404
    assert history(client("xa1"), record, -1)[0] == 400


def test_what_stood_there_is_what_was_on_the_screen() -> None:
    """X-66: of the writes that were seen, those that none of them had seen; of a conflict both sides."""
    a, b, c, d, e = (letter * 16 for letter in "abcde")
    first = Write(id=a, at=1, record=a, set={"note": "x", "quantity": 1})
    left = Write(id=b, at=2, record=a, set={"note": "y"}, seen=(a,))
    right = Write(id=c, at=3, record=a, set={"note": "z"}, seen=(a,))
    settled = Write(id=d, at=4, record=a, set={"note": "y", "quantity": 2}, seen=(a, b, c))
    blind = Write(id=e, at=5, record=a, set={"note": "v"})
    expected = {b: {"note": ["x"]}, c: {"note": ["x"]}, d: {"note": ["y", "z"], "quantity": [1]}}
    assert replaced([blind, settled, right, left, first]) == expected
