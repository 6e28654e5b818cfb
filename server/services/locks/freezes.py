"""A freeze as a person reads it: what it holds, whether it is still what it was, what differs from today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import AuditLine, Campaign, Freeze, FreezeLine, Record
from server.services.audit.acts import Act
from server.services.locks.canonical import digest, root
from server.services.locks.naming import short_id
from server.services.locks.rows import AMOUNTS, Counting, Difference, Row, counting, differences, mark, rows
from server.services.reports import gather
from server.services.units.scope import Scope
from sync.amount import Amount
from sync.decision import PURGED
from sync.registry import KINDS
from sync.unit_figures import every_figure

AT_ONCE: Final = 1_000
"""Lines read at a time: a province has hundreds of thousands."""
_FIGURES: Final = frozenset(figure.code for figure in every_figure())


@dataclass(frozen=True, slots=True)
class FreezeCheck:
    """What the hash says. `altered`: records whose lines are not what was frozen, or are empty without a purge.

    `erased`: by record, when its content was removed. `logged`: whether the audit log has the same hash; None if it
    has no line of it any more.
    """

    is_right: bool
    altered: list[str]
    erased: dict[str, int]
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
    def mode(self) -> str:
        """What the signatory chose of rows.MODES; an older freeze has no choice."""
        return str(self.head.get("choice", {}).get("count", "counted"))

    @property
    def stands_in(self) -> bool:
        """True if totals without evidence are in the amounts."""
        return counting(self.head).stands_in

    @property
    def silent(self) -> list[Row]:
        """The lowest units that had reported nothing."""
        return [row for row in self.rows if row["leaf"] and not row["own"] and row["silent"]]


def read(session: Session, scope: Scope, id_: str) -> FrozenFigures:
    """Return a freeze of a unit that the officer may see; else Problem `not_found`."""
    row = session.get(Freeze, id_)
    if row is None or not scope.may_see(row.unit_id):
        raise Problem("not_found")
    return FrozenFigures(row, head_of(row))


def head_of(row: Freeze) -> dict[str, Any]:
    """Return the head as data, its amounts at today's scales (SPEC F-17): a freeze keeps the digits of its day."""
    head: dict[str, Any] = json.loads(row.head)
    for each in head["rows"]:
        each["cells"] = {
            code: [scaled(head, code, said) if place in AMOUNTS else said for place, said in enumerate(cell)]
            for code, cell in each["cells"].items()
        }
    for each in head.get("totals", ()):
        for name in ("amount", "base", "records", "unsupported"):
            if name in each:
                each[name] = scaled(head, each["figure"], each[name])
    return head


def scaled(head: Mapping[str, Any], code: str, digits: int) -> Amount:
    """Return an amount of a freeze at today's scale of its figure. A figure that is no more keeps its own."""
    then = int(head["rules"]["figures"].get(code, {}).get("scale", 0))
    if code not in _FIGURES:
        return Amount(digits, then)
    now = KINDS.amount(code, 0).scale
    return KINDS.amount(code, digits * 10 ** max(0, now - then) // 10 ** max(0, then - now))


def total_mark(row: Freeze) -> str:
    """Return the mark of the total, to compare it with what a page showed before the lock."""
    return mark(head_of(row)["rows"][0])


def check(session: Session, found: FrozenFigures) -> FreezeCheck:
    """Compute the hash anew from what is stored, and compare it with the id, the row and the audit log."""
    columns = FreezeLine.record_id, FreezeLine.sha256, FreezeLine.content, FreezeLine.erased_at, Record.state
    query = select(*columns).join(Record, Record.id == FreezeLine.record_id)
    lines = session.execute(query.where(FreezeLine.freeze_id == found.row.id).execution_options(yield_per=AT_ONCE))
    hashes: list[tuple[str, str]] = []
    altered: list[str] = []
    erased: dict[str, int] = {}
    for line in lines:
        hashes.append((line.record_id, line.sha256))
        if line.erased_at is not None and line.state == PURGED:
            erased[line.record_id] = line.erased_at
        elif digest(line.content) != line.sha256:
            altered.append(line.record_id)
    sha256 = root(found.row.head, hashes)
    return FreezeCheck(
        is_right=not altered and sha256 == found.row.sha256 and short_id(sha256) == found.row.id,
        altered=sorted(altered),
        erased=erased,
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
    today = gather(session, scope, campaign, scope.today(found.row.unit_id))
    return differences(found.rows, rows(today), Counting(mode, found.stands_in))
