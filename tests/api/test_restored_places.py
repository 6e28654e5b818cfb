"""Units, campaigns and officers that came, went and moved around a restore (SPEC B-7, B-9, L-8)."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from sqlalchemy import update

from server.core.clock import new_id, now_ms, today
from server.core.db import reading, writing
from server.models import Record, Restoration, Unit
from server.services.campaigns.lifecycle import open_campaign
from server.services.exchange import round_trip
from server.services.organisation import unit_changes
from server.services.organisation.staff import give_role
from server.services.organisation.unit_changes import UnitRow
from server.services.records.tombstones import Order
from server.services.recovery import missing, purges, restores
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.teller import banner
from support.installation.restored import Hub
from support.world.changes import come, leave
from support.world.world import campaign
from sync.record import PURGED


@pytest.mark.slow
@pytest.mark.costly
def test_who_moved_away_since_brings_back_what_their_phone_keeps_of_the_old_unit(
    hub: Hub, put_back: Callable[[], None]
) -> None:
    """L-8, L-10, H-2, L-26: out of scope a record is dropped, own writes are kept; and the hub lets them in."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    come(hub.world, "xa1", "12289")
    old = two.create(quantity=1)
    two.sync(), one.sync()
    hub.back_up()
    new = one.create(quantity=2)
    one.edit(old, quantity=3)
    one.sync()
    two.sync()
    leave(hub.world, "xa1")
    one.sync()
    assert one.records == {}
    put_back()
    leave(hub.world, "xa1")  # as what is kept outside the database says (B-6)
    for phone in (two, one, two, one):
        phone.sync()
    assert (one.outbox, one.records) == ([], {})
    assert (two.values(new, "quantity"), two.values(old, "quantity")) == ([2], [3])


@pytest.mark.slow
@pytest.mark.parametrize("page", [1, 200])
def test_who_comes_back_to_a_unit_brings_what_was_lost_while_away(
    hub: Hub, put_back: Callable[[], None], monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """L-10, B-31: their cursors went with the unit, so nothing but the mark can tell.

    Each stream ends by itself: in a page of its own, the first of them before the last page.
    """
    monkeypatch.setattr(round_trip, "RECORDS_PER_PAGE", page)
    one, streams = hub.phone("xa1"), (hub.world.campaign, hub.world.practice)
    olds = []
    for one.campaign in streams:
        olds.append(one.create(quantity=1))
    one.sync()
    hub.back_up()
    for old in olds:
        one.edit(old, quantity=2)
    one.sync()
    leave(hub.world, "xa1")
    one.sync()
    put_back()  # his role too
    one.sync(), one.sync()
    assert one.outbox == []
    assert [one.values(old, "quantity") for old in olds] == [[2], [2]]
    with hub.world.app.app_context(), reading() as session:
        assert all(session.get_one(Record, old).survivors["quantity"] != [old] for old in olds)


@pytest.mark.slow
def test_a_campaign_opened_after_the_backup_is_opened_again(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-7, B-11: what phones bring into it waits, and goes in once it is there under its old id."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    one.create(quantity=1)
    one.sync(), two.sync()
    hub.back_up()
    one.create(quantity=2)  # so that a restore nobody announces is noticed
    with hub.world.app.app_context(), writing() as session:
        made = open_campaign(session, hub.world.units["33"], campaign()).id
    one.sync(), two.sync()  # the catalogue has it now
    one.campaign = two.campaign = made
    records = [one.create(quantity=3), two.create(quantity=4)]
    for phone in (one, two, one):
        phone.sync()
    put_back()
    for phone in (one, two):
        phone.sync()
        assert (phone.waiting, phone.refused) == ([records[phone is two]], {})
    with hub.world.app.app_context(), reading() as session:
        (place,) = missing.listed(session, Scope(session, hub.world.officers["huyen"]))
        assert {(gone.record, gone.lost_campaign) for gone in place.records} == {(id_, made) for id_ in records}
    with hub.world.app.app_context(), writing() as session:
        open_campaign(session, hub.world.units["33"], campaign(), made)
    for phone in (one, two, one):
        phone.sync()
    assert set(records) <= set(one.records)
    assert one.alive == two.alive
    assert hub.listed("huyen") == {}


@pytest.mark.slow
@pytest.mark.costly
def test_a_unit_that_came_into_being_after_the_backup_is_added_again(
    hub: Hub, put_back: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    """B-7, B-11: its phone waits, the log names its id, and under that its records go in."""
    one = hub.phone("xa1")
    one.sync()
    hub.back_up()
    one.create(quantity=1)  # so that a restore nobody announces is noticed
    new = UnitRow("12999", "Xã Mới", "Mới", "commune")

    def add(id_: str | None) -> str:
        with hub.world.app.app_context(), writing() as session:
            above = session.get_one(Unit, hub.world.units["331"])
            made = unit_changes.add_unit(session, new, above, today(), id_).id
            give_role(session, hub.world.officers["xa1"], made, "officer")
            return made

    one.unit = made = add(None)
    one.sync()
    record = one.create(quantity=2)
    one.sync()
    assert one.records[record]["number"] == "BR-1"
    put_back()
    one.sync(), one.sync()
    assert (one.waiting, one.refused) == ([record], {})
    assert f"loa unit add --id {made}" in caplog.text
    assert add(made) == made
    one.sync(), one.sync()
    assert (one.outbox, one.records[record]["number"]) == ([], "BR-101")


@pytest.mark.slow
@pytest.mark.costly
def test_what_was_purged_in_a_unit_that_is_added_again_stays_purged(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-9: nothing of it could be set up before the unit was there."""
    one = hub.phone("xa1")
    one.create(quantity=1)
    one.sync()
    hub.back_up()
    app = hub.world.app
    with app.app_context(), writing() as session:
        above = session.get_one(Unit, hub.world.units["331"])
        one.unit = made = unit_changes.add_unit(
            session, UnitRow("12999", "Xã Mới", "Mới", "commune"), above, today()
        ).id
        give_role(session, hub.world.officers["xa1"], made, "officer")
    one.sync()
    record = one.create(quantity=2)
    one.sync()
    with app.app_context(), writing() as session:
        order = Order(hub.world.officers["quantri"], "ảnh có mặt người", now_ms())
        purges.purge(session, [record], order, installed(app).blobs)
    hub.there.data_dir.mkdir(exist_ok=True)
    shutil.copy(hub.here.data_dir / "revocations.ndjson", hub.there.data_dir)
    put_back()
    one.sync()
    words = ("--name", "Xã Mới", "--short-name", "Mới", "--level", "commune", "--parent", "331", "--id", made)
    hub.there.done("unit", "add", "12999", *words)
    with hub.world.app.app_context(), writing() as session:
        give_role(session, hub.world.officers["xa1"], made, "officer")
    one.sync(), one.sync()
    assert record not in one.records
    with hub.world.app.app_context(), reading() as session:
        assert session.get_one(Record, record).state == PURGED


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_the_patience_with_what_is_not_there_ends(hub: Hub, days: int, kept: bool) -> None:
    """B-7, B-28: 30 days, as long as a phone keeps what was stored."""
    with hub.world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
        session.execute(update(Restoration).values(at=now_ms() - days * 24 * 3600 * 1000))
    result = hub.teller("xa1").ask(banner(new_id(), hub.world.campaign))["results"][0]
    assert (result["result"], result["code"]) == ("later" if kept else "refused", "unknown_unit")


def test_without_a_restore_a_campaign_that_is_not_there_is_refused(hub: Hub) -> None:
    result = hub.teller("xa1").ask(banner(hub.world.units["12286"], new_id()))["results"][0]
    assert (result["result"], result["code"]) == ("refused", "unknown_campaign")
