"""Two phones and a hub: SPEC X-1 to X-10 through the real API on both databases."""

from __future__ import annotations

import unicodedata

import pytest

from server.core.clock import new_id
from server.core.db import writing
from server.models import Record
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.clients.phone import MakePhone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.databases("both")
def test_a_record_travels_from_one_phone_to_the_other(phone: MakePhone) -> None:
    one, two = phone("xa1"), phone("xa2")
    record = one.create(slogan="s1", quantity=3)
    (result,) = one.sync()["results"]
    assert (result["result"], result["number"]) == ("stored", "BR-1")
    two.sync()
    assert two.state(record).value("quantity") == 3
    assert one.shown() == two.shown()


@pytest.mark.databases("both")
def test_what_was_just_sent_is_not_echoed(phone: MakePhone) -> None:
    """X-9."""
    one = phone("xa1")
    one.sync()
    record = one.create(quantity=1)
    one.edit(record, quantity=2)
    answer = one.sync()
    assert [result["result"] for result in answer["results"]] == ["stored", "stored"]
    assert answer["changes"] == []
    assert one.state(record).value("quantity") == 2
    assert one.sync()["changes"] == []


@pytest.mark.databases("both")
def test_different_fields_merge(phone: MakePhone) -> None:
    one, two = phone("xa1"), phone("xa2")
    record = one.create(quantity=1, note="cũ")
    one.sync(), two.sync()
    one.edit(record, quantity=5)
    two.edit(record, note="mới")
    one.sync(), two.sync(), one.sync()
    assert one.shown() == two.shown()
    state = one.state(record)
    assert (state.value("quantity"), state.value("note"), state.conflicts) == (5, "mới", [])


@pytest.mark.databases("both")
def test_the_same_field_keeps_both_sides_until_one_settles_it(phone: MakePhone) -> None:
    """S-4, S-5."""
    one, two = phone("xa1"), phone("xa2")
    record = one.create(quantity=1)
    one.sync(), two.sync()
    one.edit(record, quantity=5)
    two.edit(record, quantity=7)
    one.sync(), two.sync(), one.sync()
    for each in (one, two):
        assert each.state(record).conflicts == ["quantity"]
        assert each.state(record).sides("quantity") == [5, 7]
    two.edit(record, quantity=7)
    two.sync(), one.sync()
    assert one.state(record).value("quantity") == 7
    assert one.shown() == two.shown()


def test_a_value_that_came_while_a_form_was_open_is_not_overwritten(phone: MakePhone) -> None:
    """W-6: `seen` is as drawn, a pull does not change it."""
    one, two = phone("xa1"), phone("xa2")
    record = one.create(note="a")
    one.sync(), two.sync()
    drawn = one.seen(record, "note")
    two.edit(record, note="b")
    two.sync(), one.sync()
    one.edit(record, seen=drawn, note="c")
    one.sync()
    assert one.state(record).sides("note") == ["b", "c"]


def test_edit_against_delete_is_shown_and_settled(phone: MakePhone) -> None:
    """S-7, S-8."""
    one, two = phone("xa1"), phone("xa2")
    record = one.create(note="a")
    one.sync(), two.sync()
    one.delete(record)
    two.edit(record, note="b")
    one.sync(), two.sync(), one.sync()
    for each in (one, two):
        assert each.state(record).edited_while_deleted
    one.delete(record)
    one.sync(), two.sync()
    for each in (one, two):
        assert each.state(record).hidden


@pytest.mark.databases("both")
def test_the_same_write_a_thousand_times_counts_once(phone: MakePhone) -> None:
    """X-3, G2: a lost answer is a repeat."""
    one = phone("xa1")
    record = one.create(quantity=4)
    body = one.body()
    body["writes"] = body["writes"] * 50
    first = one.send(body)[1]
    again = one.send(body)[1]
    assert {r["result"] for r in first["results"] + again["results"]} == {"stored"}
    assert {r["position"] for r in first["results"] + again["results"]} == {1}
    one.sync()
    two = phone("xa2")
    two.sync()
    assert list(two.records) == [record]


@pytest.mark.databases("both")
def test_pages_end_anywhere_and_nothing_falls_between(phone: MakePhone) -> None:
    """C-3, X-12."""
    one, two = phone("xa1"), phone("xa2")
    records = [one.create(quantity=number) for number in range(450)]
    one.sync()
    asked = two.body()
    status, answer = two.send(asked)
    assert (status, answer["more"]) == (200, True)
    two.apply(answer)
    seen, unseen = records[3], records[420]
    for record in (seen, unseen):
        one.edit(record, note="giữa hai trang")
    one.sync()
    two.sync()
    assert len(two.records) == 450
    assert one.shown() == two.shown()


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_large_records_end_a_page_early(phone: MakePhone) -> None:
    """A page on a thin line must end, whatever the records hold."""
    one, two = phone("xa1"), phone("xa2")
    for number in range(30):
        one.create(**{f"note{part}": f"{number} " + "đ" * 9_000 for part in range(3)})
        one.sync()
    status, answer = two.send(two.body())
    assert status == 200
    assert answer["more"]
    assert 1 < len(answer["changes"]) < 30
    two.sync()
    assert one.shown() == two.shown()


def test_an_own_edit_that_amends_a_decision_is_told(world: World, phone: MakePhone) -> None:
    """X-26, X-13, X-33: only the server says `amended`, and writing the old value again ends it."""
    one = phone("xa1")
    record = one.create(quantity=1)
    one.sync()
    with world.app.app_context(), writing() as session:
        basis = dict(session.get_one(Record, record).survivors)
        decide(session, Scope(session, world.officers["huyen"]), record, Verdict("returned", "vì vậy"), basis)
    for quantity, amended in ((5, True), (1, False)):
        one.edit(record, quantity=quantity)
        one.sync()
        held = one.records[record].decision
        assert held is not None
        assert held["amended"] is amended


def test_an_unknown_cursor_starts_from_zero(phone: MakePhone) -> None:
    """C-2, C-4."""
    one = phone("xa1")
    record = one.create(quantity=1)
    one.sync()
    for cursor in one.cursors.values():
        cursor["tag"] = "another database"
    answer = one.send(one.body())[1]
    assert any(cursor["reset"] for cursor in answer["cursors"])
    one.sync()
    assert one.state(record).value("quantity") == 1


@pytest.mark.parametrize("text", [unicodedata.normalize("NFD", "Đã treo ở cổng"), " treo ", "treo\x85"])
@pytest.mark.parametrize("lost", [False, True])
def test_what_the_hub_changed_is_told_to_who_wrote_it(phone: MakePhone, text: str, lost: bool) -> None:
    """W-9, X-26, X-33: an echo is left out only of what was stored as it was sent."""
    one, two = phone("xa1"), phone("xa2")
    record = one.create(note=text)
    if lost:
        push = new_id()
        asked = one.body() | {"push": push}
        one.send(asked)
        answer = one.send({"app": 3, "ask": push, "cursors": asked["cursors"]})[1]
        assert [change["record"] for change in answer["changes"]] == [record]
    one.sync(), two.sync()
    assert one.shown() == two.shown()
