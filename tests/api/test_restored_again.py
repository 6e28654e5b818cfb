"""Stories of a hub that was put back, found by an independent client: two restores, too many sides, a late answer."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from server.core.clock import new_id, now_ms
from server.core.db import writing
from server.models import Restoration
from server.services.recovery import restores
from support.clients.teller import banner
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
    named = two.look()["named"]
    two.tamper("meta", "named", named | {"at": named["at"] - days * DAY_MS})
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
    one.sync()
    sides = [{"id": new_id(), "set": {"note": f"bản {number}"}, "seen": []} for number in range(1, 32)]
    hub.teller("xa1").send(*[{"at": 1, "record": record, **side} for side in sides])
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
    assert (one.waiting, one.refused) == ([write], {})
    two.sync(), one.sync()
    assert (one.outbox, one.refused) == ([], {})
    assert one.values(record, "note") == ["sau khi chọn"]


def test_an_answer_from_before_a_restore_marks_nothing_stored(hub: Hub) -> None:
    """G1, X-11, X-21: it comes late, when the same phone has heard of the restore in another tab, and no more."""
    one, two = hub.phone("xa1"), hub.teller("xa2")
    moment = hub.moment()
    record = one.create(quantity=1)

    def meanwhile(_: object) -> None:
        restore(hub, moment)
        two.ask(*[banner(hub.world.units["12286"], hub.world.campaign) for _ in range(2)])

    one.wire.troubles = [("well", 1), ("well", 1), *[("unreached", 1)] * 4]
    one.both(("exchange", None), ("exchange", None), 1, meanwhile)
    assert one.restored is not None
    assert one.waiting == [record]
    one.wire.troubles = []
    one.sync(), two.sync()
    assert record in two.held
    assert one.outbox == []
