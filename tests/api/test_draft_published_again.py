"""A restore brings a draft back, and it is published once more under the same id (SPEC B-9, B-14, B-15)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from server.core.db import reading, writing
from server.models import Campaign, Record, WriteRow
from server.services.letters import drafts, facts, publishing
from server.services.recovery import restores
from server.services.units.scope import Scope
from support.installation.restored import Hub
from support.world.purging import purge
from sync.record import PURGED
from sync.registry import KINDS

FACE = "mặt nạn nhân"
FORM = {
    "name": "Đợt cao điểm tháng 8",
    "kinds": [kind.name for kind in KINDS.recorded()],
    "starts_on": "01/08/2021",
    "ends_on": "31/08/2021",
    "due_before": "03/09/2021",
    "hotline": "111",
    "slogans": "Chung tay phòng, chống mua bán người",
}


def begun(hub: Hub) -> str:
    with hub.world.app.app_context(), writing() as session:
        return drafts.begin(session, Scope(session, hub.world.officers["tinh"]), facts.blank() | FORM).id


def publish(hub: Hub, draft: str) -> str:
    with hub.world.app.app_context(), writing() as session:
        made = publishing.publish(session, Scope(session, hub.world.officers["tinh"]), draft, {})
        assert isinstance(made, Campaign), made.faults
        return made.id


@pytest.mark.slow
def test_a_purge_stays_and_no_number_is_given_twice(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-9: R's text waits for nobody. B-14: BR-1 was R's, and is on paper."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    one.create(quantity=1)
    one.sync(), two.sync()
    draft = begun(hub)
    hub.back_up()
    one.create(quantity=2)  # so that a restore nobody announces is noticed
    one.campaign = two.campaign = publish(hub, draft)
    one.sync(), two.sync()
    gone, kept = one.create(note=FACE), one.create(quantity=3)
    one.sync(), two.sync()
    assert [two.records[id_]["number"] for id_ in (gone, kept)] == ["BR-1", "BR-2"]
    purge(hub.world, gone)
    hub.there.data_dir.mkdir(exist_ok=True)
    shutil.copy(hub.here.data_dir / "revocations.ndjson", hub.there.data_dir)
    put_back()
    two.sync(), one.sync()
    assert publish(hub, draft) == one.campaign, "phones wait with what they have for it"
    new = two.create(quantity=4)
    two.sync(), one.sync(), two.sync()
    numbers = [two.records[id_]["number"] for id_ in (new, kept)]
    assert int(numbers[0].removeprefix("BR-")) > 100 < int(numbers[1].removeprefix("BR-")), numbers
    assert (gone in one.records, one.outbox, gone in two.records) == (False, [], False)
    with hub.world.app.app_context(), reading() as session:
        assert FACE not in str([row.set for row in session.scalars(select(WriteRow))])
        assert session.get_one(Record, gone).state == PURGED


def test_purged_text_is_refused_before_its_campaign_is_there_again(hub: Hub) -> None:
    """B-9: by its id, for there is no stream in which a tombstone could stand; and nobody lists it as missing (B-4)."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    one.create(quantity=1)
    one.sync(), two.sync()
    draft = begun(hub)
    hub.back_up()
    one.campaign = two.campaign = publish(hub, draft)
    one.sync()
    gone = one.create(note=FACE)
    one.sync(), two.sync()
    purge(hub.world, gone)
    hub.there.data_dir.mkdir(exist_ok=True)
    shutil.copy(hub.here.data_dir / "revocations.ndjson", hub.there.data_dir)
    going = hub.put_back(announced=True)
    next(going)
    one.sync(), two.sync()
    assert (one.outbox, gone in one.records) == ([], False)
    assert gone not in [record for record, _, _ in hub.listed("tinh").get("12286", [])]
    next(going, None)


@pytest.mark.parametrize(("again", "number"), [(True, "BR-101"), (False, "BR-1")])
def test_a_draft_begun_after_the_restore_begins_at_one(hub: Hub, again: bool, number: str) -> None:
    """B-14: only what is older than the restore may have been published in the lost hours."""
    before = begun(hub)
    going = hub.moment()
    with hub.world.app.app_context(), writing() as session:
        going.put_back(session)
        restores.tell(session, 1, None)
    campaign = publish(hub, before if again else begun(hub))
    one = hub.phone("xa1")
    one.campaign = campaign
    record = one.create(quantity=1)
    one.sync()
    assert one.records[record]["number"] == number


def test_streams_are_opened_in_one_place() -> None:
    """B-9, B-14: who opened one elsewhere would forget the gap of its numbers, and what was purged of it."""
    making = re.compile(r"\bStream\(\s*(?:id|unit_id)=|\binsert(?:ing)?\((?:session, )?Stream\b")
    sources = (Path(__file__).parents[2] / "server").rglob("*.py")
    assert [path.name for path in sources if making.search(path.read_text("utf-8"))] == ["opening.py"]
