"""Documents made from a freeze: drafts, and what was presented, which is kept by its hash and served from then on.

Built again it has the same bytes: all that is in it, time stamps too, comes from the freeze. So its bytes may be
missing in the store (after a restore, say) without a loss. `issue` opens its own short transactions: drawing photos
takes seconds, and no transaction is open meanwhile.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.bulk import inserting, one_of
from server.core.clock import new_id, now_ms
from server.core.db import add_now, reading, writing
from server.core.problem_details import refuse_if
from server.models import Freeze, FreezeDocument, FreezeLine
from server.services.figures.table import MODES
from server.services.photos import garbage
from server.services.reports import evidence
from server.services.reports.content import Report
from server.services.reports.snapshot import freezes, supplement
from server.services.reports.snapshot.freezes import FrozenFigures, frozen_report, headed, with_evidence
from server.services.reports.text import passages, tokens
from server.services.reports.text.passages import Owner
from server.services.reports.text.sections import filled
from server.services.reports.words import text
from server.services.units.scope import Scope

_NO_PHOTO = '"photos":[]'


def hold(session: Session, freeze_ids: Collection[str]) -> None:
    """Advisory: keeping a document of these freezes excludes erasing a record in them, until the transaction ends."""
    session.execute(select(Freeze.id).where(Freeze.id.in_(freeze_ids)).order_by(Freeze.id).with_for_update())


def erase(session: Session, records: Mapping[str, int], _blobs: Blobs) -> list[str]:
    """Erase what freezes hold of these records; repeating it does nothing. The caller holds their streams' locks.

    Returns the hashes of documents that are gone; a record may have the same file. `records`: the moment of the order
    by record id. All freezes are held before anything is erased: two who erase never wait for each other.
    """
    standing = FreezeLine.erased_at.is_(None)
    parts = {
        at: one_of(FreezeLine.record_id, [id_ for id_, its in records.items() if its == at])
        for at in sorted(set(records.values()))
    }
    showing = {at: _showing(session, theirs) for at, theirs in parts.items()}
    hold(session, set[str]().union(*showing.values()))
    documents: list[FreezeDocument] = []
    for at, theirs in parts.items():
        shown = FreezeDocument.freeze_id.in_(showing[at]), FreezeDocument.erased_at.is_(None)
        for document in session.scalars(select(FreezeDocument).where(*shown)).all():
            document.erased_at = at
            documents.append(document)
        session.execute(update(FreezeLine).where(theirs, standing).values(content="", erased_at=at))
        session.flush()
    return [document.sha256 for document in documents]


def _showing(session: Session, theirs: ColumnElement[bool]) -> set[str]:
    """Return the freezes whose documents show or list one of these lines."""
    with_photo = ~FreezeLine.content.contains(_NO_PHOTO, autoescape=True)
    listed = [FreezeLine.content.contains(f'"kind":"{kind}"', autoescape=True) for kind in evidence.LISTED]
    shown = FreezeLine.erased_at.is_(None), or_(with_photo, *listed)
    return set(session.scalars(select(FreezeLine.freeze_id).where(theirs, *shown)))


log = logging.getLogger(__name__)
SINCE: Final = "since:"
"""Before the id of an earlier freeze: the form of a supplementary report."""


Write = Callable[[Session, Scope, FrozenFigures], Report]
"""Writes the report of another form than those of this module, from what never changes any more."""
Draw = Callable[[Report, FrozenFigures], bytes]
"""Makes the file of a report."""


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """A file to hand out, with the ids that the log names."""

    name: str
    data: bytes
    sha256: str
    unit: str
    campaign: str


def issue(  # whose, what, and how it is made
    officer_id: str, freeze_id: str, form: str, blobs: Blobs, write: Write, draw: Draw
) -> IssuedDocument:
    """Return what was presented of a freeze that the officer may see; the first one is kept.

    `form`: which one, `write` writes it, `draw` makes its file. Raises Problem `not_found`,
    OSError, and what `draw` does.
    """
    with reading() as session:
        scope = Scope(session, officer_id)
        found = freezes.read(session, scope, freeze_id)
        report = write(session, scope, found)
        kept = session.scalar(select(FreezeDocument.sha256).where(*_standing(freeze_id, form)))
        unit, campaign = found.row.unit_id, found.row.campaign_id
        gone = erased(session, freeze_id)
    data = _bytes(kept, blobs)
    if data is None:
        data = draw(report, found)
        if not _keep(FreezeDocument(freeze_id=freeze_id, form=form), data, kept, gone, blobs):
            return issue(officer_id, freeze_id, form, blobs, write, draw)
    return IssuedDocument(report.file_name, data, hashlib.sha256(data).hexdigest(), unit, campaign)


def kept(session: Session, freeze_id: str) -> dict[str, FreezeDocument]:
    """By form: the documents of a freeze that were handed out and are there."""
    query = select(FreezeDocument).where(FreezeDocument.freeze_id == freeze_id, FreezeDocument.erased_at.is_(None))
    return {row.form: row for row in session.scalars(query)}


def _standing(freeze_id: str, form: str) -> tuple[Any, ...]:
    return FreezeDocument.freeze_id == freeze_id, FreezeDocument.form == form, FreezeDocument.erased_at.is_(None)


def written(session: Session, scope: Scope, found: FrozenFigures, form: str, *, charts: bool = False) -> Report:
    """Return a draft of a freeze as data, with its lists and photos.

    `form`: one of MODES, or `since:` and the id of an earlier freeze. `charts`: with its charts, which a
    supplementary report has none of. Raises Problem `not_found` for an unknown form.
    """
    head = headed(session, found)
    if form.startswith(SINCE):
        made = supplement.report(session, freezes.read(session, scope, form.removeprefix(SINCE)), found, head)
        return _marked(made)
    refuse_if(form not in MODES, "not_found")
    counts = found.counting(form)
    texts = passages.texts(session, Owner(found.row.campaign_id, found.row.unit_id))
    values = tokens.automatic_texts(found.table, found.head["campaign"]["hotline"], counts).values
    made = frozen_report(found, head, counts, charts=charts)
    return _marked(with_evidence(session, found, filled(made, texts, values)))


def _marked(made: Report) -> Report:
    return replace(made, marks=(text("draft"), *made.marks))


def _bytes(sha256: str | None, blobs: Blobs) -> bytes | None:
    """Return the kept bytes; None if there are none, or not these."""
    file = blobs.open(sha256) if sha256 else None
    if file is None:
        return None
    with file:
        data = file.read()
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def _keep(made: FreezeDocument, data: bytes, kept: str | None, gone: int, blobs: Blobs) -> bool:
    """Keep a new document. `gone`: number of erased records when its content was read.

    Returns False if one was erased since: it may be in the document, which nobody may get.
    """
    made.sha256 = hashlib.sha256(data).hexdigest()
    if kept not in (None, made.sha256):  # another version of Loa or of a library draws it otherwise
        log.error("a document of freeze %s was built with other bytes than before", made.freeze_id)
        return True
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        blobs.put(made.sha256, Path(file.name))
    row = {"id": new_id(), "freeze_id": made.freeze_id, "form": made.form, "sha256": made.sha256, "made_at": now_ms()}
    with writing() as session:
        hold(session, [made.freeze_id])
        purged = erased(session, made.freeze_id) != gone
        if not purged:  # two who ask at once built the same bytes
            values = {**row, "erased_at": None}
            session.execute(inserting(session, FreezeDocument).values(values).on_conflict_do_nothing())
        else:
            garbage.drop(session, [made.sha256], blobs)
    return not purged


def keep_at_once(session: Session, made: FreezeDocument, data: bytes, gone: int, blobs: Blobs) -> bool:
    """Keep a new document in the transaction of what it is of. False if a record of its freeze was erased since."""
    hold(session, [made.freeze_id])
    if erased(session, made.freeze_id) != gone:
        return False
    made.id, made.sha256, made.made_at = new_id(), hashlib.sha256(data).hexdigest(), now_ms()
    add_now(session, made)
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        garbage.put(session, blobs, made.sha256, Path(file.name))
    return True


def purged_since(freeze_id: str, gone: int) -> bool:
    """True if a record of the freeze was erased since: it may be in a document, which nobody may get."""
    with reading() as session:
        return erased(session, freeze_id) != gone


def erased(session: Session, freeze_id: str) -> int:
    """Number of records of a freeze that were erased."""
    erased = select(func.count()).where(FreezeLine.freeze_id == freeze_id, FreezeLine.erased_at.is_not(None))
    return session.scalar(erased) or 0
