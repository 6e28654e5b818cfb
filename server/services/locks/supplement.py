"""The supplementary report after issue (Decree 30/2020, Article 18): two freezes of a unit, and what differs.

đã báo cáo / nay báo cáo / chênh lệch / lý do, first for the total, then unit by unit. The reason in a row is what is
known of the records behind it; why the figures were unlocked is in the text, as the level above gave it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.services.locks.counted import CountedRecords, counted, reasons
from server.services.locks.foot import foot
from server.services.locks.freezes import FrozenFigures
from server.services.locks.naming import spoken
from server.services.locks.rows import COUNTED, NIL, WAITING, Difference, differences
from server.services.reports import Annex, ChangeLine, Report, Section, dotted, legible, names, padded, plain, text
from sync.unit_figures import every_figure

LANG: Final = "vi"
ROLES: Final = {True: "total", False: "unit"}
_FED_BY: Final = {figure.code: figure.units_of for figure in every_figure() if figure.units_of}
"""Figures that count units: the figure whose records they count the units of."""


def report(session: Session, before: FrozenFigures, after: FrozenFigures) -> Report:
    """The report. Raises Problem `not_found` unless `before` is an earlier freeze of the same unit and campaign."""
    old, new = before.row, after.row
    same = (old.unit_id, old.campaign_id) == (new.unit_id, new.campaign_id)
    if not same or before.head["step"] >= after.head["step"]:  # a clock may be set back
        raise Problem("not_found")
    base = plain.from_plain(after.head["reports"]["counted"])
    changed = differences(before.rows, after.rows, COUNTED)
    name, symbol = _quoted(after.head["campaign"]["name"]), _symbol(after)
    lines = tuple(_lines(session, before, after, changed))
    whole = [each for each in changed if _is_total(each, after)]
    annex = replace(base.annexes[0], title=text("annex_changes", unit=names.within(after.head["unit"]["name"])))
    annexes = (Annex(annex.number, annex.title, annex.attached, notes=(_bases(before, after),), changes=lines),)
    made = replace(
        base,
        title=text("supplement_title").upper(),
        subject=text("supplement_subject", campaign=name, symbol=symbol),
        opening=(
            *base.opening[:-1],
            text("supplement_opening", body=_body(after), campaign=name, symbol=symbol),
        ),
        sections=_sections(reasons(session, before, after), tuple(_totals(whole, before, after)), any_line=bool(lines)),
        closing=text("supplement_closing", body=_body(after), campaign=name),
        file_name=base.file_name.replace("bao-cao-", "bao-cao-bo-sung-", 1),
        annexes=annexes if lines else (),
        frozen=foot(new),
    )
    return legible(made)


def _sections(reasons: tuple[str, ...], totals: tuple[str, ...], *, any_line: bool) -> tuple[Section, ...]:
    said = totals or (text("supplement_same" if any_line else "supplement_nothing"),)
    rest = (text("supplement_rest"),) if any_line else ()
    return (
        Section("I.", text("supplement_reason"), reasons, blank=not reasons),
        Section("II.", text("supplement_figures"), (*said, *rest)),
    )


def _totals(whole: list[Difference], before: FrozenFigures, after: FrozenFigures) -> Iterator[str]:
    for each in whole:
        figure = _figure(each.code, before, after)
        key = "supplement_total"
        if each.before is None:
            key = "supplement_total_new"
        elif each.after is None:
            key = "supplement_total_gone"
        values = {"before": dotted(each.before or 0), "after": dotted(each.after or 0), "change": _signed(each.change)}
        yield text(key, label=figure["label"][LANG], unit=figure["unit"][LANG], **values)


def _lines(
    session: Session, before: FrozenFigures, after: FrozenFigures, changed: list[Difference]
) -> Iterator[ChangeLine]:
    old, new = (_Side(found, counted(session, found)) for found in (before, after))
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
            figure=f"{figure['label'][LANG]} ({figure['unit'][LANG]})",
            before=old.said(each),
            after=new.said(each),
            change=_signed(each.change),
            reason=_why(old, new, each),
        )


class _Side:
    """One of the two freezes: its rows, the units below each unit, and the records that it counted."""

    def __init__(self, found: FrozenFigures, records: CountedRecords) -> None:
        self._cells = {(row["unit"], row["own"]): row["cells"] for row in found.rows}
        self._below = _below(found)
        self._records = records
        self.rules = found.head["rules"]["version"]

    def said(self, each: Difference) -> str:
        """The amount as text; a dash if the unit had no row of its own."""
        cells = self._cells.get((each.unit, each.own))
        if cells is None:
            return text("no_such_unit")
        cell = cells.get(each.code)
        if cell is None:
            return text("not_before")
        return text("nil_reported") if self.is_nil(each) else dotted(cell[COUNTED])

    def has(self, each: Difference) -> bool:
        """The unit had a row of its own."""
        return (each.unit, each.own) in self._cells

    def is_nil(self, each: Difference) -> bool:
        """Somebody said that there is nothing to report, and nothing is counted or waits."""
        cell = self._cells.get((each.unit, each.own), {}).get(each.code)
        return cell is not None and cell[NIL] > 0 and not cell[COUNTED] and not cell[WAITING]

    def units(self, each: Difference) -> set[str]:
        """The units whose records are in the amount."""
        return {each.unit} if each.own else self._below.get(each.unit, set())

    def counted(self, units: Iterable[str], code: str) -> dict[str, tuple[int, str]]:
        """What each record of these units adds to the figure."""
        return _merged(self._records.amounts.get((unit, code), {}) for unit in units)

    def erased(self, units: Iterable[str], code: str) -> set[str]:
        """Records of these units that were erased, of a kind that feeds the figure."""
        return {record for unit in units for record in self._records.erased.get((unit, code), ())}


def _why(old: _Side, new: _Side, each: Difference) -> str:
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
    if not found.total() or (code == each.code and known != each.change):  # else the erased ones had no part in it
        found["erased_records"] = len(was_erased ^ now_erased)
    said = [text(key, n=padded(count)) for key, count in found.items() if count]
    causes = {
        "moved_here": was_units != now_units or old.has(each) != new.has(each),
        "nil_now": new.is_nil(each),
        "erased_since": bool(was_erased & now_erased),
        "rules_changed": old.rules != new.rules,
    }
    return "; ".join(said or [text(key) for key, is_so in causes.items() if is_so])


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


def _figure(code: str, before: FrozenFigures, after: FrozenFigures) -> dict[str, Any]:
    """How the figure was printed; the later campaign may not have it any more."""
    then, now = (found.head["rules"]["figures"] for found in (before, after))
    figure: dict[str, Any] = now.get(code) or then[code]
    return figure


def _merged(parts: Iterable[Mapping[str, tuple[int, str]]]) -> dict[str, tuple[int, str]]:
    return {key: value for part in parts for key, value in part.items()}


def _bases(before: FrozenFigures, after: FrozenFigures) -> str:
    return text("supplement_bases", before=spoken(before.row.id), after=spoken(after.row.id))


def _is_total(each: Difference, after: FrozenFigures) -> bool:
    return each.unit == after.row.unit_id and not each.own


def _body(after: FrozenFigures) -> str:
    """The issuing body; freezes of before letterheads were kept name the committee."""
    usual = f"{text('committee')} {names.within(after.head['unit']['name'])}"
    return str(after.head.get("letterhead", {}).get("called", usual))


def _symbol(after: FrozenFigures) -> str:
    return str(after.head.get("letterhead", {}).get("symbol", "BC-UBND"))


def _quoted(name: str) -> str:
    return name if "“" in name else f"“{name}”"


def _signed(amount: int) -> str:
    return f"+{dotted(amount)}" if amount > 0 else dotted(amount)
