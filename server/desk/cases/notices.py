"""The neutral line for who has the right: something is due. It says not what, and nothing to anybody else."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.desk.annex.opened import vault_in
from server.desk.guard import Me
from server.desk.page import Notice
from server.services.cases import finding, rights


@dataclass(frozen=True, slots=True)
class CaseNotice:
    """`due`: something is due within a week, or overdue."""

    due: bool


def _read(session: Session, me: Me) -> CaseNotice | None:
    if not rights.units_of(session, me.id):
        return None
    return CaseNotice(finding.is_due(session, vault_in(session), me.id))


DUE = Notice("desk/cases/due_notice.html", _read)
