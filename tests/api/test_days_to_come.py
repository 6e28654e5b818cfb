"""A schedule counts confirmed days; nobody confirms a day that has not come (SPEC F-20 to F-22)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from server.core.clock import now_ms, stopped_at, today
from support.clients.client import Client, MakeClient
from support.clients.phone import MakePhone, Phone
from support.world.world import World

DAY_MS = 24 * 3600_000


def at(days: int) -> date:
    return today() + timedelta(days=days)


def schedule(first: int, last: int, times: int = 2) -> dict[str, Any]:
    return {"from": at(first).isoformat(), "to": at(last).isoformat(), "times_a_day": times}


def aired(day: int, times: int | None) -> dict[str, Any]:
    return {f"aired/{at(day):%Y%m%d}": times}


def result(phone: Phone, write: str) -> dict[str, Any]:
    """The server's answer to one write of the outbox, of which the phone takes nothing."""
    status, answer = phone.send(phone.body())
    assert status == 200, answer
    return next(each for each in answer["results"] if each["id"] == write)


def sheet(client: Client, world: World) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/figures/{world.campaign}/{world.units['12286']}").get_json()
    return found


def airings(client: Client, world: World) -> int:
    rows = (each for each in sheet(client, world)["figures"] if each["code"] == "airings")
    return sum(each["waiting"] for each in rows)


def test_a_schedule_of_200_days_has_room_for_its_airings_and_their_times(
    world: World, phone: MakePhone, client: MakeClient
) -> None:
    """W-8: times of airings take no room from what a day's airings count."""
    one, calling, days = phone("xa1"), client("xa1"), range(-200, 0)
    record = one.create("broadcast", schedule=schedule(-200, -1), standing=True, programme="own", submitted=True)
    one.sync()
    for day in days:
        times: dict[str, Any] = {f"aired_at/{at(day):%Y%m%d}": "05:30, 17:00"}
        one.edit(record, **aired(day, 2), **times)
    one.sync()
    assert airings(calling, world) == 2 * len(days)
    others: dict[str, Any] = {f"note{n}": n for n in range(60)}
    refused = one.edit(record, **others)
    assert result(one, refused)["code"] == "too_many_fields", "of others there are as many as ever"


def test_a_day_that_has_not_come_waits_on_its_phone_until_it_has(
    world: World, phone: MakePhone, client: MakeClient
) -> None:
    """F-22: nothing is lost and nobody has to do anything: it is stored once the day has come."""
    one, calling = phone("xa1"), client("xa1")
    record = one.create("broadcast", schedule=schedule(-1, 3), standing=True, programme="own", **aired(-1, 2))
    one.sync()
    early = one.edit(record, **aired(1, 2))
    told = result(one, early)
    assert (told["result"], told["code"], told["field"]) == ("later", "day_to_come", f"aired/{at(1):%Y%m%d}")
    one.sync()
    assert [write["id"] for write in one.outbox] == [early]
    assert airings(calling, world) == 2
    with stopped_at(now_ms() + DAY_MS):
        one.sync()
    assert one.outbox == []
    assert airings(calling, world) == 4


@pytest.mark.usefixtures("world")
def test_what_was_never_a_clock_is_refused_and_stays_with_its_phone(phone: MakePhone) -> None:
    one = phone("xa1")
    record = one.create("broadcast", schedule=schedule(-1, 3), standing=True, programme="own")
    one.sync()
    far = one.edit(record, **aired(30, 2))
    told = result(one, far)
    assert (told["result"], told["code"]) == ("refused", "day_to_come")
    one.sync()
    assert [write["id"] for write in one.aside] == [far]
    taken_back = one.edit(record, **aired(40, None))
    one.sync()
    assert taken_back not in [write["id"] for write in (*one.outbox, *one.aside)], "to take back is no confirmation"


@pytest.mark.parametrize("standing", [True, None], ids=["by confirmed days", "a record of an earlier app"])
def test_no_amount_changes_because_a_day_passed(
    world: World, phone: MakePhone, client: MakeClient, standing: bool | None
) -> None:
    """F-20: a schedule that lies ahead counts what its writes say, on each day from before it to long after."""
    one, calling = phone("xa1"), client("xa1")
    more = {"standing": True} if standing else {}
    one.create("broadcast", schedule=schedule(-2, 3, 4), programme="own", **more, **aired(-2, 4))
    one.sync()
    found = []
    for days in (0, 1, 4, 20):
        with stopped_at(now_ms() + days * DAY_MS):
            found.append(airings(calling, world))
    assert found == [4 if standing else 24] * 4


def test_before_figures_are_given_in_it_says_what_is_not_confirmed(
    world: World, phone: MakePhone, client: MakeClient
) -> None:
    """F-21: airings of days that have come, of records that are submitted and by the day; none of an earlier app."""
    one, calling = phone("xa1"), client("xa1")
    one.create("broadcast", schedule=schedule(-3, 4, 4), standing=True, programme="own", **aired(-3, 4))
    one.create("broadcast", schedule=schedule(-3, 4, 4), programme="own")
    gone = one.create("broadcast", schedule=schedule(-3, 4, 4), standing=True, programme="own")
    one.create("broadcast", schedule=schedule(-3, 4, 4), standing=True, programme="own", submitted=None)
    one.sync()
    one.delete(gone)
    one.sync()
    assert sheet(calling, world)["unconfirmed"] == 8, "today may still be aired"
    assert airings(calling, world) == 4 + 32


def test_an_app_of_before_and_a_new_one_on_one_record(world: World, phone: MakePhone, client: MakeClient) -> None:
    """F-20: app 3 counts a past schedule by its days, whoever edits it; both confirm days of a record by the day."""
    old, new, calling = phone("xa1"), phone("xa2"), client("xa1")
    before = old.create("broadcast", schedule=schedule(-6, -1), minutes=15, programme="own")
    old.sync(), new.sync()
    new.edit(before, note="Đã kiểm tra")
    new.edit(before, **aired(-6, 1))
    marked = new.create("broadcast", schedule=schedule(-6, -1), standing=True, programme="own", **aired(-6, 2))
    new.sync(), old.sync()
    assert airings(calling, world) == 12 + 2
    old.edit(marked, **aired(-5, 1))
    old.edit(marked, minutes=10)
    old.sync()
    assert airings(calling, world) == 12 + 3


@pytest.mark.usefixtures("world")
def test_a_day_to_come_keeps_the_edits_of_its_record_no_longer_than_they_wait(phone: MakePhone) -> None:
    """F-22, X-31: a create with the last day that waits is stored before the edits behind it count as lost."""
    one, two = phone("xa1"), phone("xa1")
    more = {"schedule": schedule(-1, 40), "standing": True, "programme": "own"}
    record = one.create("broadcast", **more, **aired(29, 2))
    one.edit(record, note="Đã kiểm tra")
    far = two.create("broadcast", **more, **aired(30, 2))
    assert result(two, far)["result"] == "refused"
    assert [each["result"] for each in one.send(one.body())[1]["results"]] == ["later", "later"]
    with stopped_at(now_ms() + 29 * DAY_MS):
        one.sync()
    assert one.outbox == []


@pytest.mark.usefixtures("world")
def test_a_server_whose_clock_was_set_back_refuses_no_day(phone: MakePhone) -> None:
    """F-22: a dead battery of its clock must not set aside what was aired."""
    one = phone("xa1")
    record = one.create("broadcast", schedule=schedule(-1, 3), standing=True, programme="own")
    one.sync()
    said = one.edit(record, **aired(-1, 2))
    with stopped_at(now_ms() - 20 * 365 * DAY_MS):
        assert (found := result(one, said))["result"] == "later", found
    one.sync()
    assert (one.outbox, one.aside) == ([], [])
