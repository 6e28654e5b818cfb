"""The report that a document is made from: the figures as they are now, or a freeze."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from server.core.db import reading
from server.core.problem_details import Problem
from server.services.documents.kinds import Choices, DocumentOrder
from server.services.figures.table import MODES, Counting
from server.services.locks import documents as frozen_documents
from server.services.locks import freezes
from server.services.narrative import filling
from server.services.reports import Report, annexes, draft
from server.services.reports.draft import MostShown
from server.services.reports.listings import MOST_LISTED
from server.services.units.scope import Scope

PHOTOS: Final = (0, 6, 60, 300, 900)
"""How many photos a sheet may have, as people choose it."""
USUAL_PHOTOS: Final = annexes.USUAL_PHOTOS


def check(session: Session, scope: Scope, unit_id: str, choices: Choices) -> None:
    """Raise Problem `not_found` for a freeze of another unit, a count, annexes or a number of photos not offered."""
    if choices.get("photos", USUAL_PHOTOS) not in PHOTOS or choices.get("count", "") not in ("", *MODES):
        raise Problem("not_found")
    if not {*choices.get("annexes", ())} <= {*annexes.CHOICES}:
        raise Problem("not_found")
    freeze = choices.get("freeze")
    if freeze and freezes.read(session, scope, str(freeze)).row.unit_id != unit_id:
        raise Problem("not_found")


def report(order: DocumentOrder, *, photos: bool = False, lines: int = MOST_LISTED) -> Report:
    """Return the report, with what people wrote in it; of the figures as they are now with its photos only if asked.

    A freeze has the photos and the lists that it has. Without a `count` it shows what was chosen at the lock. `lines`:
    most lines of its lists.
    """
    with reading() as session:
        scope = order.scope(session)
        freeze = order.choices.get("freeze")
        if freeze:
            found = freezes.read(session, scope, str(freeze))
            return frozen_documents.written(session, scope, found, str(order.choices.get("count") or found.mode))
        most = int(order.choices.get("photos", USUAL_PHOTOS)) if photos else 0
        counts = Counting(MODES[str(order.choices.get("count") or "counted")])
        campaign, unit = order.campaign(session), order.unit_id
        read = draft.basis(session, scope, campaign, unit, most=MostShown(most, lines))
        return filling.today(session, scope, campaign, unit, draft.written(read, counts))
