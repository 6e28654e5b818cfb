"""The supplementary report after issue (Decree 30/2020, Article 18): two freezes of a unit, and what differs.

đã báo cáo / nay báo cáo / chênh lệch / lý do, first for the total, then unit by unit. The reason in a row is what is
known of the records behind it; why the figures were unlocked is in the text, as the level above gave it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.services.locks.counted import CountedRecords, counted, reasons
from server.services.locks.foot import foot
from server.services.locks.freezes import FrozenFigures
from server.services.locks.naming import spoken
from server.services.locks.rows import COUNTED, Difference, differences
from server.services.reports import Annex, ChangeLine, Report, Section, dotted, names, padded, plain, text

LANG: Final = "vi"
ROLES: Final = {True: "total", False: "unit"}


def report(session: Session, before: FrozenFigures, after: FrozenFigures) -> Report:
    """The report. Raises Problem `not_found` unless `before` is an earlier freeze of the same unit and campaign."""
    old, new = before.row, after.row
    if (old.unit_id, old.campaign_id) != (new.unit_id, new.campaign_id) or old.at >= new.at:
        raise Problem("not_found")
    base = plain.from_plain(after.head["reports"]["counted"])
    changed = differences(before.rows, after.rows, COUNTED)
    name = _quoted(after.head["campaign"]["name"])
    lines = tuple(_lines(session, before, after, changed))
    whole = [each for each in changed if _is_total(each, after)]
    annex = replace(base.annexes[0], title=text("annex_changes", unit=names.within(after.head["unit"]["name"])))
    annexes = (Annex(annex.number, annex.title, annex.attached, notes=(_bases(before, after),), changes=lines),)
    return replace(
        base,
        title=text("supplement_title").upper(),
        subject=text("supplement_subject", campaign=name),
        opening=(*base.opening[:-1], text("supplement_opening", body=_body(after), campaign=name)),
        sections=_sections(reasons(session, before, after), tuple(_totals(whole, after)), any_line=bool(lines)),
        closing=text("supplement_closing", body=_body(after), campaign=name),
        file_name=base.file_name.replace("bao-cao-", "bao-cao-bo-sung-", 1),
        annexes=annexes if lines else (),
        frozen=foot(new),
    )


def _sections(reasons: tuple[str, ...], totals: tuple[str, ...], *, any_line: bool) -> tuple[Section, ...]:
    said = totals or (text("supplement_same" if any_line else "supplement_nothing"),)
    rest = (text("supplement_rest"),) if any_line else ()
    return (
        Section("I.", text("supplement_reason"), reasons, blank=not reasons),
        Section("II.", text("supplement_figures"), (*said, *rest)),
    )


def _totals(whole: list[Difference], after: FrozenFigures) -> Iterator[str]:
    for each in whole:
        figure = after.head["rules"]["figures"][each.code]
        values = {"before": _number(each.before), "after": _number(each.after), "change": _signed(each.change)}
        yield text("supplement_total", label=figure["label"][LANG], unit=figure["unit"][LANG], **values)


def _lines(
    session: Session, before: FrozenFigures, after: FrozenFigures, changed: list[Difference]
) -> Iterator[ChangeLine]:
    old, new = counted(session, before), counted(session, after)
    below = _below(before, after)
    index = 0
    for each in changed:
        is_total = _is_total(each, after)
        index += not is_total
        figure = after.head["rules"]["figures"].get(each.code) or before.head["rules"]["figures"][each.code]
        name = text("total") if is_total else each.name + (f" ({text('own_bare').lower()})" if each.own else "")
        units = {each.unit} if each.own else below[each.unit]
        yield ChangeLine(
            role=ROLES[is_total],
            index="" if is_total else str(index),
            name=name,
            figure=f"{figure['label'][LANG]} ({figure['unit'][LANG]})",
            before=_number(each.before),
            after=_number(each.after),
            change=_signed(each.change),
            reason=_why(old, new, units, each.code),
        )


def _why(old: CountedRecords, new: CountedRecords, units: set[str], code: str) -> str:
    """What is known of the records: how many came, went, changed their amount or were erased."""
    was, now = (
        {record: amount for unit in units for record, amount in each.amounts.get((unit, code), {}).items()}
        for each in (old, new)
    )
    found = Counter(
        {
            "more_records": len(now.keys() - was.keys() - old.erased),
            "fewer_records": len(was.keys() - now.keys() - new.erased),
            "other_records": sum(was[record] != now[record] for record in was.keys() & now.keys()),
            "erased_records": len((old.erased | new.erased) & (was.keys() ^ now.keys())),
        }
    )
    return "; ".join(text(key, n=padded(count)) for key, count in found.items() if count) or text("moved_here")


def _below(*freezes: FrozenFigures) -> dict[str, set[str]]:
    """By unit: itself and all units below it, in any of the freezes."""
    above: dict[str, str | None] = {unit: over for found in freezes for unit, over in found.head["tree"].items()}
    below: dict[str, set[str]] = {unit: {unit} for unit in above}
    for unit, parent in above.items():
        over = parent
        while over is not None and over in below and unit not in below[over]:
            below[over].add(unit)
            over = above[over]
    return below


def _bases(before: FrozenFigures, after: FrozenFigures) -> str:
    return text("supplement_bases", before=spoken(before.row.id), after=spoken(after.row.id))


def _is_total(each: Difference, after: FrozenFigures) -> bool:
    return each.unit == after.row.unit_id and not each.own


def _body(after: FrozenFigures) -> str:
    return f"{text('committee')} {names.within(after.head['unit']['name'])}"


def _quoted(name: str) -> str:
    return name if "“" in name else f"“{name}”"


def _number(amount: int | None) -> str:
    return text("not_before") if amount is None else dotted(amount)


def _signed(amount: int) -> str:
    return f"+{dotted(amount)}" if amount > 0 else dotted(amount)
