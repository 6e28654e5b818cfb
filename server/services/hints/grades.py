"""The grades of the rules in a campaign, as those who run it set them; and how many people live in a unit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from server.core.problem_details import refuse_if
from server.models import Campaign, Hint, HintGrade, Stream, Unit, UnitPopulation
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns.amending import to_amend
from server.services.hints import freshness
from server.services.hints.rules import GRADES, RULES
from server.services.records import graded, readiness, streams
from server.services.units.scope import Scope
from server.services.units.tree import subtree

MOST_PEOPLE = 100_000_000


@dataclass(frozen=True, slots=True)
class PopulationLines:
    """Lines "code, people" as typed. `bad`: the first line that is none, from 1; 0 if all are good."""

    people: Mapping[str, int]
    bad: int = 0


_GRADES = select(HintGrade.rule, HintGrade.grade).where(HintGrade.campaign_id == bindparam("campaign"))


def of_campaign(session: Session, campaign_id: str) -> dict[str, str]:
    """Return the grade of every rule."""
    own = session.connection().execute(_GRADES, {"campaign": campaign_id})
    return {**RULES, **{row.rule: row.grade for row in own}}


def save(session: Session, scope: Scope, campaign_id: str, wanted: Mapping[str, str]) -> Campaign:
    """Set the grades of a campaign, also of the hints that are there. Raises Problem as `to_amend` does.

    Lock order: the campaign's streams by id, then the campaign, as where its status is set; then hints, which are
    written under the locks of their streams alone.
    """
    to_amend(session, scope, campaign_id)
    streams.lock(session, _of(session, campaign_id))
    campaign = to_amend(session, scope, campaign_id, lock=True)
    refuse_if(any(wanted.get(rule) not in GRADES for rule in RULES), "bad_request", "grade")
    before = of_campaign(session, campaign_id)
    changed = {rule: wanted[rule] for rule in RULES if wanted[rule] != before[rule]}
    here = select(Stream.id).where(Stream.campaign_id == campaign_id)
    for rule, grade in changed.items():
        session.execute(delete(HintGrade).where(HintGrade.campaign_id == campaign_id, HintGrade.rule == rule))
        if grade != RULES[rule]:
            session.add(HintGrade(campaign_id=campaign_id, rule=rule, grade=grade))
        session.execute(
            update(Hint).where(Hint.stream_id.in_(here), Hint.rule == rule).values(grade=grade),
            execution_options={"synchronize_session": False},
        )
    if changed:
        _grade_again(session, campaign_id, changed)
        log.append(session, Act.HINTS_GRADED, ("campaign", campaign_id), new={"unit": campaign.unit_id})
    session.flush()
    return campaign


def worst(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the worst grade by record, of pairs (record, grade)."""
    grades: dict[str, str] = {}
    for record_id, grade in found:
        if grades.get(record_id) != GRADES[0]:
            grades[record_id] = grade
    return grades


def _grade_again(session: Session, campaign_id: str, rules: Collection[str]) -> None:
    hit = select(Hint.stream_id).where(Hint.stream_id.in_(_of(session, campaign_id)), Hint.rule.in_(rules))
    for stream_id in session.scalars(hit.distinct().order_by(Hint.stream_id)).all():
        every = session.execute(select(Hint.record_id, Hint.grade).where(Hint.stream_id == stream_id))
        graded.grade(session, stream_id, worst((row.record_id, row.grade) for row in every))
        readiness.flag(session, stream_id)


def populations(session: Session, campaign: Campaign) -> list[tuple[Unit, int]]:
    """Return the units of a campaign whose population is known, by code."""
    below = subtree(session, [campaign.unit_id])
    rows = select(Unit, UnitPopulation.people).join(UnitPopulation, UnitPopulation.unit_id == Unit.id)
    return [(row.Unit, row.people) for row in session.execute(rows.where(Unit.id.in_(below)).order_by(Unit.code))]


def read_populations(text: str) -> PopulationLines:
    """Read lines of a unit's code and a number, with blanks or signs between them, dots within numbers."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.replace(";", " ").replace(",", " ").split()
        if not parts:
            continue
        digits = "".join(parts[1:]).replace(".", "")
        if len(parts) < 2 or not (digits.isdecimal() and digits.isascii() and 0 < len(digits) <= 9):
            return PopulationLines({}, number)
        if not 0 < int(digits) <= MOST_PEOPLE:
            return PopulationLines({}, number)
        found[parts[0]] = int(digits)
    return PopulationLines(found)


def save_populations(session: Session, scope: Scope, campaign_id: str, people: Mapping[str, int]) -> list[str]:
    """Set the populations of units of a campaign, by code. Returns codes that are unknown: then none is set."""
    campaign = to_amend(session, scope, campaign_id, lock=True)
    below = subtree(session, [campaign.unit_id])
    units = {
        unit.code: unit.id for unit in session.scalars(select(Unit).where(Unit.id.in_(below), Unit.merged_at.is_(None)))
    }
    unknown = sorted(people.keys() - units.keys())
    if unknown:
        return unknown
    session.execute(delete(UnitPopulation).where(UnitPopulation.unit_id.in_(below)))
    session.add_all(UnitPopulation(unit_id=units[code], people=count) for code, count in people.items())
    freshness.outdate(session, _of(session, campaign_id))
    log.append(session, Act.HINTS_GRADED, ("campaign", campaign_id), new={"unit": campaign.unit_id})
    session.flush()
    return []


def _of(session: Session, campaign_id: str) -> list[str]:
    return list(session.scalars(select(Stream.id).where(Stream.campaign_id == campaign_id)))
