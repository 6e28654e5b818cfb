"""Cases read and written, each whole. Who may is asked here: no other file of the package loads a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import CaseFile
from server.services.cases import codes, rights, sealing
from server.services.cases.data import CaseData

IN_LIST = 500


@dataclass
class HeldCase:
    """A case with its row. `data` is changed and then kept by `save`."""

    row: CaseFile
    data: CaseData

    @property
    def id(self) -> str:
        """Its internal id, by which pages and logs name it."""
        return self.row.id


def add(session: Session, ring: Keyring, id_: str, data: CaseData) -> HeldCase:
    """Store a new case."""
    row = CaseFile(id=id_, number=0, unit_tag="", received_tag="", code_tag="", key_id="", sealed="")
    held = HeldCase(row, data)
    _fill(ring, held)
    session.add(row)
    session.flush()
    return held


def save(session: Session, ring: Keyring, held: HeldCase) -> None:
    """Store what was changed."""
    _fill(ring, held)
    session.flush()


def _fill(ring: Keyring, held: HeldCase) -> None:
    row, data = held.row, held.data
    made = sealing.seal(ring, place(row.id), data.plain)
    row.key_id, row.sealed, row.number = made.key_id, made.text, row.number + 1
    row.unit_tag = sealing.tag(ring, "unit", data.unit)
    row.received_tag = sealing.tag(ring, "unit", data.received_by)
    row.code_tag = sealing.tag(ring, "code", data.code)


def opened(ring: Keyring, row: CaseFile) -> HeldCase:
    """Return a row opened. Raises Problem `case_unreadable`."""
    return HeldCase(row, CaseData.of(sealing.opened(ring, place(row.id), row.key_id, row.sealed)))


def get(session: Session, ring: Keyring, officer_id: str, id_: str) -> HeldCase:
    """Return a case of a unit to which the officer has the right; else Problem `not_found`, as for one that is not.

    Both ask the database the same, so that the time tells nothing.
    """
    theirs = sealing.tags(ring, "unit", *rights.handled(session, officer_id))
    row = session.get(CaseFile, id_)
    if row is None or row.unit_tag not in theirs:
        raise Problem("not_found")
    return opened(ring, row)


def hold(session: Session, ring: Keyring, officer_id: str, id_: str, number: int) -> HeldCase:
    """Return a case to change it, as the page showed it: its `number`. Raises Problem `not_found`, `case_moved`."""
    session.get(CaseFile, id_, with_for_update=True, populate_existing=True)
    held = get(session, ring, officer_id, id_)
    if held.row.number != number:
        raise Problem("case_moved")
    return held


def lock(session: Session, ids: Sequence[str]) -> None:
    """Lock these cases, whose ids are sorted, so that two who lock the same ones never wait for each other."""
    for id_ in ids:
        session.get(CaseFile, id_, with_for_update=True, populate_existing=True)


def coded(session: Session, ring: Keyring, code: str) -> HeldCase | None:
    """Return the case with this code, whatever its unit: who has the code on paper holds it."""
    row = session.scalar(select(CaseFile).where(CaseFile.code_tag.in_(sealing.tags(ring, "code", code))))
    return opened(ring, row) if row is not None else None


def fresh_code(session: Session, ring: Keyring) -> str:
    """Return a random code that no case has."""
    code = codes.new()
    while coded(session, ring, code) is not None:  # once in a million provinces
        code = codes.new()
    return code


def partners(session: Session, ring: Keyring, cases: Iterable[HeldCase]) -> Mapping[str, CaseData]:
    """Return the cases that are of the same person as one of these, by id; without those that cannot be read."""
    wanted = sorted({other for each in cases for other in each.data.same})
    found = {}
    for start in range(0, len(wanted), IN_LIST):
        for row in session.scalars(select(CaseFile).where(CaseFile.id.in_(wanted[start : start + IN_LIST]))):
            with suppress(Problem):
                found[row.id] = opened(ring, row).data
    return found


def of_units(session: Session, ring: Keyring, unit_ids: Iterable[str]) -> tuple[list[HeldCase], int]:
    """Return the cases that these units have or received, and how many cannot be read."""
    wanted = sealing.tags(ring, "unit", *unit_ids)
    rows: dict[str, CaseFile] = {}
    for start in range(0, len(wanted), IN_LIST):
        some = wanted[start : start + IN_LIST]
        theirs = select(CaseFile).where(or_(CaseFile.unit_tag.in_(some), CaseFile.received_tag.in_(some)))
        rows |= {row.id: row for row in session.scalars(theirs)}
    found, unread = [], 0
    for row in rows.values():
        try:
            found.append(opened(ring, row))
        except Problem:
            unread += 1
    return found, unread


def place(id_: str) -> str:
    """Return the associated data of a case's seal."""
    return f"case_file:{id_}:sealed"
