"""After a restore a number is given once (SPEC B-8, B-14)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from server.core.clock import new_id, now_ms, today
from server.core.db import writing
from server.models import Counter, Unit
from server.services.campaigns.lifecycle import open_campaign
from server.services.organisation import unit_changes
from server.services.organisation.staff import give_role
from server.services.organisation.unit_changes import UnitRow
from server.services.records import streams
from server.services.recovery import restores
from server.serving.installation import installed
from support.clients.teller import banner
from support.installation.restored import Hub
from support.world.world import campaign


@pytest.mark.slow
@pytest.mark.costly
def test_no_number_of_the_lost_hours_is_given_to_another_record(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-8: in a stream that had numbers before, and in one that had none."""
    one, two, far = hub.phone("xa1"), hub.phone("xa2"), hub.phone("nhanla", "12289")
    one.create()
    one.sync(), two.sync(), far.sync()
    hub.back_up()
    lost = [one.create(), one.create("leaflet")]
    gone = far.create()
    one.sync(), far.sync()
    assert [one.records[id_]["number"] for id_ in lost] == ["BR-2", "TR-1"]
    put_back()
    far.sync()  # gives it away, where nobody announced it
    new = [two.create(), two.create("leaflet")]
    two.sync()
    assert [two.records[id_]["number"] for id_ in new] == ["BR-201", "TR-101"]
    one.sync()
    assert [one.records[id_]["number"] for id_ in lost] == ["BR-202", "TR-102"]
    assert far.records[gone]["number"] == "BR-101"


def test_no_number_is_given_twice_where_the_same_backup_is_restored_again(hub: Hub) -> None:
    """B-14: the backup does not remember the restore before; numbers were given behind that one's gap too."""
    two, place = hub.teller("xa2"), (hub.world.units["12286"], hub.world.campaign)
    two.ask(banner(*place), banner(*place) | {"kind": "leaflet"})
    moment = hub.moment()
    for numbers in (["BR-201", "TR-201", "SK-101"], ["BR-401", "TR-401", "SK-301"]):
        with hub.world.app.app_context(), writing() as session:
            moment.put_back(session)
            restores.tell(session, 1, None)
        results = two.ask(*[banner(*place) | {"kind": kind} for kind in ("banner", "leaflet", "event")])["results"]
        assert [result["number"] for result in results] == numbers


@pytest.mark.parametrize(
    "steps",
    [
        [("empty", "BR-101"), ("last", "BR-301"), ("empty", "BR-501")],
        [("empty", "BR-101"), ("empty", "BR-301"), ("last", "BR-501"), ("empty", "BR-701")],
    ],
)
def test_no_number_is_given_twice_where_an_older_backup_follows_a_younger(
    hub: Hub, steps: list[tuple[str, str]]
) -> None:
    """B-14: what the older one does not remember went to the full hundred, and the younger one remembers all before."""
    one, place = hub.teller("xa1"), (hub.world.units["12286"], hub.world.campaign)
    moments = {"empty": hub.moment()}
    for which, number in steps:
        with hub.world.app.app_context(), writing() as session:
            moments[which].put_back(session)
            restores.tell(session, 1, None)
        assert one.ask(banner(*place))["results"][0]["number"] == number
        moments["last"] = hub.moment()


@pytest.mark.slow
def test_a_campaign_opened_again_gives_no_number_twice(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-14: its streams are new to the database, their numbers are not; each restore leaves a gap of its own."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    one.create()
    one.sync(), two.sync()
    hub.back_up()
    one.create()  # so that a restore nobody announces is noticed
    with hub.world.app.app_context(), writing() as session:
        made = open_campaign(session, hub.world.units["33"], campaign()).id
    one.sync(), two.sync()
    one.campaign = two.campaign = made
    lost = one.create()
    one.sync(), two.sync()
    assert two.records[lost]["number"] == "BR-1"
    put_back()
    two.sync()
    with hub.world.app.app_context(), writing() as session:
        open_campaign(session, hub.world.units["33"], campaign(), made)
        later = open_campaign(session, hub.world.units["33"], campaign()).id
    new = two.create()
    two.sync(), one.sync(), two.sync()
    assert [two.records[id_]["number"] for id_ in (new, lost)] == ["BR-101", "BR-102"]
    with hub.world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
        again = open_campaign(session, hub.world.units["33"], campaign()).id
    two.sync()
    for campaign_id, number in ((later, "BR-101"), (again, "BR-1")):
        two.campaign = campaign_id
        record = two.create()
        two.sync()
        assert two.records[record]["number"] == number


@pytest.mark.parametrize(("days", "number"), [(29, "BR-101"), (31, "BR-1")])
def test_a_unit_that_was_lost_is_made_anew_by_who_does_not_know_its_id(hub: Hub, days: int, number: str) -> None:
    """B-14: it bears the name of the one whose numbers are on paper; a month later a new unit is a new unit."""
    with hub.world.app.app_context(), writing() as session:
        restores.tell(session, 1, None, now_ms() - days * 24 * 3600 * 1000)
        above = session.get_one(Unit, hub.world.units["331"])
        row = UnitRow("99901", "Xã Tân Lập", "Tân Lập", "commune")
        made = unit_changes.add_unit(session, row, above, today()).id
        give_role(session, hub.world.officers["xa1"], made, "officer")
    one = hub.phone("xa1")
    one.unit = made
    record = one.create()
    one.sync()
    assert one.records[record]["number"] == number


def test_a_number_that_is_being_given_counts_as_given(hub: Hub) -> None:
    """B-8: a restore is noticed while a write that has read the counter is on its way into the database."""
    going, waited = threading.Event(), threading.Event()

    def write() -> None:
        with hub.world.app.app_context(), writing() as session:
            (mine,) = streams.lock(session, places=[(hub.world.units["12286"], hub.world.campaign)]).values()
            numbers = streams.Numbers([mine])
            going.set()
            waited.wait(0.5)
            numbers.next(mine.stream, "banner")
            numbers.save(session)

    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        assert going.wait(10)
        with hub.world.app.app_context(), writing() as session:
            blobs = installed(hub.world.app).blobs
            restores.notice(session, new_id(), blobs, seen=None, after=0)
            assert session.scalar(select(func.max(Counter.last))) == 200, "behind the one that was on its way"
        waited.set()
        written.result(10)
