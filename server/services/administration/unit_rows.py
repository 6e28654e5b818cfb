"""Judge a list of units: codes, levels, and a tree without circles below units that the officer administers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Unit
from server.services.administration import roster_sheet
from server.services.administration.roster_faults import RosterJudgement, texts
from server.services.administration.roster_sheet import COLUMNS, LEVELS, UNITS, ReadRoster
from server.services.organisation.unit_changes import UnitRow
from server.services.units.scope import Scope
from sync.text import fold

_CODE: Final = re.compile(r"[0-9A-Za-z.-]{1,16}")
Rows = Mapping[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class JudgedUnit:
    """A unit that would be made. `level` and the parent's code are known words by now."""

    row: int
    unit: UnitRow


def judge(
    session: Session, scope: Scope, read: ReadRoster, first_day: date
) -> tuple[list[JudgedUnit], RosterJudgement]:
    """Return the units that would be made if there are no faults, parents first, and all faults."""
    columns = COLUMNS[UNITS]
    judged = RosterJudgement(dict(zip((each.name for each in columns), read.letters, strict=True)))
    rows = texts(read, columns, judged)
    known = in_force(session, scope, {row[name] for row in rows.values() for name in ("code", "parent")})
    first = _codes(rows, known, judged)
    for code in _begun(session, first, first_day):
        judged.say(first[code], "code", "code_began", code)
    for number, row in rows.items():
        _parent(scope, number, row, rows, first, known, judged)
    _circles(rows, first, judged)
    _names(session, rows, known, judged)
    judged.sort()
    return [JudgedUnit(number, _unit(rows[number])) for number in _parents_first(rows, first)], judged


def in_force(session: Session, scope: Scope, codes: Iterable[str]) -> dict[str, Unit]:
    """Return the units with these codes that were not merged, by code.

    Codes were given again in 2025, so one installation may have two trees with the same ones: a unit that the officer
    administers comes before any other, then the younger one.
    """
    query = select(Unit).where(one_of(Unit.code, {*codes} - {""}), Unit.merged_at.is_(None))
    rows = session.scalars(query.order_by(Unit.valid_from)).all()
    scope.read_chains([unit.id for unit in rows])
    return {unit.code: unit for unit in sorted(rows, key=lambda unit: scope.may_administer(unit.id))}


def _codes(rows: Rows, known: Mapping[str, Unit], judged: RosterJudgement) -> dict[str, int]:
    """Return the first row of each code."""
    first: dict[str, int] = {}
    for number, row in rows.items():
        code = row["code"]
        if not _CODE.fullmatch(code):
            judged.say(number, "code", "code_form", code)
        elif code in first:
            judged.say(number, "code", "twice", code, str(first[code]))
        elif code in known:
            judged.say(number, "code", "code_in_use", code, known[code].name)
        else:
            first[code] = number
    return first


def _begun(session: Session, codes: Iterable[str], first_day: date) -> list[str]:
    """Return the codes of units that began on this day and were merged since: code and day must name one unit."""
    theirs = one_of(Unit.code, codes), Unit.valid_from == first_day
    return list(session.scalars(select(Unit.code).where(*theirs).order_by(Unit.code)))


def _parent(
    scope: Scope,
    number: int,
    row: Mapping[str, str],
    rows: Rows,
    first: Mapping[str, int],
    known: Mapping[str, Unit],
    judged: RosterJudgement,
) -> None:
    parent, level = row["parent"], roster_sheet.level(row["level"])
    if level is None:
        judged.say(number, "level", "level", row["level"])
    elif parent == row["code"]:
        judged.say(number, "parent", "own_parent", parent)
    elif parent in first:
        _order(number, level, roster_sheet.level(rows[first[parent]]["level"]), row, judged)
    elif parent not in known:
        judged.say(number, "parent", "no_parent", parent)
    elif not scope.may_administer(known[parent].id):
        judged.say(number, "parent", "not_yours", parent)
    else:
        _order(number, level, known[parent].level, row, judged)


def _order(number: int, level: str, above: str | None, row: Mapping[str, str], judged: RosterJudgement) -> None:
    if above in LEVELS and LEVELS.index(above) >= LEVELS.index(level):
        judged.say(number, "level", "level_order", row["level"], row["parent"])


def _circles(rows: Rows, first: Mapping[str, int], judged: RosterJudgement) -> None:
    """Note each row from which the way up comes back to it."""
    for number, row in rows.items():
        seen, here = {row["code"]}, row["parent"]
        while here in first and here not in seen:
            seen.add(here)
            here = rows[first[here]]["parent"]
        if here == row["code"] and here != row["parent"]:
            judged.say(number, "parent", "circle", row["parent"])


def _names(session: Session, rows: Rows, known: Mapping[str, Unit], judged: RosterJudgement) -> None:
    """Note a name that another unit below the same one has."""
    parents = {known[row["parent"]].id: row["parent"] for row in rows.values() if row["parent"] in known}
    held = select(Unit.parent_id, Unit.search_key).where(Unit.parent_id.in_(parents), Unit.merged_at.is_(None))
    taken = {(parents[parent], key) for parent, key in session.execute(held) if parent in parents}
    for number, row in rows.items():
        key = (row["parent"], fold(row["name"]))
        if key in taken:
            judged.say(number, "name", "name_twice", row["name"])
        taken.add(key)


def _parents_first(rows: Rows, first: Mapping[str, int]) -> list[int]:
    def depth(number: int) -> int:
        steps, here = 0, rows[number]["parent"]
        while here in first and steps <= len(rows):
            steps, here = steps + 1, rows[first[here]]["parent"]
        return steps

    return sorted(rows, key=lambda number: (depth(number), number))


def _unit(row: Mapping[str, str]) -> UnitRow:
    short_name = row["short_name"] or roster_sheet.short(row["name"])
    return UnitRow(row["code"], row["name"], short_name[:100], roster_sheet.level(row["level"]) or "", row["parent"])
