"""Cases read and written, each whole. Who may is asked here: no other file of the package loads a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.db import add_now
from server.core.problem_details import Problem, refuse_if, required
from server.models import Campaign, CaseFile
from server.services.cases import codes, remaining, rights, sealing
from server.services.cases.data import CaseData
from server.services.keyholders.vault import Vault


@dataclass
class HeldCase:
    """A case with its row. `data` is changed and then kept by `save`."""

    row: CaseFile
    data: CaseData

    @property
    def id(self) -> str:
        """Its internal id, by which pages and logs name it."""
        return self.row.id


def add(session: Session, vault: Vault, id_: str, data: CaseData) -> HeldCase:
    """Store a new case."""
    row = CaseFile(id=id_, number=0, unit_tag="", received_tag="", code_tag="", key_id="", sealed="")
    held = HeldCase(row, data)
    _fill(session, vault, held)
    add_now(session, row)
    return held


def save(session: Session, vault: Vault, held: HeldCase, among: Sequence[Campaign] | None = None) -> None:
    """Store what was changed. The case of the same person that counts instead has another remainder then.

    `among`: all campaigns, for a caller that saves many cases.
    """
    _fill(session, vault, held, among)
    session.flush()
    first = session.get(CaseFile, held.data.counts_as) if held.data.counts_as else None
    if first is not None:
        with suppress(Problem):
            counted = opened(vault, first)
            remaining.of(session, vault, first, counted.data, partners(session, vault, [counted]), among)
            session.flush()


def _fill(session: Session, vault: Vault, held: HeldCase, among: Sequence[Campaign] | None = None) -> None:
    row, data = held.row, held.data
    vault.need_open()
    made = sealing.seal(vault, place(row.id), data.plain)
    row.key_id, row.sealed, row.number = made.key_id, made.text, row.number + 1
    row.unit_tag, row.received_tag = vault.tag("unit", data.unit), vault.tag("unit", data.received_by)
    row.code_tag, row.recoded = vault.tag("code", data.code), ""
    remaining.of(session, vault, row, data, partners(session, vault, [held]), among)


def opened(vault: Vault, row: CaseFile) -> HeldCase:
    """Return a row opened, with the code that a restore gave it. Raises Problem `case_unreadable`, `case_locked`."""
    data = CaseData.of(sealing.opened(vault, place(row.id), row.key_id, row.sealed))
    if row.recoded:
        data.code = restored_code(vault, row.recoded)
    return HeldCase(row, data)


def restored_code(vault: Vault, noted: str) -> str:
    """Return the code of a noted text (restoring.py); a random one where it cannot be read."""
    was, key_id, text = noted.split(" ")
    try:
        return str(sealing.opened(vault, code_place(was), key_id, text))
    except Problem as refused:
        if refused.code == "case_locked":
            raise
        return codes.new()


def get(session: Session, vault: Vault, officer_id: str, id_: str) -> HeldCase:
    """Return a case of a unit to which the officer has the right; else Problem `not_found`, as for one that is not.

    Both ask the database the same, so that the time tells nothing.
    """
    theirs = vault.tags("unit", *rights.handled(session, officer_id))
    row = required(session.get(CaseFile, id_))
    refuse_if(row.unit_tag not in theirs, "not_found")
    return opened(vault, row)


def hold(session: Session, vault: Vault, officer_id: str, id_: str, number: int) -> HeldCase:
    """Return a case to change it, as the page showed it: its `number`. Raises Problem `not_found`, `case_moved`."""
    session.get(CaseFile, id_, with_for_update=True, populate_existing=True)
    held = get(session, vault, officer_id, id_)
    refuse_if(held.row.number != number, "case_moved")
    return held


def lock(session: Session, ids: Sequence[str]) -> None:
    """Lock these cases, whose ids are sorted, so that two who lock the same ones never wait for each other."""
    for id_ in ids:
        session.get(CaseFile, id_, with_for_update=True, populate_existing=True)


def coded(session: Session, vault: Vault, code: str) -> HeldCase | None:
    """Return the case with this code, whatever its unit: who has the code on paper holds it."""
    row = session.scalar(select(CaseFile).where(CaseFile.code_tag.in_(vault.tags("code", code))))
    return opened(vault, row) if row is not None else None


def fresh_code(session: Session, vault: Vault) -> str:
    """Return a random code that no case has."""
    code = codes.new()
    while coded(session, vault, code) is not None:  # once in a million provinces
        code = codes.new()
    return code


def partners(session: Session, vault: Vault, cases: Iterable[HeldCase]) -> Mapping[str, CaseData]:
    """Return the cases that are of the same person as one of these, by id; without those that cannot be read."""
    wanted, found = {other for each in cases for other in each.data.same}, {}
    for row in session.scalars(select(CaseFile).where(one_of(CaseFile.id, wanted))):
        with suppress(Problem):
            found[row.id] = opened(vault, row).data
    return found


def of_units(session: Session, vault: Vault, unit_ids: Iterable[str]) -> tuple[list[HeldCase], int]:
    """Return the cases that these units have or received, and how many cannot be read."""
    wanted = vault.tags("unit", *unit_ids)
    theirs = or_(one_of(CaseFile.unit_tag, wanted), one_of(CaseFile.received_tag, wanted))
    found, unread = [], 0
    for row in session.scalars(select(CaseFile).where(theirs)):
        try:
            found.append(opened(vault, row))
        except Problem:
            unread += 1
    return found, unread


def place(id_: str) -> str:
    """Return the associated data of a case's seal."""
    return f"case_file:{id_}:sealed"


def code_place(tag: str) -> str:
    """Return the associated data of the code that took the place of a void one, by the tag of that one."""
    return f"case_code:{tag}:now"
