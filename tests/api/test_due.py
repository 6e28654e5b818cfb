"""After the due date, by the server's own clock: SPEC L-13 to L-15, beside L-1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session

from server.core.clock import stopped_at
from server.core.db import reading, writing
from server.models import Campaign, Census, Record, Stream
from server.models.installation import lock_catalog
from server.services.campaigns import lifecycle
from server.services.records import late
from server.services.review.queue import QueueFilter, page
from server.services.units.scope import Scope
from support.clients.in_hand import MakeShipped
from support.clients.phone import MakePhone
from support.clients.teller import banner
from support.installation.restored import Hub
from support.world.changes import seal
from support.world.world import World
from sync.late import AFTER_DUE, LATE_MARKS, due_at

pytestmark = pytest.mark.databases("sqlite")

DUE = due_at(date(2021, 8, 3))
HOUR = 3_600_000


def here(world: World, *records: str) -> dict[str, list[str]]:
    with world.app.app_context(), reading() as session:
        return late.marks_of(session, [session.get_one(Record, id_) for id_ in records])


def listed(world: World, state: str, who: str = "tinh") -> set[str]:
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers[who])
        campaign = session.get_one(Campaign, world.campaign)
        found = page(session, scope, campaign, QueueFilter(state=state))
        assert found.counts[state] == found.total
        return {record.id for record in found.records}


def set_due(world: World, **levels: str) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).due_levels = levels


def test_what_comes_after_an_early_seal_is_not_after_the_due_date(world: World, phone: MakePhone) -> None:
    """L-1, L-13: nine days before the deadline nothing is "Gửi sau hạn"."""
    one = phone("xa1")
    with stopped_at(DUE - 9 * 24 * HOUR):
        seal(world, "xa1")
        record = one.create(quantity=1)
        one.sync()
    assert here(world, record) == {record: ["after_seal"]}
    assert one.marks(record, DUE) == ("after_seal",)
    assert (listed(world, "after_seal"), listed(world, "after_due")) == ({record}, set())


def test_what_an_unsealed_unit_sends_after_the_due_date_is_late(world: World, phone: MakePhone) -> None:
    """L-13, L-28: by the server's clock; an edit of a record that came in time makes it late too."""
    one, two = phone("xa1"), phone("xa2")
    with stopped_at(DUE - 1):
        first, edited = one.create(quantity=1), one.create(quantity=2)
        one.sync(), two.sync()
    with stopped_at(DUE):
        after = one.create(quantity=3)
        two.edit(edited, note="bổ sung")
        two.sync(), one.sync()
        one.sync(), two.sync()
    marks = {first: (), edited: ("after_due",), after: ("after_due",)}
    for each in (one, two):
        assert {id_: each.marks(id_, DUE) for id_ in marks} == marks
    assert here(world, *marks) == {edited: ["after_due"], after: ["after_due"]}
    assert (listed(world, "after_due"), listed(world, "after_seal")) == ({edited, after}, set())


def test_each_level_has_its_own_due_date(world: World, phone: MakePhone) -> None:
    """L-13: the commune's day is earlier than the district's; where a level has none the campaign's holds."""
    set_due(world, commune="2021-07-30")
    commune, district = phone("xa1"), phone("huyen", "331")
    with stopped_at(due_at(date(2021, 7, 30))):
        late_one, in_time = commune.create(quantity=1), district.create(quantity=2)
        commune.sync(), district.sync()
    assert here(world, late_one, in_time) == {late_one: ["after_due"]}
    assert listed(world, "after_due") == {late_one}


def test_a_repeat_and_a_lost_answer_keep_the_first_day(world: World, phone: MakePhone) -> None:
    """L-13, L-29: the write came in time; that its answer is heard after the due date changes nothing."""
    one = phone("xa1")
    with stopped_at(DUE - HOUR):
        record = one.create(quantity=1)
        one.send(one.body())  # the answer is lost
    with stopped_at(DUE + HOUR):
        status, answer = one.send(one.body())
        assert (status, answer["results"][0]["received"]) == (200, DUE - HOUR)
        one.apply(answer)
    assert one.marks(record, DUE) == ()
    assert here(world, record) == {}


def test_a_lost_push_that_is_asked_for_keeps_its_day(shipped: MakeShipped) -> None:
    """L-13, X-16, L-29: what is written after the due date is late on the same phone."""
    one = shipped("xa1")
    with stopped_at(DUE - HOUR):
        record = one.create(quantity=1)
        one.sync(("lost", 1))
        assert one.waiting == [record]
    with stopped_at(DUE + HOUR):
        after = one.create(quantity=2)
        one.sync()
    assert {id_: one.records[id_]["late"] for id_ in (record, after)} == {record: [], after: ["after_due"]}


@pytest.mark.slow
@pytest.mark.parametrize(("app", "said"), [(3, "the moment"), (3, "1"), (2, "nothing")])
def test_what_a_restore_brings_back_is_not_late_for_its_return(
    hub: Hub, put_back: Callable[[], None], app: int, said: str
) -> None:
    """L-15, L-19: an app that can say so keeps the very day; another's is the moment of the restore.

    One that is newer by now and does not know the day says 1.
    """
    one, place = hub.teller("xa1"), (hub.world.units["12286"], hub.world.campaign)
    old, fresh = banner(*place), banner(*place)
    with stopped_at(DUE - 2 * HOUR):
        one.sync()
        hub.back_up()
        received = one.ask(old)["server_time"]
    with stopped_at(DUE - HOUR):
        put_back()
        hub.teller("huyen").sync()
    with stopped_at(DUE + HOUR):
        one.sync()
        one.ask(old | {"the moment": {"received": received}, "1": {"received": 1}, "nothing": {}}[said], app=app)
        one.ask(fresh, app=app)
    found = here(hub.world, old["id"], fresh["id"])
    assert old["id"] not in found
    assert (fresh["id"] in found) == (app == 3), "an older app cannot tell a return from a new write"


def test_a_made_up_first_day_counts_only_around_a_restore(world: World, phone: MakePhone) -> None:
    """L-19."""
    one = phone("xa1")
    with stopped_at(DUE + HOUR):
        record = one.create(quantity=1)
        asked = one.body()
        asked["writes"][0]["received"] = DUE - HOUR
        one.apply(one.send(asked)[1])
    assert here(world, record) == {record: ["after_due"]}


@pytest.mark.parametrize("said", [True, "x", -1, 2**60, None, [], 1.5])
def test_a_first_day_that_is_none_stops_no_write(phone: MakePhone, said: object) -> None:
    """V-2."""
    one = phone("xa1")
    one.create(quantity=1)
    asked = one.body()
    asked["writes"][0]["received"] = said
    assert one.send(asked)[1]["results"][0]["result"] == "stored"


# --- a seal that is taken back -----------------------------------------------------


def test_a_campaign_with_a_record_is_not_deleted(world: World, phone: MakePhone) -> None:
    one = phone("xa1")
    one.create(quantity=1)
    one.sync()
    seal(world, "xa1")
    with world.app.app_context(), writing() as session:
        assert not lifecycle.delete_empty(session, world.campaign)
        assert lifecycle.delete_empty(session, world.practice)
    one.sync()
    assert {campaign for _, campaign in one.cursors} == {world.campaign}


def late_ones(session: Session, mark: str) -> Select[Record]:
    """All late records, as a list asks for them."""
    return select(Record).join(Stream, Stream.id == Record.stream_id).where(late.marked(session, mark, true()))


def test_nothing_to_report_is_in_no_count_of_late_records(world: World, phone: MakePhone) -> None:
    """F-6: an act is no activity, also where it is said late."""
    one = phone("xa1")
    one.create("plan", **{"nil/banners": True})
    one.sync()
    assert listed(world, "after_due") == set()
    with world.app.app_context(), reading() as session:
        assert list(session.scalars(late_ones(session, AFTER_DUE))) == []


@pytest.mark.parametrize("named", [500, 0])
@pytest.mark.parametrize("mark", LATE_MARKS)
def test_late_records_are_counted_as_they_are_listed(
    world: World, phone: MakePhone, monkeypatch: pytest.MonkeyPatch, mark: str, named: int
) -> None:
    """Also of a stream that is late as a whole, and of one that is so in part; drafts and acts aside.

    `named`: so many streams are named one by one, more are found by their condition.
    """
    monkeypatch.setattr(late, "_NAMED", named)
    partly, wholly = phone("xa1"), phone("nhanla", "12289")
    with stopped_at(DUE - HOUR):
        partly.create(quantity=1)
        partly.sync()
        seal(world, "xa1")
    with stopped_at(DUE + HOUR):
        for one in (partly, wholly):
            one.create(quantity=2), one.create("broadcast"), one.create(quantity=3, submitted=None)
            one.create("plan", **{"nil/banners": True})
            one.sync()
    with world.app.app_context(), reading() as session:
        many = {AFTER_DUE: 4, "after_seal": 2, "after_end": 0}[mark]
        for alike, each, wanted in (
            ([], [], many),
            ([Census.kind == "broadcast"], [Record.kind == "broadcast"], many // 2),
        ):
            counted = late.counts(session, mark, Stream.id, true(), alike=alike, each=each)
            found = session.scalars(late_ones(session, mark).where(*each))
            assert counted == Counter(record.stream_id for record in found)
            assert counted.total() == wanted
            told = [late.count_up_to(session, mark, true(), most, each) for most in (0, 1, 99)]
            assert told == [min(wanted, 1), min(wanted, 2), wanted], "it stops counting where more does not matter"
