"""The supplementary report after issue (Decree 30/2020, Article 18): two freezes of a unit, and what differs.

đã báo cáo / nay báo cáo / chênh lệch / lý do, first for the total, then unit by unit. The reason in a row is what is
known of the records behind it; why the figures were unlocked is in the text, as the level above gave it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import refuse_if
from server.models import FreezeLine, LockStep, Officer, Record, Stream, TotalStep
from server.services.figures.table import Difference, differences
from server.services.records.projection import BUCKETS
from server.services.reports import letterheads, words
from server.services.reports.content import Annex, ChangeLine, Report, Section, numbered
from server.services.reports.letterheads import LetterheadText
from server.services.reports.snapshot import freezes
from server.services.reports.snapshot.freezes import FrozenFigures, spoken
from server.services.reports.snapshot.steps import LockAct
from server.services.reports.words import dotted, legible, padded, text
from sync.figures import every_figure
from sync.registry import KINDS, Figure

Changes = Mapping[tuple[str, str], list[str]]
"""By (unit, figure): what was done, oldest first, in words."""


def totals_changed(session: Session, before: FrozenFigures, after: FrozenFigures) -> Changes:
    """Read the steps between the two."""
    old, new = ({(each["unit"], each["figure"]): each["number"] for each in found.totals} for found in (before, after))
    query = select(TotalStep, Stream.unit_id, Officer.name).join(Stream, Stream.id == TotalStep.stream_id)
    query = query.join(Officer, Officer.id == TotalStep.officer_id)
    here = Stream.campaign_id == after.row.campaign_id, Stream.unit_id.in_({*before.head["tree"], *after.head["tree"]})
    found: dict[tuple[str, str], list[str]] = {}
    for step, unit, name in session.execute(query.where(*here).order_by(TotalStep.number)):
        place = unit, step.figure
        is_later = step.number > old[place] if place in old else step.at > before.row.at
        is_in = step.number <= new[place] if place in new else step.at <= after.row.at
        if is_later and is_in:
            said = f"{name}: {step.reason}" if step.reason else name
            found.setdefault(place, []).append(words.text(f"total_{step.act}", by=said))
    return found


# The records behind two freezes, for the reasons in a supplementary report; and why the figures were unlocked.
#
# What counts is what the signatory chose: with "kể cả chờ duyệt", records that wait count too.
AT_ONCE = 1_000
"""Rows read at a time: a province has hundreds of thousands."""


@dataclass(frozen=True, slots=True)
class CountedRecords:
    """The counted records of a freeze: by (unit, figure) what each adds, and those that were erased since.

    `amounts`: the amount, and for a figure of distinct values the hash of the value. `erased`: whether one of them was
    counted, nobody knows any more; its unit and kind are known.
    """

    amounts: Mapping[tuple[str, str], Mapping[str, tuple[int, str]]]
    erased: Mapping[tuple[str, str], frozenset[str]]


def counted(session: Session, found: FrozenFigures) -> CountedRecords:
    """Read the counted records of a freeze."""
    buckets = BUCKETS[: 1 + found.counts.included]
    amounts: dict[tuple[str, str], dict[str, tuple[int, str]]] = {}
    erased: dict[tuple[str, str], frozenset[str]] = {}
    lines = select(FreezeLine.record_id, FreezeLine.content, Record.kind, Stream.unit_id)
    lines = lines.join(Record, Record.id == FreezeLine.record_id).join(Stream, Stream.id == Record.stream_id)
    theirs = lines.where(FreezeLine.freeze_id == found.row.id)
    for record, content, kind, unit in session.execute(theirs.execution_options(yield_per=AT_ONCE)):
        if not content:
            for code in _fed(kind):
                erased[unit, code] = erased.get((unit, code), frozenset()) | {record}
            continue
        said: dict[str, Any] = json.loads(content)
        if said["bucket"] in buckets:
            for code, amount in said["amounts"].items():
                amounts.setdefault((said["unit"], code), {})[record] = (
                    found.amount(code, amount),
                    said["keys"].get(code, ""),
                )
    return CountedRecords(amounts, erased)


def _fed(kind: str) -> set[str]:
    known = KINDS.get(kind)
    return {figure.code for figure in known.figures} if known else set()


def reasons(session: Session, before: FrozenFigures, after: FrozenFigures) -> tuple[str, ...]:
    """Why the level above unlocked the figures between the two, oldest first."""
    theirs = LockStep.unit_id == after.row.unit_id, LockStep.campaign_id == after.row.campaign_id
    between = LockStep.number > before.head["step"], LockStep.number < after.head["step"]
    query = select(LockStep.reason).where(*theirs, *between, LockStep.act.in_((LockAct.UNLOCK, LockAct.REOPEN)))
    return tuple(session.scalars(query.order_by(LockStep.number)))


LANG: Final = "vi"
ROLES: Final = {True: "total", False: "unit"}
_FED_BY: Final = {figure.code: figure.units_of for figure in every_figure() if figure.units_of}
"""Figures that count units: the figure whose records they count the units of."""


@dataclass(frozen=True, slots=True)
class FollowedPaper:
    """How the report that is supplemented is named: without its date, and with it."""

    name: str
    dated: str


def unnamed(symbol: str) -> FollowedPaper:
    """Return the names of a report whose number nobody recorded: blanks to fill in. `symbol`: as in BC-UBND."""
    return FollowedPaper(text("followed", symbol=symbol), text("followed_dated", symbol=symbol))


def report(
    session: Session,
    before: FrozenFigures,
    after: FrozenFigures,
    head: LetterheadText,
    followed: FollowedPaper | None = None,
) -> Report:
    """The report. Raises Problem `not_found` unless `before` is an earlier freeze of the same unit and campaign."""
    base = freezes.frozen_report(after, head)
    changed = _changed(before, after)
    name, paper, called = words.quoted(after.head["campaign"]["name"]), followed or unnamed(head.symbol), head.called
    annexes = changes(session, before, after, base)
    whole = [each for each in changed if _is_total(each, after)]
    why = reasons(session, before, after)
    made = replace(
        base,
        subject=text("supplement_subject", campaign=name, paper=paper.name),
        opening=(
            *base.opening[:-1],
            text("supplement_opening", body=called, campaign=name, paper=paper.dated),
        ),
        sections=_sections(why, tuple(_totals(whole, before, after)), any_line=bool(annexes)),
        closing=text("supplement_closing", body=called, campaign=name),
        file_name=base.file_name.replace("bao-cao-", "bao-cao-bo-sung-", 1),
        annexes=annexes,
    )
    return legible(made)


def changes(session: Session, before: FrozenFigures, after: FrozenFigures, base: Report) -> tuple[Annex, ...]:
    """The annex of what differs: đã báo cáo, nay báo cáo, chênh lệch, lý do. None if nothing does. `base`: the report.

    Raises Problem `not_found` as `report` does.
    """
    lines = tuple(_lines(session, before, after, _changed(before, after)))
    if not lines:
        return ()
    title = text("annex_changes", unit=letterheads.within(after.table.unit.name))
    return numbered([Annex("", title, base.annexes[0].attached, notes=(_bases(before, after),), changes=lines)])


def _changed(before: FrozenFigures, after: FrozenFigures) -> list[Difference]:
    old, new = before.row, after.row
    same = (old.unit_id, old.campaign_id) == (new.unit_id, new.campaign_id)
    refuse_if(not same or before.head["step"] >= after.head["step"], "not_found")  # a clock may be set back
    return differences(before.table, after.table, after.counts, before.counts)


def _sections(reasons: tuple[str, ...], totals: tuple[str, ...], *, any_line: bool) -> tuple[Section, ...]:
    said = totals or (text("supplement_same" if any_line else "supplement_nothing"),)
    rest = (text("supplement_rest"),) if any_line else ()
    return (
        Section("I.", text("supplement_reason"), reasons, blank=not reasons),
        Section("II.", text("supplement_figures"), (*said, *rest)),
    )


def _totals(whole: list[Difference], before: FrozenFigures, after: FrozenFigures) -> Iterator[str]:
    old, new = _Side(before), _Side(after)
    for each in whole:
        figure = _figure(each.code, before, after)
        key = "supplement_total"
        if new.is_nil(each):
            key = "supplement_total_nil" if each.before is not None else "supplement_total_nil_new"
        elif old.is_nil(each):
            key = "supplement_total_was_nil"
        elif each.before is None:
            key = "supplement_total_new"
        elif each.after is None:
            key = "supplement_total_gone"
        values = {"before": dotted(each.before or 0), "after": dotted(each.after or 0), "change": _signed(each.change)}
        yield text(key, label=_label(figure, each), unit=figure.unit[LANG], **values)


def _label(figure: Figure, each: Difference) -> str:
    label = figure.label[LANG]
    return text("unsupported_column", label=label) if each.apart else label


def _lines(
    session: Session, before: FrozenFigures, after: FrozenFigures, changed: list[Difference]
) -> Iterator[ChangeLine]:
    old, new = (_Side(found, counted(session, found)) for found in (before, after))
    changes = totals_changed(session, before, after)
    index = 0
    for each in changed:
        is_total = _is_total(each, after)
        index += not is_total
        figure = _figure(each.code, before, after)
        name = text("total") if is_total else each.name + (f" ({text('own_bare').lower()})" if each.own else "")
        yield ChangeLine(
            role=ROLES[is_total],
            index="" if is_total else str(index),
            name=name,
            figure=f"{_label(figure, each)} ({figure.unit[LANG]})",
            before=old.said(each),
            after=new.said(each),
            change=_signed(each.change),
            reason=_why(old, new, each, changes),
        )


class _Side:
    """One of the two freezes: its rows, the units below each unit, and the records and totals behind its figures."""

    def __init__(self, found: FrozenFigures, records: CountedRecords | None = None) -> None:
        self._cells = {(row.unit.id, row.own): row.cells for row in found.table.rows}
        self._below = _below(found)
        self._records = records or CountedRecords({}, {})
        self.counts = found.counts
        self._totals = {(each["unit"], each["figure"]): each for each in found.totals}
        self.rules = found.head["rules"]

    def said(self, each: Difference) -> str:
        """The amount as text; a dash if the unit had no row of its own."""
        cells = self._cells.get((each.unit, each.own))
        if cells is None:
            return text("no_such_unit")
        cell = cells.get(each.code)
        if cell is None:
            return text("not_before")
        amount = self.counts.apart(cell) or 0 if each.apart else self.counts.shown(cell)
        if amount is None:
            return text("not_before")
        return text("nil_reported") if self.is_nil(each) else dotted(amount)

    def has(self, each: Difference) -> bool:
        """The unit had a row of its own."""
        return (each.unit, each.own) in self._cells

    def is_nil(self, each: Difference) -> bool:
        """All of its units said that there is nothing to report."""
        cell = self._cells.get((each.unit, each.own), {}).get(each.code)
        return cell is not None and cell.is_nil

    def stated(self, units: Iterable[str], code: str) -> dict[str, tuple[str, int]]:
        """By unit: the step of its total of the figure, and what records have not replaced of it."""
        found = {unit: self._totals.get((unit, code)) for unit in units}
        return {unit: (each["step"], each["unsupported"]) for unit, each in found.items() if each}

    def standing_in(self, units: Iterable[str], code: str) -> int:
        """As much of the amount as is without evidence."""
        return sum(left for _, left in self.stated(units, code).values()) if self.counts.stands_in else 0

    def units(self, each: Difference) -> set[str]:
        """The units whose records are in the amount."""
        return {each.unit} if each.own else self._below.get(each.unit, set())

    def counted(self, units: Iterable[str], code: str) -> dict[str, tuple[int, str]]:
        """What each record of these units adds to the figure."""
        return _merged(self._records.amounts.get((unit, code), {}) for unit in units)

    def erased(self, units: Iterable[str], code: str) -> set[str]:
        """Records of these units that were erased, of a kind that feeds the figure."""
        return {record for unit in units for record in self._records.erased.get((unit, code), ())}


def _why(old: _Side, new: _Side, each: Difference, changes: Changes) -> str:
    """What is known of it: how many records came, went, changed or were erased; else another cause, if one is known."""
    was_units, now_units = old.units(each), new.units(each)
    units, code = was_units | now_units, _FED_BY.get(each.code, each.code)
    was, now = old.counted(units, code), new.counted(units, code)
    was_erased, now_erased = old.erased(units, code), new.erased(units, code)
    found = Counter(
        {
            "more_records": len(now.keys() - was.keys()),
            "fewer_records": len(was.keys() - now.keys()),
            "other_records": sum(was[record] != now[record] for record in was.keys() & now.keys()),
        }
    )
    known = sum(amount for amount, _ in now.values()) - sum(amount for amount, _ in was.values())
    known += new.standing_in(units, code) - old.standing_in(units, code)
    if not found.total() or (code == each.code and known != each.change):  # else the erased ones had no part in it
        found["erased_records"] = len(was_erased ^ now_erased)
    said = [text(key, n=padded(count)) for key, count in found.items() if count and not each.apart]
    if each.apart or old.counts.stands_in or new.counts.stands_in or not said:
        said += _totals_changed(old, new, units, each.code, changes)
    causes = {
        "moved_here": was_units != now_units or old.has(each) != new.has(each),
        "nil_now": new.is_nil(each),
        "erased_since": bool(was_erased & now_erased),
        "rules_changed": old.rules != new.rules,
        "counted_otherwise": old.counts != new.counts,
    }
    return "; ".join(said or [text(key) for key, is_so in causes.items() if is_so])


def _totals_changed(old: _Side, new: _Side, units: set[str], code: str, changes: Changes) -> list[str]:
    """What happened to the totals behind a figure; of a single unit, who changed it and why."""
    was, now = old.stated(units, code), new.stated(units, code)
    stated = {unit for unit in was.keys() | now.keys() if was.get(unit, ("",))[0] != now.get(unit, ("",))[0]}
    replaced = {unit for unit in was.keys() & now.keys() if now[unit][1] < was[unit][1]} - stated
    found = [text("totals_replaced", n=padded(len(replaced)))] if replaced else []
    stated_changes = [said for unit in sorted(stated) for said in changes.get((unit, code), ())]
    if len(units) == 1 and stated_changes:
        return [*found, *stated_changes]
    return [*found, *([text("totals_stated", n=padded(len(stated)))] if stated else [])]


def _below(found: FrozenFigures) -> dict[str, set[str]]:
    """By unit: itself and all units below it."""
    above: dict[str, str | None] = found.head["tree"]
    below: dict[str, set[str]] = {unit: {unit} for unit in above}
    for unit, parent in above.items():
        over = parent
        while over is not None and over in below and unit not in below[over]:
            below[over].add(unit)
            over = above[over]
    return below


def _figure(code: str, before: FrozenFigures, after: FrozenFigures) -> Figure:
    """How the figure was printed; the later campaign may not have it any more."""
    return after.figures.get(code) or before.figures[code]


def _merged(parts: Iterable[Mapping[str, tuple[int, str]]]) -> dict[str, tuple[int, str]]:
    return {key: value for part in parts for key, value in part.items()}


def _bases(before: FrozenFigures, after: FrozenFigures) -> str:
    return text("supplement_bases", before=spoken(before.row.id), after=spoken(after.row.id))


def _is_total(each: Difference, after: FrozenFigures) -> bool:
    return each.unit == after.row.unit_id and not each.own


def _signed(amount: int) -> str:
    return f"+{dotted(amount)}" if amount > 0 else dotted(amount)
