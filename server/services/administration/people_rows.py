"""Judge a list of people: user names, known units, and roles that the officer may give there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Officer, Unit
from server.services.administration import person_form, roster_sheet
from server.services.administration.roster_faults import RosterJudgement, texts
from server.services.administration.roster_sheet import COLUMNS, PEOPLE, ReadRoster
from server.services.administration.unit_rows import in_force
from server.services.units.scope import Scope

_CODE_LENGTHS: Final = (2, 3, 5)
"""Of provinces, districts and communes: Excel drops the zeros that a code begins with."""


@dataclass(frozen=True, slots=True)
class JudgedPerson:
    """An account that would be made."""

    row: int
    name: str
    username: str
    unit: Unit
    role: str
    phone: str


def judge(session: Session, scope: Scope, read: ReadRoster) -> tuple[list[JudgedPerson], RosterJudgement]:
    """Return the accounts that would be made if there are no faults, and all faults."""
    columns = COLUMNS[PEOPLE]
    judged = RosterJudgement(dict(zip((each.name for each in columns), read.letters, strict=True)))
    rows = texts(read, columns, judged)
    units = in_force(session, scope, {code for row in rows.values() for code in _codes(row["unit"])})
    taken = _taken(session, (row["username"] for row in rows.values()))
    first: dict[str, int] = {}
    good = []
    for number, row in rows.items():
        username = person_form.username(row["username"])
        if username is None:
            judged.say(number, "username", "username_form", row["username"])
        elif username in first:
            judged.say(number, "username", "twice", username, str(first[username]))
        elif username in taken:
            judged.say(number, "username", "username_taken", username)
        if username:
            first.setdefault(username, number)
        unit = _unit(row["unit"], units)
        role = _role(scope, number, row, unit, judged)
        phone = person_form.phone(row["phone"])
        if phone is None:
            judged.say(number, "phone", "phone", row["phone"])
        if unit and role and username:
            good.append(JudgedPerson(number, row["name"], username, unit, role, phone or ""))
    judged.sort()
    return good, judged


def _role(scope: Scope, number: int, row: Mapping[str, str], unit: Unit | None, judged: RosterJudgement) -> str | None:
    role = roster_sheet.role(row["role"])
    if unit is None:
        judged.say(number, "unit", "no_unit", row["unit"])
    elif not scope.may_administer(unit.id):
        judged.say(number, "unit", "not_yours", row["unit"])
    if role is None:
        judged.say(number, "role", "role", row["role"])
    return role


def _codes(code: str) -> list[str]:
    """Return the code, and what it may have been before Excel took it for a number."""
    return [code, *(code.zfill(length) for length in _CODE_LENGTHS if code.isdecimal())]


def _unit(code: str, units: Mapping[str, Unit]) -> Unit | None:
    """Return the unit; None if zeros that Excel may have taken away make several units of the code."""
    found = {units[each].id: units[each] for each in _codes(code) if each in units}
    return next(iter(found.values())) if len(found) == 1 else None


def _taken(session: Session, typed: Iterable[str]) -> set[str]:
    wanted = {name for name in map(person_form.username, typed) if name}
    return set(session.scalars(select(Officer.username).where(one_of(Officer.username, wanted))))
