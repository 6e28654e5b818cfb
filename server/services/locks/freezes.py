"""A freeze as a person reads it: what it holds, whether it is still what it was, what differs from today."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import AuditLine, Campaign, Freeze, FreezeLine
from server.services.audit.acts import Act
from server.services.locks.canonical import digest, root
from server.services.locks.naming import short_id
from server.services.locks.rows import Difference, Row, differences, mark, rows
from server.services.reports import gather
from server.services.units.scope import Scope


@dataclass(frozen=True, slots=True)
class FreezeCheck:
    """What the hash says. `altered`: records whose lines are not what was frozen.

    `erased`: by record, when its content was removed. `logged`: whether the audit log has the same hash; None if it
    has no line of it any more.
    """

    is_right: bool
    altered: list[str]
    erased: dict[str, int]
    records: int
    logged: bool | None

    @property
    def is_good(self) -> bool:
        """Nothing was altered, and the log does not say otherwise."""
        return self.is_right and self.logged is not False


@dataclass(frozen=True, slots=True)
class FrozenFigures:
    """A freeze and its head as data."""

    row: Freeze
    head: dict[str, Any]

    @property
    def rows(self) -> list[Row]:
        """The figures; the total first."""
        found: list[Row] = self.head["rows"]
        return found

    @property
    def silent(self) -> list[Row]:
        """The lowest units that had reported nothing."""
        return [row for row in self.rows if row["leaf"] and not row["own"] and row["silent"]]


def read(session: Session, scope: Scope, id_: str) -> FrozenFigures:
    """Return a freeze of a unit that the officer may see; else Problem `not_found`."""
    row = session.get(Freeze, id_)
    if row is None or not scope.may_see(row.unit_id):
        raise Problem("not_found")
    return FrozenFigures(row, json.loads(row.head))


def total_mark(row: Freeze) -> str:
    """Return the mark of the total, to compare it with what a page showed before the lock."""
    return mark(json.loads(row.head)["rows"][0])


def check(session: Session, found: FrozenFigures) -> FreezeCheck:
    """Compute the hash anew from what is stored, and compare it with the id, the row and the audit log."""
    lines = session.execute(
        select(FreezeLine.record_id, FreezeLine.sha256, FreezeLine.content, FreezeLine.erased_at).where(
            FreezeLine.freeze_id == found.row.id
        )
    ).all()
    altered = [line.record_id for line in lines if line.erased_at is None and digest(line.content) != line.sha256]
    sha256 = root(found.row.head, ((line.record_id, line.sha256) for line in lines))
    return FreezeCheck(
        is_right=not altered and sha256 == found.row.sha256 and short_id(sha256) == found.row.id,
        altered=sorted(altered),
        erased={line.record_id: line.erased_at for line in lines if line.erased_at is not None},
        records=len(lines),
        logged=_logged(session, found.row),
    )


def _logged(session: Session, row: Freeze) -> bool | None:
    theirs = AuditLine.about_kind == "unit", AuditLine.about_id == row.unit_id
    said = select(AuditLine.new).where(AuditLine.act == Act.FIGURES_LOCKED.value, *theirs)
    for text in session.scalars(said):
        new = json.loads(text)
        if new.get("freeze") == row.id:
            return row.sha256.startswith(str(new.get("hash")))
    return None


def since(session: Session, scope: Scope, found: FrozenFigures, mode: int) -> list[Difference]:
    """What today's figures have otherwise than the freeze."""
    campaign = session.get_one(Campaign, found.row.campaign_id)
    today = gather(session, scope, campaign, scope.today(found.row.unit_id), included=True)
    return differences(found.rows, rows(today), mode)
