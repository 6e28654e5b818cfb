"""Records of a campaign go so many months after its end, by a nightly job, if a setting says so (SPEC L-11, L-18)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from server.core import data_dir_locks
from server.core.clock import by_months, local, now_ms, start_of, stopped_at, today
from server.core.db import reading, writing
from server.models import Freeze, PhotoRef, Record, WriteRow
from server.services.campaigns import lifecycle
from server.services.recovery import ended_campaigns, purges
from server.services.recovery.ended_campaigns import KIND, ErasureRule
from server.serving.installation import installed
from support.checks import truth
from support.checks.audit_log import faults, lines
from support.clients.phone import Phone
from support.clients.uploading import blob
from support.jobs import inline
from support.world import locking
from support.world.papers import with_photos
from support.world.world import World

MONTHS = 24
NOTE = "nhà bà Tư cuối xóm"


@pytest.fixture
def erasing(world: World) -> Iterator[Callable[[str], None]]:
    """`erasing("quantri")`: the settings say so, on this person's order."""
    has = installed(world.app)
    before = has.settings

    def order(by: str) -> None:
        has.settings = replace(before, erase_months=MONTHS, erase_by=by)
        ended_campaigns.register(has.jobs, ErasureRule(MONTHS, by), has.blobs, has.partials)

    yield order
    has.settings = before
    has.jobs.kinds.pop(KIND, None)


def end(world: World, campaign: str, *statuses: str) -> None:
    with world.app.app_context(), writing() as session:
        for status in statuses:
            lifecycle.set_status(session, campaign, status)


def later(months: int, days: int = 0) -> int:
    """Some time on the day so many months from today, and some days."""
    return start_of(by_months(today(), months)) + days * 24 * 3600 * 1000 + 1000


def left(world: World, campaign: str) -> list[str]:
    with world.app.app_context(), reading() as session:
        return purges.of_campaign(session, campaign)


def practising(world: World, phone: Callable[..., Phone]) -> Phone:
    """A phone that recorded in the practice campaign, which is archived then."""
    one = phone("xa1")
    one.campaign = world.practice
    one.create(note=NOTE)
    one.sync()
    end(world, world.practice, "archived")
    return one


@pytest.mark.slow
@pytest.mark.databases("both")
def test_they_go_when_their_time_is_over_and_what_was_reported_stays(
    world: World, desk: Callable[..., Any], phone: Callable[..., Phone], erasing: Callable[[str], None]
) -> None:
    erasing("quantri")
    kept = with_photos(world, desk, range(2))
    one = phone("xa1")
    one.sync()
    assert sorted(one.records) == sorted(kept)
    with world.app.app_context(), reading() as session:
        hashes = session.scalars(select(PhotoRef.sha256)).all()
    assert hashes
    assert all(blob(world, each).exists() for each in hashes)
    freeze = locking.lock(world, "tinh", "33")
    end(world, world.campaign, "closed", "archived")
    day = by_months(today(), MONTHS)
    province = desk("tinh")
    assert f"được xóa vĩnh viễn từ ngày {day:%d/%m/%Y}" in province.get(f"/desk/campaigns/{world.campaign}")
    with stopped_at(later(MONTHS, -1)):
        assert inline.done(world, KIND).state == "done"
    assert len(left(world, world.campaign)) == 2, "a day too early"
    with stopped_at(later(MONTHS)):
        assert inline.done(world, KIND).state == "done"
        assert inline.done(world, KIND).state == "done", "nothing is left to do"
        erased_on = local(now_ms()).date()
    assert left(world, world.campaign) == []
    assert not any(blob(world, each).exists() for each in hashes)
    with world.app.app_context(), reading() as session:
        assert "Thôn Kín" not in str([(row.set, row.seen) for row in session.scalars(select(WriteRow))])
        assert {record.state for record in session.scalars(select(Record))} == {"purged"}
        truth.check(session)
        assert '"banners"' in session.get_one(Freeze, freeze).head
    assert locking.check(world, freeze).is_good, "and its sums"
    found = lines(world)
    assert [line.about_id for line in found if line.act == "campaign_erased"] == [world.campaign]
    purged = [line for line in found if line.act == "purged"]
    assert [(line.actor_kind, line.actor_id) for line in purged] == [("job", KIND)] * 2
    assert faults(world) == []
    one.sync()
    assert one.records == {}, "SPEC L-12"
    for address in (f"/desk/campaigns/{world.campaign}", f"/desk/figures?campaign={world.campaign}"):
        assert "đã được xóa vĩnh viễn" in province.get(address)
        assert f"{erased_on:%d/%m/%Y}" in province.text


@pytest.mark.slow
@pytest.mark.databases("sqlite")
def test_without_locked_figures_they_stay_and_the_page_says_so(
    world: World, desk: Callable[..., Any], phone: Callable[..., Phone], erasing: Callable[[str], None]
) -> None:
    """Of a practice campaign there are no figures to keep."""
    erasing("quantri")
    one = phone("xa1")
    one.create(note=NOTE)
    one.campaign = world.practice
    one.create(note=NOTE)
    one.sync()
    for each in (world.campaign, world.practice):
        end(world, each, "archived")
    with stopped_at(later(MONTHS)):
        assert inline.done(world, KIND).state == "done"
    assert len(left(world, world.campaign)) == 1
    assert left(world, world.practice) == []
    assert "chưa khóa nên bản ghi và ảnh chưa được xóa" in desk("tinh").get(f"/desk/campaigns/{world.campaign}")


@pytest.mark.databases("sqlite")
def test_a_campaign_that_is_open_again_keeps_what_is_recorded_then(
    world: World, phone: Callable[..., Phone], erasing: Callable[[str], None]
) -> None:
    """It goes when that end, too, is so long ago."""
    erasing("quantri")
    one = practising(world, phone)
    with stopped_at(later(MONTHS)):
        inline.done(world, KIND)
        end(world, world.practice, "open")
        one.create(note=NOTE)
        one.sync()
        end(world, world.practice, "archived")
        inline.done(world, KIND)
        assert len(left(world, world.practice)) == 1
    with stopped_at(later(2 * MONTHS)):
        inline.done(world, KIND)
    assert left(world, world.practice) == []


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("by", ["huyen", "nobody"])
def test_who_is_no_administrator_has_nothing_erased(
    world: World, phone: Callable[..., Phone], erasing: Callable[[str], None], by: str
) -> None:
    erasing(by)
    practising(world, phone)
    with stopped_at(later(MONTHS)):
        job = inline.done(world, KIND)
    assert (job.state, job.code) == ("failed", "forbidden")
    assert len(left(world, world.practice)) == 1


@pytest.mark.databases("sqlite")
def test_beside_a_backup_it_waits(world: World, phone: Callable[..., Phone], erasing: Callable[[str], None]) -> None:
    """A backup copies the photos that its database calls held."""
    erasing("quantri")
    practising(world, phone)
    with stopped_at(later(MONTHS)):
        with data_dir_locks.held(installed(world.app).settings.data_dir):
            assert inline.done(world, KIND).state == "queued"
        assert len(left(world, world.practice)) == 1
        inline.done(world, KIND)
    assert left(world, world.practice) == []
