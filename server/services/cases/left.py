"""The open cases that a merged unit left, by their codes alone: a paper of its own for who handles them now.

The minutes of the handover (reports/documents/dissolved.py) do not name it, so that nobody without the right learns
whether there is one. It has no category, day or task: the two offices compare codes with the paper files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import local, now_ms
from server.core.problem_details import required
from server.models import Unit
from server.services.cases import case_log, codes, rights, store
from server.services.installation import sample
from server.services.keyholders.vault import Vault
from server.services.letters.citing import official_day
from server.services.reports import letterheads, word, words
from server.services.reports.accounts import clock
from server.services.reports.additions import own_words
from server.services.reports.content import ListTable, Report, list_columns
from server.services.reports.documents import dissolved
from server.services.reports.documents.dissolved import ToSign
from server.services.reports.letterheads import within

text: Final = own_words(Path(__file__).parent / "left.vi.json")


def units(session: Session, officer_id: str) -> list[Unit]:
    """Return the merged units whose cases the officer handles."""
    gained = set(rights.handled(session, officer_id)) - set(rights.units_of(session, officer_id))
    found = (session.get_one(Unit, id_) for id_ in gained)
    return sorted((unit for unit in found if not unit.was_never), key=lambda unit: (unit.sort_key, unit.id))


def paper(session: Session, vault: Vault, officer_id: str, unit_id: str) -> tuple[str, bytes]:
    """Return its name and Word file, whether there are such cases or none. Raises Problem `not_found`."""
    old = required(next((unit for unit in units(session, officer_id) if unit.id == unit_id), None))
    held, unread = store.of_units(session, vault, [old.id])
    found = sorted(codes.written(each.data.code) for each in held if each.data.unit == old.id and each.data.is_open)
    report = _report(session, old, found, unread)
    return report.file_name, word.minutes(report, (text("party_from"), text("party_to")))


def note(vault: Vault, officer_id: str, unit_id: str) -> None:
    """Log that it was made."""
    case_log.note(vault, case_log.LEFT_LISTED, officer_id, unit=unit_id)


def _report(session: Session, old: Unit, found: list[str], unread: int) -> Report:
    at_ms = now_ms()
    new = old
    while new.merged_at is not None and new.parent_id is not None:
        new = session.get_one(Unit, new.parent_id)
    at, names = local(at_ms), {"old": within(old.name), "new": within(new.name)}
    head = letterheads.in_force(session, new, at.date())
    lines = tuple((str(place), code, word.DOTS) for place, code in enumerate(found, 1))
    table = ListTable("", list_columns((text("index"), text("code"), text("note")), (14, 66, 80)), lines, upright=True)
    said = [text("count", n=words.padded(len(found)), **names) if found else text("none", **names)]
    said += [text("unread", n=words.padded(unread))] if unread else []
    opening = (
        text("today"),
        *(text("giver", **names), text("person")),
        *(text("taker", **names), text("person")),
        text("agreed", time=clock(at), day=official_day(at.date())),
    )
    marks = (text("mark"), *((words.text("sample"),) if sample.is_demo(session) else ()))
    around = ToSign(text("title"), text("subject", **names), opening, text("closing"), text("kept"), marks)
    part = text("cases"), tuple(said), table
    return dissolved.to_sign(head, at_ms, around, [part], f"noi-bo-ban-giao-{dissolved.named(old.name)}.docx")
