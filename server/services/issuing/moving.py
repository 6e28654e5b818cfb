"""Before the signature figures change by a new lock: the report moves to it, its texts stay, and what moved is said."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Paper
from server.services.figures.table import Difference, differences
from server.services.issuing import papers
from server.services.locks import freezes
from server.services.units.scope import Scope


def differs(session: Session, scope: Scope, row: Paper, freeze: str, before: str = "") -> list[Difference]:
    """Return what another freeze has otherwise than the paper's, or than `before`; the total first."""
    old, new = (freezes.read(session, scope, each) for each in (before or row.freeze_id, freeze))
    return differences(old.table, new.table, new.counts, old.counts)


def to_newer(session: Session, row: Paper) -> None:
    """Move the paper to the figures that are locked now. Raises Problem `paper_no_newer`."""
    found = papers.newer(session, row)
    if found is None:
        raise Problem("paper_no_newer")
    row.freeze_id = found
    session.flush()
