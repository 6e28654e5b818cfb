"""A freeze as a person reads it: what it holds, whether it is still what it was, what differs from today."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.canonical import digest
from server.core.problem_details import Problem
from server.models import AuditLine, Campaign, Freeze, FreezeLine, Record
from server.services.audit.acts import Act
from server.services.figures import loading
from server.services.figures.table import (
    MODES,
    Counting,
    Difference,
    FigureRow,
    FigureTable,
    differences,
    from_plain,
    mark,
    scaled,
)
from server.services.locks.naming import root, short_id
from server.services.units.scope import Scope
from sync.amount import Amount
from sync.decision import PURGED
from sync.registry import Figure

AT_ONCE: Final = 1_000
"""Lines read at a time: a province has hundreds of thousands."""


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


@dataclass(frozen=True)
class FrozenFigures:
    """A freeze and its head as data. Its amounts are at today's scales: the head keeps the digits of its day (F-17)."""

    row: Freeze
    head: dict[str, Any]

    @cached_property
    def table(self) -> FigureTable:
        """The figures."""
        return from_plain(self.head["table"])

    @property
    def mode(self) -> str:
        """What the signatory chose of MODES."""
        return str(self.head["choice"]["count"])

    @property
    def counts(self) -> Counting:
        """Which amounts the signatory chose to show."""
        return self.counting(self.mode)

    def counting(self, mode: str) -> Counting:
        """The same with the other choice of what waits."""
        return Counting(MODES[mode], self.head["choice"]["stands_in"])

    @property
    def silent(self) -> list[FigureRow]:
        """The lowest units that had reported nothing."""
        return [row for row in self.table.rows if row.leaf and not row.own and row.silent]

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """By code: the figures as they were labelled and counted."""
        return {figure.code: figure for figure in self.table.figures}

    @cached_property
    def _scales(self) -> dict[str, int]:
        return {each["code"]: int(each["scale"]) for each in self.head["table"]["figures"]}

    def amount(self, code: str, digits: int) -> Amount:
        """Return an amount of a line or a total."""
        figure = self.figures.get(code)
        return scaled(figure, digits, self._scales[code]) if figure else Amount(digits)

    @cached_property
    def totals(self) -> list[dict[str, Any]]:
        """The totals without evidence behind the figures."""
        names = ("amount", "base", "records", "unsupported")
        return [
            each | {name: self.amount(each["figure"], each[name]) for name in names if name in each}
            for each in self.head["totals"]
        ]


def read(session: Session, scope: Scope, id_: str) -> FrozenFigures:
    """Return a freeze of a unit that the officer may see; else Problem `not_found`."""
    row = session.get(Freeze, id_)
    if row is None or not scope.may_see(row.unit_id):
        raise Problem("not_found")
    return of(row)


def of(row: Freeze) -> FrozenFigures:
    """Return a stored freeze, whoever asks."""
    return FrozenFigures(row, json.loads(row.head))


def total_mark(row: Freeze) -> str:
    """Return the mark of the total, to compare it with what a page showed before the lock."""
    return mark(of(row).table.total)


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


def since(session: Session, scope: Scope, found: FrozenFigures, mode: str) -> list[Difference]:
    """What today's figures have otherwise than the freeze."""
    campaign = session.get_one(Campaign, found.row.campaign_id)
    today = loading.load(session, scope, campaign, scope.today(found.row.unit_id))
    return differences(found.table, today, found.counting(mode))
