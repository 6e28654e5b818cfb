"""Money and documents in a report: its sections I and II.3, and an annex for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from server.models import Campaign
from server.services.figures.table import FigureTable
from server.services.reports import letterheads, words
from server.services.reports.accounts import Source
from server.services.reports.additions import Added, Addition, own_words, with_annex, with_section
from server.services.reports.content import Annex, ListTable, Report, Section, list_columns
from server.services.reports.text import statements
from server.services.reports.text.statements import SOURCES, MoneySum
from server.services.reports.words import dotted, official_day, padded

text = own_words(Path(__file__).parent / "statements.vi.json")
NAMED: Final = 6
"""Most of the unit's own documents that section I names; if there are more, they are in the annex."""
_KNOWN_LEVELS: Final = ("province", "district", "commune")


def read(session: Session, campaign: Campaign, figures: FigureTable) -> Added | None:
    """Return what the unit and those below it stated; None if nobody stated anything."""
    unit = figures.unit
    table = statements.money_table(session, campaign.id, unit.id)
    listed = statements.listed_papers(session, campaign.id, unit.id)
    if not (table.total.stated or table.total.total or listed):
        return None
    recorded = statements.recorded_papers(session, campaign.id, unit.id, listed) if listed else 0
    return {
        "money": {
            "total": _plain(table.total),
            "rows": [{"unit": each.id, "name": each.name, **_plain(sum_)} for each, sum_ in table.rows],
        },
        "recorded": recorded,
        "papers": [
            {
                "unit": each.unit.id,
                "name": each.unit.name,
                "level": each.unit.level,
                "type": each.row.type,
                "symbol": each.row.symbol,
                "issued_on": each.row.issued_on.isoformat(),
                "subject": each.row.subject,
            }
            for each in listed
        ],
    }


def _plain(sum_: MoneySum) -> dict[str, Any]:
    return {"amounts": dict(sum_.amounts), "stated": sum_.stated, "nil": sum_.nil, "units": sum_.units}


def write(report: Report, added: Added, source: Source) -> Report:
    """Write both sections, and the annexes of what they sum up."""
    unit = source.table.unit
    listed: list[Mapping[str, str]] = added["papers"]
    if listed:
        said = _issued(listed, unit.id, unit.name, source.body, alone=source.alone)
        if added["recorded"]:
            said = (*said, text("recorded", n=padded(added["recorded"])))
        report = with_section(report, words.text("direction"), lambda section: _after(said, section))
        if not source.alone or len(listed) > NAMED:
            report = with_annex(report, _annex(report, text("papers_annex", unit=_within(unit.name)), _papers(listed)))
    total = added["money"]["total"]
    if total["stated"] or sum(total["amounts"].values()):
        spent = _spent(total)
        report = with_section(
            report, words.text("money"), lambda section: replace(section, sentences=spent, blank=False)
        )
        if not source.alone:
            title = text("money_annex", unit=_within(unit.name))
            report = with_annex(report, _annex(report, title, _money(added["money"]), text("money_signs")))
    return report


ADDITION: Final = Addition(read, write)


def _after(said: tuple[str, ...], section: Section) -> Section:
    """What was issued comes first, in place of the figure's own sentence; the line that the clerk fills in stays."""
    others = (each for each in section.sentences if text("figure_says") not in each)
    return replace(section, sentences=(*said, *others))


def _within(name: str) -> str:
    return letterheads.within(name)


def _annex(report: Report, title: str, table: ListTable, *notes: str) -> Annex:
    return Annex("", title, report.annexes[0].attached, notes=notes, lists=(table,))


def _issued(listed: Sequence[Mapping[str, str]], unit_id: str, name: str, body: str, *, alone: bool) -> tuple[str, ...]:
    types = Counter(each["type"] for each in listed)
    counted = ", ".join(text(f"n_{type_}", n=padded(types[type_])) for type_ in statements.TYPES if types[type_])
    own = [each for each in listed if each["unit"] == unit_id]
    if alone:
        said = [text("issued_self", unit=body, n=padded(len(listed)), types=counted)]
    else:
        levels = text("levels", parts=_levels(listed))
        whole = words.whole(name)
        said = [text("issued", whole=whole, n=padded(len(listed)), levels=levels, types=counted)]
    if own and len(own) <= NAMED:
        said.append(text("own_papers", unit=body, papers="; ".join(map(_paper, own))))
    return tuple(said)


def _levels(listed: Sequence[Mapping[str, str]]) -> str:
    counts = Counter(each["level"] for each in listed)
    known = [level for level in _KNOWN_LEVELS if counts[level]]
    return ", ".join(text("at_level", level=text(f"{level}_level"), n=padded(counts[level])) for level in known)


def _paper(each: Mapping[str, str]) -> str:
    day = official_day(date.fromisoformat(each["issued_on"]))
    subject = each["subject"].rstrip(" .;")
    said = {"type": text(f"type_{each['type']}"), "day": day, "subject": subject}
    return text("paper", symbol=each["symbol"], **said) if each["symbol"] else text("paper_without", **said)


def _papers(listed: Sequence[Mapping[str, str]]) -> ListTable:
    heads = ("index", "unit", "paper_type", "paper_symbol", "paper_day", "paper_subject")
    lines = tuple(
        (
            str(number),
            each["name"],
            text(f"type_{each['type']}"),
            each["symbol"],
            official_day(date.fromisoformat(each["issued_on"])),
            each["subject"],
        )
        for number, each in enumerate(listed, 1)
    )
    columns = list_columns(tuple(map(text, heads)), (10, 32, 24, 30, 20, 44))
    return ListTable("", columns, lines, upright=True)


def _spent(total: Mapping[str, Any]) -> tuple[str, ...]:
    amounts: Mapping[str, int] = total["amounts"]
    parts = [text(f"in_{source}", n=dotted(amounts[source])) for source in SOURCES if amounts[source]]
    whole = sum(amounts.values())
    said = [text("spent", n=dotted(whole), parts="; ".join(parts)) if whole else text("spent_nothing")]
    if total["stated"] < total["units"]:
        said.append(text("stated_of", n=dotted(total["stated"]), all=dotted(total["units"])))
    return tuple(said)


def _money(stated: Mapping[str, Any]) -> ListTable:
    """Units as lines, the total first; only sources that somebody has money of, all if nobody has."""
    used = [source for source in SOURCES if stated["total"]["amounts"][source]] or list(SOURCES)
    heads = (text("index"), text("unit"), *(text(source) for source in used), text("sum"))
    width = 104 // (len(used) + 1)
    lines = [("", text("total"), *_amounts(stated["total"], used))]
    rows = [row for row in stated["rows"] if row["stated"] or row["units"]]
    lines += [(str(number), row["name"], *_amounts(row, used)) for number, row in enumerate(rows, 1)]
    widths = (10, 46, *[width] * (len(used) + 1))
    columns = list_columns(heads, widths, range(2, len(heads)))
    return ListTable(text("money_unit"), columns, tuple(lines), totals=1, upright=True)


def _amounts(row: Mapping[str, Any], used: Sequence[str]) -> list[str]:
    if not row["stated"] and not sum(row["amounts"].values()):  # a merged unit's amounts are shown all the same
        return [text("not_stated")] * (len(used) + 1)
    if row["nil"] == row["stated"] and not sum(row["amounts"].values()):
        return [text("nil")] * (len(used) + 1)
    return [*(dotted(row["amounts"][source]) for source in used), dotted(sum(row["amounts"].values()))]
