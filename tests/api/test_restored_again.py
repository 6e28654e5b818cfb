"""Stories of a hub that was put back, found by an independent client: two restores, too many sides, a late answer."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import writing
from server.models import Restoration
from server.services.recovery import restores
from support.installation.moment import Moment
from support.installation.restored import Hub

DAY_MS = 24 * 3600 * 1000


def restore(hub: Hub, moment: Moment) -> None:
    with hub.world.app.app_context(), writing() as session:
        moment.put_back(session)
        restores.tell(session, 1, None)


@pytest.mark.parametrize(("days", "listed"), [(29, True), (31, False)])
def test_what_was_named_is_named_again_when_the_list_is_lost(hub: Hub, days: int, listed: bool) -> None:
    """G3, B-3, B-25: its maker is gone, so nobody else knows of it; for 30 days."""
    gone, two = hub.phone("xa1"), hub.phone("xa2")
    moment = hub.moment()
    record = gone.create(quantity=1)
    gone.sync(), two.sync()
    restore(hub, moment)
    two.sync()
    first = hub.listed("huyen")
    assert first == {"12286": [(record, True, 1)]}
    for entry in two.named.values():
        entry["at"] -= days * DAY_MS
    restore(hub, moment)
    assert hub.listed("huyen") == {}
    two.sync()
    assert hub.listed("huyen") == (first if listed else {})


def test_what_came_back_meanwhile_is_named_no_more(hub: Hub) -> None:
    """B-3, B-23."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    moment = hub.moment()
    record = one.create(quantity=1)
    one.sync(), two.sync()
    for _ in range(2):
        restore(hub, moment)
        two.sync()
        assert hub.listed("huyen") == {"12286": [(record, True, 1)]}
        one.sync(), two.sync()
        assert hub.listed("huyen") == {}
    assert two.records.keys() == {record}


@pytest.mark.parametrize(("days", "waits"), [(0, True), (31, False)])
def test_one_side_too_many_waits_for_what_settled_the_others(hub: Hub, days: int, waits: bool) -> None:
    """G1, B-7, B-27, B-28: it was stored once; who comes back first cannot help that the other has not."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    record = one.create(note="bản 0")
    for number in range(1, 32):
        one.edit(record, seen=[], note=f"bản {number}")
    one.sync(), two.sync()
    moment = hub.moment()
    two.edit(record, note="đã chọn")
    two.sync(), one.sync()
    write = one.edit(record, note="sau khi chọn")
    one.sync()
    assert one.outbox == []
    restore(hub, moment)
    with hub.world.app.app_context(), writing() as session:
        session.execute(update(Restoration).values(at=now_ms() - days * DAY_MS))
    one.sync()
    if not waits:
        assert one.refused == {write: "too_many_sides"}
        return
    assert ([each["id"] for each in one.outbox], one.refused) == ([write], {})
    two.sync(), one.sync()
    assert (one.outbox, one.refused) == ([], {})
    assert one.state(record).value("note") == "sau khi chọn"


@pytest.mark.parametrize("lines", [True, False])
def test_an_answer_from_before_a_restore_marks_nothing_stored(hub: Hub, lines: bool) -> None:
    """G1, X-11, X-21: it comes late, when the same phone has heard of the restore in another tab."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    one.sync()
    moment = hub.moment()
    record = one.create(quantity=1)
    asked = one.push([record])
    late = one.text(asked) if lines else one.send(asked)[1]
    restore(hub, moment)
    two.create(), two.create()
    two.sync()
    pull = one.body() | {"writes": []}
    one.apply(pull, one.send(pull)[1])
    for _ in range(2):  # first it hears of the restore, then it has what stands behind the position of its own write
        pull = one.body() | {"writes": []}
        one.apply(pull, one.send(pull)[1])
    if isinstance(late, str):
        one.take_lines(asked, late)
    else:
        one.apply(asked, late)
    assert [write["id"] for write in one.outbox] == [record]
    one.sync(), two.sync()
    assert record in two.records
    assert one.outbox == []
