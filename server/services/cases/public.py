"""The public version: a province's totals of a campaign as signs and rounded numbers, published once and for good.

0 stays 0, 1 to 7 becomes one sign, more is rounded to 5, each from its own exact value. The benefits follow only if at
least 8 people were received, and only if what is known of one number tells nothing of another: nobody is supported
without a benefit, so the numbers bound each other. Spans of days that overlap are never published both, nor by a
province for people whom another one published before a merger: the difference of two reports would be a number of its
own. Nor is a campaign published that few communes take part in: its total would be theirs. Whoever is found later
changes nothing that was published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms, today
from server.core.problem_details import Problem
from server.models import Campaign, PublicFigures, Stream, Unit
from server.models.installation import lock_catalog
from server.services.cases import case_log, rights, store, taking_over
from server.services.confidential import feeds, totals
from server.services.confidential.totals import VictimTotals
from server.services.keyholders.vault import Vault
from server.services.units.moves import moves
from server.services.units.tree import ancestry, links_below, subtree

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
    held = (feeds.in_force(session, vault, campaign, unit).totals for unit in sorted(units))
    return totals.summed(each for each in held if each is not None) or VictimTotals(0, 0, {})


def publish(session: Session, vault: Vault, officer_id: str, unit_id: str, campaign_id: str) -> PublicFigures:
    """Publish a campaign of a province, or return what was published of it.

    Raises Problem `not_found`, `case_unreadable`, and as `hindrance` says.
    """
    lock_catalog(session)
    unit, campaign = session.get(Unit, unit_id), session.get(Campaign, campaign_id)
    mine = unit_id in rights.units_of(session, officer_id)
    if unit is None or campaign is None or not mine or unit.level != PROVINCE or campaign.practice:
        raise Problem("not_found")
    there = published(session, unit_id, campaign)
    if there is not None:
        return there
    if why := hindrance(session, unit_id, campaign):
        raise Problem(why)
    _all_can_be_read(session, vault, campaign, unit_id)
    row = PublicFigures(
        id=new_id(), unit_id=unit_id, officer_id=officer_id, at=now_ms(), first=campaign.starts_on,
        last=campaign.ends_on, shown=shown(exact(session, vault, campaign, unit_id)),
    )  # fmt: skip
    session.add(row)
    session.flush()
    case_log.append(session, vault, "published", officer_id, unit=unit_id, what=campaign_id)
    return row


def hindrance(session: Session, unit_id: str, campaign: Campaign) -> str:
    """Return why a campaign cannot be published, empty if it can.

    `case_public`: it has not ended, or its days overlap what was published. `case_public_few`: it is not the whole
    province's, or too few communes take part.
    """
    below = subtree(session, [unit_id])
    of_all = campaign.unit_id in ancestry(session, unit_id)
    if not of_all or _taking_part(session, unit_id, campaign) < LEAST_UNITS:
        return "case_public_few"
    holds = _published_of(session, below)
    spans = [(row.first, row.last) for row in session.scalars(select(PublicFigures)) if row.unit_id in holds]
    may = may_follow(spans, campaign.starts_on, campaign.ends_on) and campaign.ends_on < today()
    return "" if may else "case_public"


def _taking_part(session: Session, unit_id: str, campaign: Campaign) -> int:
    """Return how many of the lowest units take part, as they stand today: what was merged counts with its successor."""
    links = {id_: (parent, merged) for id_, parent, merged in links_below(session, [unit_id])}
    above = {parent for parent, merged in links.values() if merged is None}
    found = set()
    for each in session.scalars(select(Stream.unit_id).where(Stream.campaign_id == campaign.id)):
        here: str | None = each
        while here in links and links[here][1] is not None:
            here = links[here][0]
        if here in links:
            found.add(here)
    return len(found - above)


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


def _all_can_be_read(session: Session, vault: Vault, campaign: Campaign, top: str) -> None:
    """Raise Problem `case_unreadable` while a key is missing: what is published once is published for good."""
    units = subtree(session, [top])
    _, unread = store.of_units(session, vault, units)
    if unread or any(_hides_hand(session, vault, campaign, unit) for unit in units):
        raise Problem("case_unreadable")


def _hides_hand(session: Session, vault: Vault, campaign: Campaign, unit: str) -> bool:
    """True if totals were entered by hand that count and cannot be read: beside cases they would be left out unseen."""
    held = feeds.in_force(session, vault, campaign, unit)
    if held.entered is None or held.entered.totals is not None:
        return False
    return held.is_unreadable or held.entered.number > taking_over.dropped(session, vault, campaign.id, unit)


def published(session: Session, unit_id: str, campaign: Campaign) -> PublicFigures | None:
    """Return what was published of a campaign's days."""
    rows = select(PublicFigures).where(PublicFigures.unit_id == unit_id)
    return session.scalar(rows.where(PublicFigures.first == campaign.starts_on, PublicFigures.last == campaign.ends_on))
