"""Retention of confidential cases: figures stay right, nothing is left of a case, and the log verifies as before."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.models import Campaign, CaseCount, CaseFile, CaseLogLine
from server.models.installation import lock_catalog
from server.services.campaigns import lifecycle
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.cases import case_log, counting, log_verifying, reducing, taking_over
from server.services.confidential.totals import VictimTotals
from server.services.keyholders.vault import closed
from support.clients.desk import MakeDesk
from support.world.cases import act, entered, entitle, line, made, not_victim, table
from support.world.confidential import vault
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def opened(world: World, first: date, last: date) -> str:
    """Open a campaign of the province."""
    with world.app.app_context(), writing() as session:
        new = NewCampaign(
            name=f"Đợt từ {first:%d/%m/%Y}", starts_on=first, ends_on=last, due_before=last.replace(year=last.year + 1),
            hotline="111", slogans=["x"],
        )  # fmt: skip
        return open_campaign(session, world.units["33"], new).id


def archived(world: World, *campaigns: str) -> None:
    with world.app.app_context(), writing() as session:
        for campaign in campaigns:
            for wanted in ("closed", "archived"):
                lifecycle.set_status(session, campaign, wanted)


def closed_case(one: Any, received: str, *benefits: str) -> tuple[str, str]:
    case, code = made(one, received=received)
    for benefit in benefits:
        line(one, case, benefit, "provided", received)
    act(one, case, "hand-over", to="away")
    return case, code


def reduced(world: World, *, after_ms: int = 0) -> reducing.Reduction:
    """Reduce three years later."""
    later = now_ms() + 3 * 366 * 24 * 3600 * 1000 + after_ms
    with world.app.app_context(), stopped_at(later), writing() as session:
        return reducing.reduce(session, closed(session, world.keyring), 24, dry=False)  # nobody is in


def totals(world: World, campaign: str, unit: str = "12286") -> VictimTotals | None:
    with world.app.app_context(), reading() as session:
        return counting.feed(session, vault(world), session.get_one(Campaign, campaign), world.units[unit])


@pytest.mark.slow
@pytest.mark.costly
def test_two_campaigns_of_one_month_count_each_its_own(world: World, desk: MakeDesk) -> None:
    """The month's last day is in neither, in one or in both: it does not matter."""
    first = opened(world, date(2022, 3, 1), date(2022, 3, 10))
    second = opened(world, date(2022, 3, 20), date(2022, 4, 5))
    one = entered(world, desk(), "mat_xa")
    closed_case(one, "2022-03-05", "medical")
    closed_case(one, "2022-03-06")
    closed_case(one, "2022-03-25", "legal_aid")
    closed_case(one, "2022-03-15", "medical")
    before = totals(world, first), totals(world, second)
    assert before == (VictimTotals(2, 1, {"medical": 1}), VictimTotals(1, 1, {"legal_aid": 1}))
    archived(world, first, second, world.campaign)
    assert reduced(world).reduced == 4
    assert (totals(world, first), totals(world, second)) == before
    late = opened(world, date(2022, 3, 31), date(2022, 3, 31))
    with world.app.app_context(), writing() as session:  # opened, by the clock, after they were reduced
        lock_catalog(session)
        session.get_one(Campaign, late).opened_at = now_ms() + 4 * 366 * 24 * 3600 * 1000
    assert totals(world, late) == VictimTotals(4, 3, {"medical": 2, "legal_aid": 1}), "only the month is known"


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_cases_of_one_month_become_one_count(world: World, desk: MakeDesk) -> None:
    """So that a count does not tell what one person got."""
    one = entered(world, desk(), "mat_xa")
    closed_case(one, "2021-07-05", "medical")
    closed_case(one, "2021-07-20", "legal_aid")
    closed_case(one, "2021-08-20", "legal_aid")
    archived(world, world.campaign)
    assert reduced(world).reduced == 3
    with world.app.app_context(), writing() as session:
        taking_over.merge_months(session, vault(world))  # as at the next entry
        counts = [taking_over.opened(vault(world), row) for row in session.scalars(select(CaseCount))]
    assert sorted((each["received"], each["totals"]["received"]) for each in counts) == [
        ("2021-07-31", 2),
        ("2021-08-31", 1),
    ]
    assert totals(world, world.campaign) == VictimTotals(2, 2, {"medical": 1, "legal_aid": 1})


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_nothing_is_left_of_a_reduced_case_but_who_worked_when_and_why(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, code = closed_case(one, "2021-07-05", "medical")
    twin, twin_code = made(one, received="2021-07-06")
    still, _ = made(one, received="2021-07-07")
    table(one, still, event_file_complete="2021-07-08")
    act(one, twin, "hand-over", to="away")
    archived(world, world.campaign)
    with world.app.app_context(), reading() as session:
        before = {row.number: (row.digest, row.mac) for row in session.scalars(select(CaseLogLine))}
    assert reduced(world).reduced == 2
    with world.app.app_context(), reading() as session:
        lines = [case_log.opened(vault(world), row) for row in session.scalars(select(CaseLogLine))]
        assert {
            row.number: (row.digest, row.mac) for row in session.scalars(select(CaseLogLine))
        }.items() >= before.items()
        assert log_verifying.verify(session) == [], "the chain is as it was"
    said = [each for each in lines if each is not None]
    assert len(said) == len(lines)
    tombs = [each for each in said if each["act"] == "reduced"]
    assert {each["case"] for each in tombs} == {case, twin}
    rest = json.dumps([each for each in said if each["act"] != "reduced"])
    for secret in (case, twin, code, code.replace("-", ""), twin_code, "medical", "away"):
        assert secret not in rest, secret
    assert still in rest, "the others stay"
    assert "file_complete" in rest
    erased = [each for each in said if each["act"].startswith("erased")]
    assert {each["by"] for each in erased} == {world.officers["mat_xa"]}
    assert {each["why"] for each in erased} == {"", "record"}
    assert {name for each in erased for name, value in each.items() if value} == {"act", "at", "by", "times", "why"}
    one = entered(world, desk(), "mat_xa")
    one.get("/desk/cases/log")
    assert "ghi vào một hồ sơ nay đã thu gọn" in one.text


def linked(one: Any) -> tuple[str, str]:
    """Two cases of one person, the first one closed."""
    (first, _), (last, code) = made(one, received="2021-07-05"), made(one, received="2021-07-06")
    act(one, first, "link", code=code)
    act(one, first, "hand-over", to="away")
    assert one.status == 303, one.text
    return first, last


def left(world: World) -> set[str]:
    with world.app.app_context(), reading() as session:
        return set(session.scalars(select(CaseFile.id)))


@pytest.mark.slow
def test_a_case_waits_for_a_linked_one_that_cannot_be_opened(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    first, last = linked(one)
    act(one, last, "hand-over", to="away")
    archived(world, world.campaign)
    with world.app.app_context(), writing() as session:
        row = session.get_one(CaseFile, last)
        rest, row.rest = row.rest, "lost:"
    assert reduced(world) == reducing.Reduction(0, 1, 1)
    with world.app.app_context(), writing() as session:
        session.get_one(CaseFile, last).rest = rest
    assert reduced(world) == reducing.Reduction(2, 0, 0)
    assert left(world).isdisjoint({first, last})


@pytest.mark.databases("both")
@pytest.mark.slow
@pytest.mark.costly
def test_a_note_of_a_reduction_that_failed_ends_no_case_that_lived_on(world: World, desk: MakeDesk) -> None:
    """The note is written before the commit."""
    one = entered(world, desk(), "mat_xa")
    gone, later = (closed_case(one, "2021-07-05")[0] for _ in range(2))
    still, _ = made(one, received="2021-07-07")
    first, last = linked(one)
    with world.app.app_context(), writing() as session:
        past = now_ms() + 400 * 24 * 3600 * 1000
        noted = {gone: past, later: now_ms(), still: past, first: past, last: past}
        reducing.again(session, vault(world), {case: {"at": at} for case, at in noted.items()})
    assert left(world) == {later, still, first, last}, "nor the one that counts with it"
    with world.app.app_context(), writing() as session:
        done = {"at": 0, "done": True}
        reducing.again(session, vault(world), dict.fromkeys((still, first, last), done))
    assert left(world) == {later}, "what was committed is erased, whatever the older database says of it"


@pytest.mark.slow
def test_who_is_found_to_be_no_victim_counts_no_more(world: World, desk: MakeDesk) -> None:
    campaign = opened(world, date(2025, 8, 1), date(2025, 8, 31))
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20", category="identified_here")
    line(one, case, "medical", "provided", "2025-08-22")
    assert totals(world, campaign) == VictimTotals(1, 1, {"medical": 1}), "being identified: received and supported"
    other, other_code = made(one, received="2025-08-21", category="identified_here")
    not_victim(one, case, "2025-09-10")
    assert totals(world, campaign) == VictimTotals(1, 0, {})
    act(one, case, "link", code=other_code)
    assert totals(world, campaign) == VictimTotals(1, 1, {"medical": 1}), "one person, still being identified"
    not_victim(one, other, "2025-09-10")
    assert totals(world, campaign) is None
    act(one, case, "hand-over", to="away")
    act(one, other, "hand-over", to="away")
    archived(world, campaign, world.campaign)
    assert reduced(world).reduced == 2
    assert totals(world, campaign) is None
    with world.app.app_context(), writing() as session:
        assert list(session.scalars(select(CaseFile))) == []
        taking_over.merge_months(session, vault(world))
        assert list(session.scalars(select(CaseCount))) == []
