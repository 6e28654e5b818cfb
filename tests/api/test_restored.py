"""A hub put back to an older day gets its last hours from phones, and says what it did not get (SPEC B-1 to B-4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.core.db import reading
from server.services.continuity import marks
from server.services.exchange import round_trip
from support.clients.pictures import PHOTOS
from support.clients.wire import Trouble
from support.installation.restored import Hub, replace_device

STORED_AND_CUT: Trouble = ("blocks", 0)
"""The head was taken; the line broke before the first block (X-21)."""


@pytest.mark.slow
def test_phones_bring_back_what_came_after(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-2, C-4, B-19: everything is as it was, and nobody did anything."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    old = one.create(quantity=1, note="trước")
    one.sync(), two.sync()
    hub.back_up()
    new = one.create(quantity=2)
    one.sync()
    two.sync()
    two.edit(old, note="sau")
    two.edit(new, note="của hai người")
    two.sync(), one.sync()
    before = one.alive
    put_back()
    for _ in range(2):
        one.sync(), two.sync()
    assert one.alive == two.alive == before
    assert set(before) == {old, new}
    assert (one.outbox, two.outbox) == ([], [])
    (at,) = hub.told()
    assert one.restored == two.restored == at
    assert hub.listed("huyen") == {}


@pytest.mark.slow
def test_a_pull_that_was_cut_is_begun_anew(
    hub: Hub, put_back: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """B-2, B-18: what it passed by stood behind it then, and before it in the restored hub."""
    monkeypatch.setattr(round_trip, "BLOCK_RECORDS", 1)
    one, two, gone = hub.phone("xa1"), hub.phone("xa2"), hub.phone("xa2")
    first, second = one.create(quantity=1), one.create(quantity=2)
    one.sync(), gone.sync()
    hub.back_up()
    gone.edit(first, quantity=3)
    gone.sync(), one.sync()
    two.sync(("blocks", 1), ("unreached", 1))
    assert two.records.keys() == {second}
    put_back()
    for phone in (one, two):
        phone.sync()
    assert {id_: two.values(id_, "quantity") for id_ in (first, second)} == {first: [1], second: [2]}


@pytest.mark.parametrize(
    ("others", "page"), [(0, 200), pytest.param(1, 200, marks=pytest.mark.costly(soak=True)), (3, 200), (3, 1)]
)
@pytest.mark.slow
@pytest.mark.costly
def test_what_was_stored_ahead_of_the_cursor_comes_back_too(
    hub: Hub, put_back: Callable[[], None], monkeypatch: pytest.MonkeyPatch, others: int, page: int
) -> None:
    """B-2, B-31: the old database gave out its cursor; only `restored` or the mark tells it.

    Whether the stream has not reached its position again since, just that, or more, in one page or in several.
    """
    monkeypatch.setattr(round_trip, "RECORDS_PER_PAGE", page)
    monkeypatch.setattr(round_trip, "BLOCK_RECORDS", page)
    one, two = hub.phone("xa1"), hub.phone("xa2")
    old = one.create(quantity=1)
    one.sync(), two.sync()
    hub.back_up()
    new = one.create(quantity=2)
    one.edit(old, note="lần một")
    one.edit(old, note="lần hai")
    one.sync(STORED_AND_CUT)
    put_back()
    made = [two.create(quantity=7) for _ in range(others)]
    for _ in range(2):
        two.sync(), one.sync()
    two.sync()
    assert set(one.records) == {old, new, *made}
    assert one.values(old, "note") == ["lần hai"]
    assert one.alive == two.alive
    with hub.world.app.app_context(), reading() as session:
        assert marks.latest(session) == one.restored


@pytest.mark.slow
def test_a_lost_write_on_a_record_that_others_changed_meanwhile(hub: Hub) -> None:
    """B-2, B-19, B-31: it is not what they changed, nor anything they saw; a photo in it comes again."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    old = one.create(note="trước", quantity=1)
    one.sync(), two.sync()
    hub.back_up()
    one.edit(old, note="của một")
    one.act("save", draft=one.act("open", record=old), set={}, files=[PHOTOS[0]])
    one.sync()
    assert (one.unverified, len(one.look()["uploads"])) == ([], 2)
    going = hub.put_back(announced=False)
    next(going)
    two.edit(old, note="của hai")
    two.sync(), one.sync(("well", 1), ("unreached", 1))
    assert {row["state"] for row in one.unverified} == {"sent"}
    for _ in range(2):
        two.sync(), one.sync()
    two.sync()
    assert one.unverified == []
    assert set(one.values(old, "note")) == {"của hai", "của một"}
    assert one.alive == two.alive
    next(going, None)


@pytest.mark.slow
def test_a_replaced_phone_brings_back_too(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-2: it is told no news, but the head tells it."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    two.create(quantity=1)
    two.sync()
    hub.back_up()
    record = one.create(quantity=2)
    one.sync()
    two.create(quantity=3)
    two.sync()
    put_back()
    two.sync()
    replace_device(hub, "xa1")
    one.sync()
    two.sync()
    assert record in two.records
