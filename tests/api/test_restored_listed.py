"""What phones held and a restored hub did not get back is listed (SPEC B-3, B-4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.core.clock import new_id
from server.core.db import reading, writing
from server.services.recovery import missing, restores
from support.clients.teller import banner
from support.installation.moment import Moment
from support.installation.restored import Hub
from support.world.changes import come


@pytest.mark.slow
def test_what_nobody_brings_back_is_listed_until_it_comes(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-3, B-4, B-23: a record, and a change of one; whoever looks sees their own units."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    old = one.create(note="trước")
    one.sync(), two.sync()
    hub.back_up()
    new = one.create(quantity=2)
    one.edit(old, note="sau")
    one.sync()
    two.sync()
    put_back()
    two.sync()
    assert two.records.keys() == {old}, "C-4: it shows what no server has"
    assert two.values(old, "note") == ["trước"]
    assert sorted(hub.listed("huyen")["12286"]) == sorted([(old, False, 1), (new, True, 1)])
    assert hub.listed("tinh") == hub.listed("huyen")
    assert hub.listed("phucu") == {}
    one.sync()
    assert hub.listed("huyen") == {}
    two.sync()
    assert one.alive == two.alive


def test_what_was_lost_twice_is_listed_too(hub: Hub) -> None:
    """B-3: the hub is put back again before the phone has named what it lacked the first time."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    record = one.create(quantity=1)
    one.sync(), two.sync()
    with hub.world.app.app_context(), reading() as session:
        moment = Moment.of(session)
    for name in ("note", "hamlet"):
        one.edit(record, **{name: "sau"})
        one.sync()
        # The second is told what came since, and once more after a restore; neither ends with naming anything.
        two.sync(("well", 1), ("well", 1), ("unreached", 1))
        one.tamper("writes")
        with hub.world.app.app_context(), writing() as session:
            moment.put_back(session)
            restores.tell(session, 1, None)
    two.sync()
    assert hub.listed("huyen") == {"12286": [(record, False, 2)]}


@pytest.mark.slow
def test_what_one_phone_names_leaves_room_for_what_another_does(
    hub: Hub, put_back: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """B-4: of one device no more than so many."""
    monkeypatch.setattr(missing, "PER_DEVICE", 5)
    one, two = hub.teller("xa1"), hub.teller("xa2")
    place = {"unit": hub.world.units["12286"], "campaign": hub.world.campaign}
    hub.back_up()
    write = banner(**place, quantity=1)
    lost = write["id"]
    two.ask(write), one.sync()
    put_back()
    one.sync()
    one.send(known=[{"record": new_id(), **place, "number": f"BR-{nth}", "writes": [new_id()]} for nth in range(20)])
    two.send(known=[{"record": lost, **place, "number": "BR-1", "writes": []}])
    assert lost in [record for record, _, _ in hub.listed("xa1")["12286"]]


def test_known_that_cannot_be_read_or_is_not_theirs_is_passed_over(hub: Hub) -> None:
    """B-3, B-26: it stops nothing beside it."""
    with hub.world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
    one = hub.teller("xa1")
    place = {"unit": hub.world.units["12286"], "campaign": hub.world.campaign}
    good = {"record": new_id(), **place, "number": "BR-7", "writes": [new_id()]}
    known: list[Any] = [
        None,
        7,
        {},
        {**good, "number": 7},
        {**good, "number": "\ud800"},
        {**good, "number": "x" * 61},
        {**good, "writes": "no list"},
        {**good, "record": "short"},
        {**good, "record": new_id(), "unit": new_id()},
        {**good, "record": new_id(), "unit": hub.world.units["12289"]},
        good,
        good,
    ]
    answer = one.send(banner(**place, quantity=1), known=known)
    assert answer["results"][0]["result"] == "stored"
    assert hub.listed("tinh") == {"12286": [(good["record"], True, 2)]}


def test_of_an_entry_32_writes_are_read_and_another_entry_has_the_others(hub: Hub) -> None:
    """B-24."""
    with hub.world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
    one, ids = hub.teller("xa1"), [new_id() for _ in range(40)]
    place = {"unit": hub.world.units["12286"], "campaign": hub.world.campaign}
    entry = {"record": ids[0], **place, "number": "BR-7", "writes": ids}
    for known, listed in (([entry], 32), ([entry, {**entry, "writes": ids[32:]}], 40)):
        one.send(known=known)
        assert hub.listed("tinh") == {"12286": [(ids[0], True, listed)]}


def test_what_is_named_before_a_role_is_given_again_is_listed_afterwards(hub: Hub) -> None:
    """B-33: a role that was given after the backup was lost with it; the server says what it took of what is named."""
    moment = hub.moment()
    come(hub.world, "xa1", "12289")
    far, held = ({"record": new_id(), "unit": hub.world.units[code], "number": "BR-1"} for code in ("12289", "12286"))
    known = [{**each, "campaign": hub.world.campaign, "writes": [each["record"]]} for each in (far, held)]
    with hub.world.app.app_context(), writing() as session:
        moment.put_back(session)
        restores.tell(session, 1, None)
    one = hub.teller("xa1")
    assert one.send(known=known)["known"] == [held["record"]]
    assert hub.listed("tinh") == {"12286": [(held["record"], True, 1)]}
    come(hub.world, "xa1", "12289")
    for _ in range(2):
        assert one.send(known=known[:1])["known"] == [far["record"]]
    assert hub.listed("tinh")["12289"] == [(far["record"], True, 1)]


def test_what_finds_no_room_in_the_list_is_not_said_to_be_taken(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-4, B-33: it is named again when others have arrived."""
    monkeypatch.setattr(missing, "PER_DEVICE", 2)
    with hub.world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
    one, ids = hub.teller("xa1"), [new_id() for _ in range(3)]
    place = {"unit": hub.world.units["12286"], "campaign": hub.world.campaign}
    named = {**place, "number": "BR-1"}
    known = [{**named, "record": id_, "writes": [id_]} for id_ in ids]
    for _ in range(2):
        assert one.send(known=known)["known"] == ids[:2]
    write = banner(**place, quantity=1) | {"id": ids[0]}
    assert one.send(write)["results"][0]["result"] == "stored"
    assert one.send(known=known)["known"] == ids


def test_nothing_is_listed_where_nothing_was_restored(hub: Hub) -> None:
    place = {"unit": hub.world.units["12286"], "campaign": hub.world.campaign}
    hub.teller("xa1").send(known=[{"record": new_id(), **place, "number": "BR-7", "writes": []}])
    assert hub.listed("tinh") == {}
