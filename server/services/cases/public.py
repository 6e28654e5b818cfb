"""The public version: a province's totals of a half-year as signs and rounded numbers, published once and for good.

Published by the calendar and never by campaign: a campaign of one day would name the day of a case. 0 stays 0, 1 to 7
becomes one sign, more is rounded to 5, each from its own exact value. The benefits follow only if at least 8 people
were received, and only if what is known of one number tells nothing of another: nobody is supported without a benefit,
so the numbers bound each other. Days that overlap are never published twice, also not those of a campaign that an
earlier Loa published, nor by a province for people whom another one published before a merger: the difference of two
reports would be a number of its own. Nor does a province of few communes publish: its total would be theirs. Whoever is
found later changes nothing that was published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms, today
from server.core.db import add_now
from server.core.problem_details import Problem, refuse_if, required
from server.models import Campaign, PublicFigures, Stream, Unit
from server.models.installation import lock_catalog
from server.services.cases import case_log, counting, rights, store, taking_over
from server.services.cases.counting import HalfYear
from server.services.confidential import totals
from server.services.confidential.totals import VictimTotals
from server.services.keyholders.vault import Vault
from server.services.units.tree import ancestry, links_below, moves, subtree

LEAST: Final = 8
"""Fewer people received: no table of benefits; smaller numbers become one sign."""
SMALL: Final = "1-7"
SPREAD: Final = 3
"""How many values each cell of 1 to 7 must leave possible."""
ROUND: Final = 5
PROVINCE: Final = "province"
LEAST_UNITS: Final = 3
"""Fewer of the lowest units: nothing is published, because a number of the province would be that of one commune."""


def sign(number: int) -> str:
    """Return what is shown of a number of people.

    >>> [sign(each) for each in (0, 1, 7, 8, 12, 13, 101)]
    ['0', '1-7', '1-7', '10', '10', '15', '100']
    """
    if number < LEAST:
        return SMALL if number else "0"
    return str(ROUND * ((number + ROUND // 2) // ROUND))


def shown(exact: VictimTotals) -> dict[str, Any]:
    """Return the public version of exact totals."""
    found: dict[str, Any] = {"received": sign(exact.received), "supported": sign(exact.supported), "regimes": None}
    if exact.received >= LEAST:
        regimes = {id_: sign(number) for id_, number in exact.regimes.items()}
        if _tells_nothing(found["received"], found["supported"], regimes):
            found["regimes"] = regimes
    return found


def may_follow(published: Iterable[tuple[date, date]], first: date, last: date) -> bool:
    """True if these days are in nothing that was published: nobody is counted in two public versions."""
    return all(last < begun or ended < first for begun, ended in published)


def _tells_nothing(received: str, supported: str, regimes: Mapping[str, str]) -> bool:
    """True if every cell of 1 to 7 keeps enough possible values, for who knows that the cells bound each other."""
    people, helped = _span(received), _span(supported)
    cells = {id_: _span(text) for id_, text in regimes.items()}
    helped = max(helped[0], *(low for low, _ in cells.values()), 0), min(helped[1], people[1])
    helped = helped[0], min(helped[1], sum(high for _, high in cells.values()))
    for id_, (low, high) in cells.items():
        others = sum(most for other, (_, most) in cells.items() if other != id_)
        least, most = max(low, helped[0] - others), min(high, helped[1])
        if regimes[id_] == SMALL and most - least + 1 < SPREAD:
            return False
    return supported != SMALL or helped[1] - helped[0] + 1 >= SPREAD


def _span(text: str) -> tuple[int, int]:
    if text in ("0", SMALL):
        return (1, LEAST - 1) if text == SMALL else (0, 0)
    number = int(text)
    return max(LEAST, number - ROUND // 2), number + ROUND // 2


def exact(session: Session, vault: Vault, campaign: Campaign, top: str) -> VictimTotals:
    """Return the exact totals of a unit and all below it: of their cases, else what was entered by hand."""
    taking_part = select(Stream.unit_id).where(Stream.campaign_id == campaign.id)
    units = set(subtree(session, [top])) & set(session.scalars(taking_part))
    held = (totals.in_force(session, vault, campaign, unit).totals for unit in sorted(units))
    return totals.summed(each for each in held if each is not None) or VictimTotals(0, 0, {})


def exact_of(session: Session, vault: Vault, half: HalfYear, top: str) -> VictimTotals:
    """Return the exact totals of a half-year: of each unit the higher of its cases and of what was entered by hand."""
    found = []
    for unit in sorted(subtree(session, [top])):
        counted = counting.of_half_year(session, vault, [unit], half)
        found.append(counting.higher(counted, _by_hand(session, vault, half, unit)))
    return totals.summed(found) or VictimTotals(0, 0, {})


def _by_hand(session: Session, vault: Vault, half: HalfYear, unit: str) -> VictimTotals:
    """Return what holds of the totals entered by hand: of campaigns with days in common the higher numbers.

    Those of campaigns across two half-years are in no public version (`_within`).
    """
    found: list[VictimTotals] = []
    until = date.min
    for campaign in _within(session, half):
        held = totals.entered(session, vault, campaign.id, unit)
        if held is None or held.totals is None or held.number <= taking_over.dropped(session, vault, campaign.id, unit):
            continue
        if found and campaign.starts_on <= until:
            found[-1] = counting.higher(found[-1], held.totals)
        else:
            found.append(held.totals)
        until = max(until, campaign.ends_on)
    return totals.summed(found) or VictimTotals(0, 0, {})


def _within(session: Session, half: HalfYear) -> Sequence[Campaign]:
    """Return the campaigns whose totals entered by hand count in a half-year, by their first day: wholly within it.

    Of one that crosses the boundary nobody knows which people of its totals have a case in the half-year before.
    """
    inside = Campaign.starts_on >= half.first, Campaign.ends_on <= half.last, Campaign.practice.is_(False)
    return session.scalars(select(Campaign).where(*inside).order_by(Campaign.starts_on, Campaign.id)).all()


def half_years(session: Session) -> list[HalfYear]:
    """Return the half-years that are over, the newest first, back to that of the first campaign."""
    since = session.scalar(select(func.min(Campaign.starts_on))) or today()
    found = []
    half = HalfYear.of(HalfYear.of(today()).first - timedelta(days=1))
    while half.last >= since:
        found.append(half)
        half = HalfYear.of(half.first - timedelta(days=1))
    return found


def publish(session: Session, vault: Vault, officer_id: str, unit_id: str, half: HalfYear) -> PublicFigures:
    """Publish a half-year of a province, or return what was published of it.

    Raises Problem `not_found`, `case_unreadable`, and as `hindrance` says.
    """
    lock_catalog(session)
    unit = required(session.get(Unit, unit_id))
    refuse_if(unit_id not in rights.units_of(session, officer_id) or unit.level != PROVINCE, "not_found")
    there = published(session, unit_id, half)
    if there is not None:
        return there
    if why := hindrance(session, unit_id, half):
        raise Problem(why)
    _all_can_be_read(session, vault, half, unit_id)
    row = PublicFigures(
        id=new_id(), unit_id=unit_id, officer_id=officer_id, at=now_ms(), first=half.first, last=half.last,
        shown=shown(exact_of(session, vault, half, unit_id)),
    )  # fmt: skip
    add_now(session, row)
    case_log.append(session, vault, "published", officer_id, unit=unit_id, what=half.last.isoformat())
    return row


def hindrance(session: Session, unit_id: str, half: HalfYear) -> str:
    """Return why a half-year cannot be published, empty if it can.

    `case_public`: it is not over, or days of it were published. `case_public_few`: the province has too few communes.
    """
    if _lowest(session, unit_id) < LEAST_UNITS:
        return "case_public_few"
    holds = _published_of(session, subtree(session, [unit_id]))
    spans = [(row.first, row.last) for row in session.scalars(select(PublicFigures)) if row.unit_id in holds]
    return "" if may_follow(spans, half.first, half.last) and half.last < today() else "case_public"


def _lowest(session: Session, unit_id: str) -> int:
    """Return how many of the lowest units there are, as they stand today."""
    links = {id_: parent for id_, parent, merged in links_below(session, [unit_id]) if merged is None}
    return len(set(links) - set(links.values()))


def _published_of(session: Session, below: Sequence[str]) -> set[str]:
    """Units whose figures hold people of these ones: themselves, and those above what came to them.

    By a merger, or by a split, also one that was taken back.
    """
    found = set(below)
    inside = set(below)
    for id_, former in session.execute(select(Unit.id, Unit.former_parent_id).where(Unit.merged_at.is_not(None))):
        if id_ in inside and former is not None:
            found |= set(ancestry(session, former))
    for move in moves(session):
        if move.unit in inside:
            found |= {*ancestry(session, move.before), *ancestry(session, move.to)}
    return found


def _all_can_be_read(session: Session, vault: Vault, half: HalfYear, top: str) -> None:
    """Raise Problem `case_unreadable` while a key is missing: what is published once is published for good."""
    units = subtree(session, [top])
    _, unread = store.of_units(session, vault, units)
    campaigns = _within(session, half)
    refuse_if(
        unread or any(_hides_hand(session, vault, campaign, unit) for campaign in campaigns for unit in units),
        "case_unreadable",
    )


def _hides_hand(session: Session, vault: Vault, campaign: Campaign, unit: str) -> bool:
    """True if totals were entered by hand that count and cannot be read: beside cases they would be left out unseen."""
    held = totals.entered(session, vault, campaign.id, unit)
    if held is None or held.totals is not None:
        return False
    return held.number > taking_over.dropped(session, vault, campaign.id, unit)


def published(session: Session, unit_id: str, half: HalfYear) -> PublicFigures | None:
    """Return what was published of a half-year."""
    rows = select(PublicFigures).where(PublicFigures.unit_id == unit_id)
    return session.scalar(rows.where(PublicFigures.first == half.first, PublicFigures.last == half.last))
