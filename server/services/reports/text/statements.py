"""What a unit states of itself for a report: money spent, plans and letters that it issued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from server.core.bulk import grouped, one_of
from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if, typed_text
from server.models import Campaign, IssuedPaper, MoneyStatement, Officer, Record, Stream, Unit, WriteRow
from server.models.units import by_name
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.figures import sums
from server.services.figures.table import FigureTable
from server.services.letters.citing import official_day
from server.services.records.projection import BUCKETS
from server.services.reports import letterheads, words
from server.services.reports.accounts import Source
from server.services.reports.additions import Added, Addition, own_words, with_annex, with_section
from server.services.reports.content import Annex, ListTable, Report, Section, list_columns
from server.services.reports.words import dotted, padded
from server.services.units.scope import Scope
from sync.text import fold, normal


def hold(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> None:
    """Keep others from stating for the unit until the transaction ends, on its stream's row.

    Raises Problem: `not_found`, `forbidden`, `statement_merged`, `archived`.
    """
    here = select(Stream).where(Stream.campaign_id == campaign_id, Stream.unit_id == unit_id)
    refuse_if(not scope.may_see(unit_id) or session.scalar(here.with_for_update()) is None, "not_found")
    refuse_if(scope.today(unit_id) != unit_id, "statement_merged")
    refuse_if(not scope.may_write(unit_id), "forbidden")
    refuse_if(session.get_one(Campaign, campaign_id, populate_existing=True).status == "archived", "archived")


# Money spent on a campaign ("kinh phí"), in thousands of đồng by source: stated by each unit, summed upward.
#
# A statement is never altered: a later one takes its place, and the last holds. That nothing was spent is stated, too.
SOURCES: Final = ("province", "district", "commune", "combined", "social")
"""Budgets of the three levels, combined with other programmes, given by others."""
MOST_MONEY: Final = 10**12
"""Most of one source, in thousands of đồng."""
_LAST: Final = MoneyStatement.is_last()
REASON_LENGTH: Final = 500
"""Most characters of why a statement takes another one's place."""


@dataclass(slots=True)
class MoneySum:
    """What a unit with all below it stated. `units`: those that take part, merged ones as their successors.

    `stated`: those of them that stated something themselves; a merged unit's amounts are in the sum all the same.
    """

    amounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0))
    stated: int = 0
    nil: int = 0
    units: int = 0

    @property
    def total(self) -> int:
        """All sources."""
        return sum(self.amounts.values())

    def add(self, other: MoneySum) -> None:
        """Sum up."""
        self.amounts = {source: self.amounts[source] + other.amounts[source] for source in SOURCES}
        self.stated, self.nil, self.units = self.stated + other.stated, self.nil + other.nil, self.units + other.units


@dataclass(frozen=True, slots=True)
class MoneyTable:
    """A unit's total, and what it and each unit right below it stated; `rows` begins with the unit itself."""

    total: MoneySum
    rows: list[tuple[Unit, MoneySum]]


def latest_money(session: Session, campaign_id: str, unit_id: str) -> tuple[MoneyStatement, str] | None:
    """Return the statement of a unit that holds, with the name of who made it."""
    query = select(MoneyStatement, Officer.name).join(Officer, Officer.id == MoneyStatement.officer_id)
    theirs = MoneyStatement.campaign_id == campaign_id, MoneyStatement.unit_id == unit_id
    row = session.execute(query.where(*theirs, _LAST)).first()
    return (row[0], row[1]) if row else None


def state_money(
    session: Session,
    scope: Scope,
    campaign_id: str,
    unit_id: str,
    number: int,
    amounts: Mapping[str, int] | None,
    reason: str = "",
) -> MoneyStatement:
    """State what the unit spent; `amounts` None: nothing. `number`: of the statement that the page showed, or 0.

    `reason`: why it is another than before. Raises Problem as `hold` does, `statement_moved` if somebody was faster,
    `money_unclear` without an amount, `reason_needed` for another than before without one; Refused `too_long`.
    """
    hold(session, scope, campaign_id, unit_id)
    before = latest_money(session, campaign_id, unit_id)
    refuse_if((before[0].number if before else 0) != number, "statement_moved")
    reason = typed_text(" ".join(reason.split()), REASON_LENGTH, "reason") if number else ""
    given = {source: (amounts or {}).get(source, 0) for source in SOURCES}
    refuse_if(amounts is not None and not any(given.values()), "money_unclear")
    refuse_if(any(not 0 <= amount <= MOST_MONEY for amount in given.values()), "bad_number", "amount")
    refuse_if(before and not reason and _differs(before[0], given, nil=amounts is None), "reason_needed", "reason")
    made = MoneyStatement(campaign_id=campaign_id, unit_id=unit_id, nil=amounts is None, reason=reason, **given)
    add_now(session, made.follow(number, scope.officer_id))
    log.append(session, Act.MONEY_STATED, ("unit", unit_id), new={"campaign": campaign_id})
    return made


def _differs(before: MoneyStatement, given: Mapping[str, int], *, nil: bool) -> bool:
    return before.nil != nil or any(getattr(before, source) != amount for source, amount in given.items())


def money_table(session: Session, campaign_id: str, unit_id: str) -> MoneyTable:
    """Sum up what the unit and those below it stated."""
    streams = sums.streams(unit_id, campaign_id)
    query = (
        select(streams.c.top, streams.c.living, MoneyStatement)
        .join(Stream, Stream.id == streams.c.id)
        .outerjoin(
            MoneyStatement,
            (MoneyStatement.unit_id == Stream.unit_id) & (MoneyStatement.campaign_id == campaign_id) & _LAST,
        )
    )
    by_top = grouped((row[0], row) for row in session.execute(query))
    found = {top: _summed(rows) for top, rows in by_top.items()}
    units = list(session.scalars(select(Unit).where(Unit.id.in_({*found, unit_id}))))
    units.sort(key=lambda unit: (unit.id != unit_id, by_name(unit.short_name), unit.id))
    return MoneyTable(
        _summed(row for rows in by_top.values() for row in rows),
        [(unit, found.get(unit.id, MoneySum())) for unit in units],
    )


def _summed(rows: Iterable[Row[str, str, MoneyStatement | None]]) -> MoneySum:
    made = MoneySum()
    units: dict[str, set[str]] = {"all": set(), "stated": set(), "spent": set()}
    for _, living, stated in rows:
        units["all"].add(living)
        if stated is None:
            continue
        if stated.unit_id == living:  # a merged unit's statement is no word of its successor
            units["stated"].add(living)
        if not stated.nil:
            units["spent"].add(living)
        for source in SOURCES:
            made.amounts[source] += getattr(stated, source)
    made.units, made.stated = len(units["all"]), len(units["stated"])
    made.nil = len(units["stated"] - units["spent"])
    return made


# Plans and letters that units issued for a campaign: typed in by each unit, listed and counted upward.
#
# A directive may also be a record of a phone (kind `media`, figure `directives`). It stays that: it is counted there,
# and here only if no listed document of its unit has the same number. So none counts twice, and a purge of the record
# leaves nothing in what a level froze.
TYPES: Final = ("plan", "letter", "decision", "directive", "notice", "guide", "other")
SYMBOL_LENGTH: Final = 60
SUBJECT_LENGTH: Final = 500
MOST: Final = 200
"""Most documents of one unit in a campaign."""
EARLIEST: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class PaperInput:
    """A document as it was typed."""

    type: str
    symbol: str
    issued_on: date
    subject: str


RECORDED: Final = ("media", "directives")
"""The kind of record and its figure."""


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A document with the unit that issued it."""

    row: IssuedPaper
    unit: Unit


def add_paper(session: Session, scope: Scope, campaign_id: str, unit_id: str, typed: PaperInput) -> IssuedPaper:
    """List a document. The same one typed twice (a double click) is listed once.

    Raises Problem as `hold` does, `paper_incomplete`, `too_many_papers`, and Refused `too_long`.
    """
    hold(session, scope, campaign_id, unit_id)
    symbol, subject = normal(typed.symbol), normal(" ".join(typed.subject.split()))
    refuse_if(typed.type not in TYPES or not subject or typed.issued_on < EARLIEST, "paper_incomplete")
    for text, most, name in ((symbol, SYMBOL_LENGTH, "symbol"), (subject, SUBJECT_LENGTH, "subject")):
        typed_text(text, most, name)
    theirs = (
        IssuedPaper.campaign_id == campaign_id,
        IssuedPaper.unit_id == unit_id,
        IssuedPaper.removed_at.is_(None),
    )
    same = select(IssuedPaper).where(
        *theirs,
        IssuedPaper.type == typed.type,
        IssuedPaper.symbol == symbol,
        IssuedPaper.issued_on == typed.issued_on,
        IssuedPaper.subject == subject,
    )
    listed = session.scalar(same)
    if listed is not None:
        return listed
    refuse_if(
        (session.scalar(select(func.count()).select_from(IssuedPaper).where(*theirs)) or 0) >= MOST, "too_many_papers"
    )
    made = add_now(
        session,
        IssuedPaper(
            id=new_id(),
            campaign_id=campaign_id,
            unit_id=unit_id,
            type=typed.type,
            symbol=symbol,
            issued_on=typed.issued_on,
            subject=subject,
            officer_id=scope.officer_id,
            at=now_ms(),
        ),
    )
    log.append(session, Act.PAPER_LISTED, ("unit", unit_id), new={"campaign": campaign_id})
    return made


def remove_paper(session: Session, scope: Scope, id_: str) -> IssuedPaper:
    """Take a document off the list; repeating it does nothing. Raises Problem as `add` does."""
    row = scope.seen(session.get(IssuedPaper, id_))
    hold(session, scope, row.campaign_id, row.unit_id)
    session.refresh(row)
    if row.removed_at is None:
        row.removed_at, row.removed_by = now_ms(), scope.officer_id
        session.flush()
        log.append(session, Act.PAPER_REMOVED, ("unit", row.unit_id), new={"campaign": row.campaign_id})
    return row


def listed_papers(session: Session, campaign_id: str, unit_id: str) -> list[ListedPaper]:
    """Return the documents of the unit and all below it: its own first, then by level and unit, oldest first."""
    streams = sums.streams(unit_id, campaign_id)
    query = (
        select(IssuedPaper, Unit)
        .join(Unit, Unit.id == IssuedPaper.unit_id)
        .join(Stream, (Stream.unit_id == Unit.id) & (Stream.campaign_id == campaign_id))
        .join(streams, streams.c.id == Stream.id)
        .where(IssuedPaper.campaign_id == campaign_id, IssuedPaper.removed_at.is_(None))
    )
    found = [ListedPaper(row, unit) for row, unit in session.execute(query)]
    levels = {"province": 0, "district": 1, "commune": 2}
    return sorted(
        found,
        key=lambda each: (
            each.unit.id != unit_id,
            levels.get(each.unit.level, len(levels)),
            by_name(each.unit.short_name),
            each.unit.id,
            each.row.issued_on,
            each.row.at,
        ),
    )


def recorded_papers(session: Session, campaign_id: str, unit_id: str, listed: Collection[ListedPaper]) -> int:
    """Return the number of counted records of directives, of the unit and all below it, that are not listed here."""
    kind, figure = RECORDED
    streams = sums.streams(unit_id, campaign_id)
    query = select(Stream.unit_id, Record.amounts, Record.survivors).join(Stream, Stream.id == Record.stream_id)
    counted = query.join(streams, streams.c.id == Stream.id).where(Record.kind == kind, Record.bucket == BUCKETS[0])
    found = [(unit, after) for unit, amounts, after in session.execute(counted) if amounts.get(figure)]
    symbols = _symbols(session, [id_ for _, after in found for id_ in after.get("number", ())])
    here = {(each.unit.id, fold(each.row.symbol)) for each in listed if each.row.symbol}
    return sum(not any((unit, symbols.get(id_)) in here for id_ in after.get("number", ())) for unit, after in found)


def _symbols(session: Session, write_ids: Sequence[str]) -> dict[str, str]:
    """By write: the number of the document that it sets, folded."""
    rows = session.execute(select(WriteRow.id, WriteRow.set).where(one_of(WriteRow.id, write_ids)))
    return {id_: fold(str(said.get("number") or "")) for id_, said in rows}


# Both in a report: its sections I and II.3, and an annex for each.
said_as = own_words(Path(__file__).parent / "statements.vi.json")
NAMED: Final = 6
"""Most of the unit's own documents that section I names; if there are more, they are in the annex."""
_KNOWN_LEVELS: Final = ("province", "district", "commune")


def read(session: Session, campaign: Campaign, figures: FigureTable) -> Added | None:
    """Return what the unit and those below it stated; None if nobody stated anything."""
    unit = figures.unit
    table = money_table(session, campaign.id, unit.id)
    listed = listed_papers(session, campaign.id, unit.id)
    if not (table.total.stated or table.total.total or listed):
        return None
    recorded = recorded_papers(session, campaign.id, unit.id, listed) if listed else 0
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
            said = (*said, said_as("recorded", n=padded(added["recorded"])))
        report = with_section(report, words.text("direction"), lambda section: _after(said, section))
        if not source.alone or len(listed) > NAMED:
            report = with_annex(
                report, _annex(report, said_as("papers_annex", unit=_within(unit.name)), _papers(listed))
            )
    total = added["money"]["total"]
    if total["stated"] or sum(total["amounts"].values()):
        spent = _spent(total)
        report = with_section(
            report, words.text("money"), lambda section: replace(section, sentences=spent, blank=False)
        )
        if not source.alone:
            title = said_as("money_annex", unit=_within(unit.name))
            report = with_annex(report, _annex(report, title, _money(added["money"]), said_as("money_signs")))
    return report


ADDITION: Final = Addition(read, write)


def _after(said: tuple[str, ...], section: Section) -> Section:
    """What was issued comes first, in place of the figure's own sentence; the line that the clerk fills in stays."""
    others = (each for each in section.sentences if said_as("figure_says") not in each)
    return replace(section, sentences=(*said, *others))


def _within(name: str) -> str:
    return letterheads.within(name)


def _annex(report: Report, title: str, table: ListTable, *notes: str) -> Annex:
    return Annex("", title, report.annexes[0].attached, notes=notes, lists=(table,))


def _issued(listed: Sequence[Mapping[str, str]], unit_id: str, name: str, body: str, *, alone: bool) -> tuple[str, ...]:
    types = Counter(each["type"] for each in listed)
    counted = ", ".join(said_as(f"n_{type_}", n=padded(types[type_])) for type_ in TYPES if types[type_])
    own = [each for each in listed if each["unit"] == unit_id]
    if alone:
        said = [said_as("issued_self", unit=body, n=padded(len(listed)), types=counted)]
    else:
        levels = said_as("levels", parts=_levels(listed))
        whole = words.whole(name)
        said = [said_as("issued", whole=whole, n=padded(len(listed)), levels=levels, types=counted)]
    if own and len(own) <= NAMED:
        said.append(said_as("own_papers", unit=body, papers="; ".join(map(_paper, own))))
    return tuple(said)


def _levels(listed: Sequence[Mapping[str, str]]) -> str:
    counts = Counter(each["level"] for each in listed)
    known = [level for level in _KNOWN_LEVELS if counts[level]]
    return ", ".join(said_as("at_level", level=said_as(f"{level}_level"), n=padded(counts[level])) for level in known)


def _paper(each: Mapping[str, str]) -> str:
    day = official_day(date.fromisoformat(each["issued_on"]))
    subject = each["subject"].rstrip(" .;")
    said = {"type": said_as(f"type_{each['type']}"), "day": day, "subject": subject}
    return said_as("paper", symbol=each["symbol"], **said) if each["symbol"] else said_as("paper_without", **said)


def _papers(listed: Sequence[Mapping[str, str]]) -> ListTable:
    heads = ("index", "unit", "paper_type", "paper_symbol", "paper_day", "paper_subject")
    lines = tuple(
        (
            str(number),
            each["name"],
            said_as(f"type_{each['type']}"),
            each["symbol"],
            official_day(date.fromisoformat(each["issued_on"])),
            each["subject"],
        )
        for number, each in enumerate(listed, 1)
    )
    columns = list_columns(tuple(map(said_as, heads)), (10, 32, 24, 30, 20, 44))
    return ListTable("", columns, lines, upright=True)


def _spent(total: Mapping[str, Any]) -> tuple[str, ...]:
    amounts: Mapping[str, int] = total["amounts"]
    parts = [said_as(f"in_{source}", n=dotted(amounts[source])) for source in SOURCES if amounts[source]]
    whole = sum(amounts.values())
    said = [said_as("spent", n=dotted(whole), parts="; ".join(parts)) if whole else said_as("spent_nothing")]
    if total["stated"] < total["units"]:
        said.append(said_as("stated_of", n=dotted(total["stated"]), all=dotted(total["units"])))
    return tuple(said)


def _money(stated: Mapping[str, Any]) -> ListTable:
    """Units as lines, the total first; only sources that somebody has money of, all if nobody has."""
    used = [source for source in SOURCES if stated["total"]["amounts"][source]] or list(SOURCES)
    heads = (said_as("index"), said_as("unit"), *(said_as(source) for source in used), said_as("sum"))
    width = 104 // (len(used) + 1)
    lines = [("", said_as("total"), *_amounts(stated["total"], used))]
    rows = [row for row in stated["rows"] if row["stated"] or row["units"]]
    lines += [(str(number), row["name"], *_amounts(row, used)) for number, row in enumerate(rows, 1)]
    widths = (10, 46, *[width] * (len(used) + 1))
    columns = list_columns(heads, widths, range(2, len(heads)))
    return ListTable(said_as("money_unit"), columns, tuple(lines), totals=1, upright=True)


def _amounts(row: Mapping[str, Any], used: Sequence[str]) -> list[str]:
    if not row["stated"] and not sum(row["amounts"].values()):  # a merged unit's amounts are shown all the same
        return [said_as("not_stated")] * (len(used) + 1)
    if row["nil"] == row["stated"] and not sum(row["amounts"].values()):
        return [said_as("nil")] * (len(used) + 1)
    return [*(dotted(row["amounts"][source]) for source in used), dotted(sum(row["amounts"].values()))]
