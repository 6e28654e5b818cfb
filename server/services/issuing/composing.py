"""A paper as plain data: the freeze's report with the paper's own settings and texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Paper
from server.services.issuing import outline, papers, settings
from server.services.issuing.papers import SUPPLEMENT
from server.services.issuing.settings import PaperSettings
from server.services.letterheads import LetterheadText
from server.services.locks import freezes, supplement
from server.services.locks import report as frozen_report
from server.services.locks.supplement import FollowedPaper
from server.services.narrative import automatic
from server.services.narrative.filling import filled
from server.services.narrative.sections import OWN
from server.services.reports import Annex, Report, legible, numbered, text
from server.services.units.scope import Scope

REASON: Final = f"{OWN}reason"
"""The text of a supplementary report that says why."""


def composed(session: Session, scope: Scope, row: Paper, texts: Mapping[str, str]) -> Report:
    """Return the report with these texts, without its photos and lists, as it is presented."""
    found = freezes.read(session, scope, row.freeze_id)
    said = settings.of(texts)
    base = base_report(session, scope, row, said.head)
    if row.kind != SUPPLEMENT:
        base = replace(base, sections=outline.arranged(base.sections, said.outline))
    values = automatic.made(found.table, found.head["campaign"]["hotline"], found.counts).values
    return legible(filled(_set(base, said), texts, values))


def base_report(session: Session, scope: Scope, row: Paper, head: LetterheadText) -> Report:
    """Return the report as the freeze and a letterhead make it, before the paper's texts."""
    found = freezes.read(session, scope, row.freeze_id)
    if not row.follows_id:
        return frozen_report.report(found, head)
    followed = papers.standing(session, papers.get(session, scope, row.follows_id))
    before, named = freezes.read(session, scope, followed.row.freeze_id), named_as(followed)
    if row.kind == SUPPLEMENT:
        made = supplement.report(session, before, found, head, named)
        why, *others = made.sections
        return replace(made, sections=(replace(why, code=REASON), *others))
    base = frozen_report.report(found, head)
    return _replacing(base, named, head.called, supplement.changes(session, before, found, base))


def named_as(followed: papers.PaperStanding) -> FollowedPaper:
    """Return how a later report names an issued one. Raises Problem `paper_step` if it has no number yet."""
    issued = followed.issued
    if issued is None or issued.doc_date is None:
        raise Problem("paper_step")
    dated = text("followed_named_dated", number=issued.doc_number, **_spelt(issued.doc_date))
    return FollowedPaper(text("followed_named", number=issued.doc_number), dated)


def _spelt(day: date) -> dict[str, object]:
    """Days below 10 and months 1 and 2 have a leading zero (Decree 30/2020)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return {"day": f"{day.day:02d}", "month": month, "year": str(day.year)}


def _replacing(base: Report, named: FollowedPaper, body: str, changes: tuple[Annex, ...]) -> Report:
    """A whole report that says which one it replaces, with the table of what differs before its photos."""
    *others, photos = base.annexes
    annexes = numbered((*others, *changes, photos))
    number = annexes[len(others)].number.split()[-1]
    says = text("replacement_opening" if changes else "replacement_same", paper=named.dated, body=body, annex=number)
    return replace(
        base,
        subject=text("replacement_subject", subject=base.subject, paper=named.name),
        opening=(*base.opening, says),
        annexes=annexes,
        file_name=base.file_name.replace("bao-cao-", "bao-cao-thay-the-", 1),
    )


def _set(base: Report, said: PaperSettings) -> Report:
    """The settings in place of those of the campaign."""
    bases = [text("opening_bases", bases=_listed(said.bases))] if said.bases else []
    own = _without_bases(base)
    return replace(
        base,
        subject=said.subject or base.subject,
        to=_to(said.to),
        opening=(*bases, *own),
        recipients=(base.recipients[0], *(said.recipients or base.recipients[1:])),
    )


def _without_bases(base: Report) -> tuple[str, ...]:
    """The opening without the campaign's own bases, which are its first sentence if it has any."""
    start, _, _ = text("opening_bases", bases="\0").partition("\0")
    return tuple(said for place, said in enumerate(base.opening) if place or not said.startswith(start))


def _to(lines: tuple[str, ...]) -> str:
    if len(lines) < 2:
        return text("to", to=lines[0] if lines else text("nobody"))
    ends = (*(";" for _ in lines[1:]), ".")
    listed = "".join(f"\n- {line.rstrip(';. ')}{end}" for line, end in zip(lines, ends, strict=True))
    return text("to", to=listed).replace(": \n", ":\n")


def _listed(bases: tuple[str, ...]) -> str:
    *others, last = (base.rstrip(";. ") for base in bases)
    return f"{'; '.join(others)} và {last}" if others else last
