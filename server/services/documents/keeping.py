"""Forms as they are kept: uploaded once, used by the unit and all below it, filled again at each export."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.clock import new_id, now_ms
from server.core.db import reading
from server.core.problem_details import Problem
from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode
from server.models import ReportForm, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.documents import placeholders, source, values
from server.services.documents.kinds import Choices, DocumentOrder, MadeDocument
from server.services.documents.placeholders import FormValues
from server.services.letterheads.profiles import may_edit
from server.services.photos import garbage_lock
from server.services.photos.images import sha256_of
from server.services.units.scope import Scope
from sync.errors import Refused

NAME_LENGTH: Final = 200
MOST: Final = 30
"""Most forms that a unit offers at a time."""
TYPES: Final = ("xlsx", "docx")
MOST_BYTES: Final = 5 * 1024**2
"""Most bytes of a form."""


def checked(path: Path) -> str:
    """Return the type of a form that can be filled. Raises Unfit. Takes seconds: call it outside a transaction."""
    if path.stat().st_size > MOST_BYTES:
        raise Unfit("form_too_large")
    kind = decode(Decoding.FORM, [path], **_said(placeholders.example()))
    if kind not in TYPES:
        raise Unfit("form_too_complex")
    return str(kind)


def filled(path: Path, found: FormValues, target: Path) -> None:
    """Write the filled form. Raises Unfit."""
    decode(Decoding.FILLED_FORM, [path], [target], **_said(found))


def _said(found: FormValues) -> dict[str, Any]:
    rows = [dict(row) for row in found.rows]
    return {"known": sorted(placeholders.known()), "rows": rows, "head": dict(found.head)}


def add(session: Session, scope: Scope, blobs: Blobs, unit_id: str, name: str, path: Path, kind: str) -> ReportForm:
    """Keep a form that `checked` accepted. Raises Problem `forbidden`, `form_unnamed`, `form_too_many`."""
    if not scope.may_see(unit_id):
        raise Problem("not_found")
    if not may_edit(scope, unit_id):
        raise Problem("forbidden")
    name = " ".join(name.split())
    if not name:
        raise Problem("form_unnamed", "name")
    if len(name) > NAME_LENGTH:
        raise Refused("too_long", "name")
    theirs = ReportForm.unit_id == unit_id, ReportForm.removed_at.is_(None)
    if (session.scalar(select(func.count()).where(*theirs)) or 0) >= MOST:
        raise Problem("form_too_many")
    row = ReportForm(id=new_id(), unit_id=unit_id, name=name, type=kind, officer_id=scope.officer_id, added_at=now_ms())
    row.sha256, row.size_bytes = sha256_of(path), path.stat().st_size
    session.add(row)
    log.append(session, Act.FORM_ADDED, ("unit", unit_id), new={"format": kind})
    session.flush()
    garbage_lock.vouch(session)
    blobs.put(row.sha256, path)
    return row


def remove(session: Session, scope: Scope, form_id: str) -> ReportForm:
    """Offer a form no longer. Its bytes stay: another unit may have the same. Raises Problem."""
    row = session.get(ReportForm, form_id)
    if row is None or row.removed_at is not None or not scope.may_see(row.unit_id):
        raise Problem("not_found")
    if not may_edit(scope, row.unit_id):
        raise Problem("forbidden")
    row.removed_at = now_ms()
    log.append(session, Act.FORM_REMOVED, ("unit", row.unit_id), old={"format": row.type})
    session.flush()
    return row


def offered(session: Session, scope: Scope, unit_id: str) -> list[ReportForm]:
    """Return the forms of a unit and of those above it, by name."""
    units = scope.chain(unit_id)
    there = ReportForm.removed_at.is_(None), or_(ReportForm.unit_id == unit_id, ReportForm.unit_id.in_(units))
    return list(session.scalars(select(ReportForm).where(*there).order_by(ReportForm.name, ReportForm.id)))


def check(session: Session, scope: Scope, unit_id: str, choices: Choices) -> None:
    """Raise Problem `not_found` for a form that is not offered to the unit."""
    source.check(session, scope, unit_id, choices)
    if str(choices.get("form")) not in {form.id for form in offered(session, scope, unit_id)}:
        raise Problem("not_found")


def make(order: DocumentOrder) -> MadeDocument:
    """Fill a form with the unit's figures. Raises Unfit."""
    with reading() as session:
        form = session.get(ReportForm, str(order.choices.get("form")))
        if form is None:
            raise Problem("not_found")
        session.expunge(form)
        campaign = order.campaign(session).name
        unit = session.get_one(Unit, order.unit_id).name
    report = source.report(order)
    path = order.folder / f"form.{form.type}"
    if not order.blobs.fetch(form.sha256, path):
        raise Unfit("form_lost")
    order.told(1, 3)
    made = order.folder / f"filled.{form.type}"
    filled(path, values.values(report, campaign, unit), made)
    name = placeholders.word_of(form.name).replace("_", "-")[:60] or "bieu-mau"
    return MadeDocument(made, f"{name}.{form.type}")
