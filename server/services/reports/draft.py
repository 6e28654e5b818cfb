"""A report of a unit: its present figures and what else it says are read (`basis`), then written as plain data.

The clerk completes, numbers and dates it. A freeze (snapshot/) keeps what `written` returns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from server.core.clock import local, now_ms
from server.models import Campaign, Unit
from server.services.audit import log
from server.services.figures import charting, loading
from server.services.figures.charting import ChartOptions, ChartWords, Days
from server.services.figures.charts import Chart
from server.services.figures.table import Counting, FigureTable
from server.services.installation import sample
from server.services.letters import citing
from server.services.letters.citing import official_day
from server.services.reports import additions, evidence, letterheads, tables
from server.services.reports.accounts import MOST_NAMES, ReportedCampaign, Source, lowest_level, sections, states
from server.services.reports.additions import Added
from server.services.reports.content import (
    CHARTS,
    DETAIL,
    FIGURES,
    PHOTOS,
    SILENT,
    Annex,
    ListTable,
    Report,
    ReportPhoto,
    list_columns,
    numbered,
)
from server.services.reports.evidence import Chosen, Lists
from server.services.reports.letterheads import LetterheadText, within
from server.services.reports.words import (
    LANG,
    Part,
    dotted,
    legible,
    level,
    parts,
    quoted,
    small,
    text,
)
from server.services.units.scope import Scope
from sync.registry import Figure
from sync.text import fold


@dataclass(frozen=True, slots=True)
class ChartBasis:
    """What its charts are made from beside the table: the plan, the figures that the letter asks for, their days."""

    expected: Sequence[Mapping[str, Any]]
    figures: Sequence[str]
    days: Days
    window: tuple[date, date]
    """The first and the last day that may have a bar."""


@dataclass(frozen=True, slots=True)
class ReportBasis:
    """What a report is written from, all of one moment."""

    campaign: ReportedCampaign
    table: FigureTable
    at_ms: int
    waiting: int
    """Number of records that wait for a decision."""
    is_demo: bool
    witness: str
    chosen: Chosen
    letterhead: LetterheadText
    earlier: Mapping[str, int]
    """Amounts of the previous period, by figure; empty where nobody gave them (additions.EARLIER)."""
    listed: Lists
    added: Mapping[str, Added]
    """What other capabilities add, by name."""
    frozen: str = ""
    """The line that names a freeze; empty for figures as they stand."""
    chart_basis: ChartBasis | None = None
    """None: no charts."""


@dataclass(frozen=True, slots=True)
class MostShown:
    """Most photos of its sheet, and most lines of its lists of displays and broadcasts; 0 leaves them out."""

    photos: int = field(default_factory=lambda: evidence.MOST_PHOTOS)
    lines: int = field(default_factory=lambda: evidence.MOST_LISTED)
    charts: bool = False
    """Reads each record of the figures that they show."""


def report(session: Session, scope: Scope, campaign: Campaign, unit_id: str, photos: int | None = None) -> Report:
    """The draft for a unit the officer may see; else Problem `not_found`. Only reads: it freezes nothing.

    `photos`: most photos of its sheet, by default MOST_PHOTOS.
    """
    most = MostShown() if photos is None else MostShown(photos)
    return written(basis(session, scope, campaign, unit_id, most=most))


def basis(
    session: Session,
    scope: Scope,
    campaign: Campaign,
    unit_id: str,
    at_ms: int = 0,
    *,
    most: MostShown | None = None,
) -> ReportBasis:
    """Read it. `at_ms`: the moment that it names, by default now."""
    most = most or MostShown()
    table = loading.load(session, scope, campaign, unit_id)
    unit, at = session.get_one(Unit, unit_id), at_ms or now_ms()
    head = letterheads.in_force(session, unit, local(at).date(), campaign)
    bases = citing.bases(session, campaign, unit, head.addressees)
    return ReportBasis(
        ReportedCampaign(campaign.name, campaign.practice, campaign.hotline, bases),
        table,
        at,
        loading.waiting(session, campaign.id, unit.id),
        sample.is_demo(session),
        _witness(session),
        evidence.choose(session, campaign, unit.id, most.photos),
        head,
        additions.earlier_amounts(session, campaign, unit.id),
        evidence.present(session, campaign, unit.id, most.lines),
        additions.read_additions(session, campaign, table),
        chart_basis=_chart_basis(session, campaign, unit.id) if most.charts else None,
    )


def _chart_basis(session: Session, campaign: Campaign, unit_id: str) -> ChartBasis:
    figures = loading.asked(campaign)
    days = charting.days(session, campaign.id, unit_id, figures)
    window = charting.window(campaign.starts_on, campaign.ends_on, campaign.due_before)
    return ChartBasis(campaign.expected, [each.code for each in figures], days, window)


def written(read: ReportBasis, counts: Counting | None = None, *, draft: bool = True) -> Report:
    """Write it. `counts`: which amounts, by default what was counted. `draft`: marked as one."""
    campaign, table = read.campaign, read.table
    unit, at, head = table.unit, local(read.at_ms), read.letterhead
    source = Source(campaign, table, parts(table.figures), at, read.waiting, head.called, counts or Counting())
    body, name = head.called, quoted(campaign.name)
    marks = [text("draft")] if draft else []
    marks += [text("practice")] if campaign.practice else []
    marks += [text("sample")] if read.is_demo else []
    bases = [text("opening_bases", bases=with_and(campaign.bases))] if campaign.bases else []
    made = Report(
        marks=tuple(marks),
        above=head.governing,
        body=head.issuing,
        nation=text("nation"),
        motto=text("motto"),
        number=text("number", symbol=head.symbol),
        date=text("date", place=head.place),
        title=text("title").upper(),
        subject=text("subject", campaign=name),
        to=addressed(head.addressees),
        opening=(*bases, text("opening", body=body, campaign=name)),
        sections=sections(source),
        closing=text("closing", body=body, campaign=name),
        recipients=(text("recipients"), *head.recipients),
        role=head.signing,
        signer=head.signer,
        as_of=source.as_of,
        witness=read.witness,
        file_name=_file_name(unit.name, at),
        at_ms=read.at_ms,
        annexes=_annexes(read, source),
        frozen=read.frozen,
    )
    return legible(additions.with_additions(made, read.added, source))


def chosen_photos(session: Session, campaign: Campaign, unit_id: str, most: int) -> tuple[ReportPhoto, ...]:
    """Photos of counted records that may leave the review, chosen evenly over units and kinds."""
    return tuple(photo for photo in evidence.choose(session, campaign, unit_id, most).photos if photo.goes)


def _witness(session: Session) -> str:
    """The end of the audit log: on paper, which no administrator of the database alters."""
    found = log.head(session)
    if found is None:
        return ""
    day, number, mac = found
    return text("witness", day=official_day(date.fromisoformat(day)), number=number, head=mac)


def with_and(bases: Sequence[str]) -> str:
    """Several bases in one sentence."""
    *others, last = bases
    return f"{'; '.join(others)} và {last}" if others else last


def addressed(to: Sequence[str]) -> str:
    """The line of addressees; several have a line each."""
    if len(to) < 2:
        return text("to", to=to[0] if to else text("nobody"))
    ends = [*[";"] * (len(to) - 1), "."]
    each = (text("to_each", to=name, end=end) for name, end in zip(to, ends, strict=True))
    return "\n".join((text("to_many"), *each))


def _file_name(unit: str, at: datetime) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", fold(unit)).strip("-")
    return f"bao-cao-{words or 'don-vi'}-{at:%Y%m%d-%H%M}.docx"


def _annexes(read: ReportBasis, source: Source) -> tuple[Annex, ...]:
    table, unit = source.table, within(source.table.unit.name)
    head = read.letterhead
    attached = text("attached", body=head.called, symbol=head.symbol)
    shown = tables.shown(source.parts, source.total)
    hotline, notes = source.campaign.hotline, _notes(source, shown)
    figures = Annex(
        "",
        text("annex_figures", unit=unit),
        attached,
        rules=tables.counting_rules(shown, upright=source.alone),
        code=FIGURES,
    )
    if source.alone:
        made = tables.single_unit(shown, source.total, read.earlier, hotline, source.counts)
        notes += (text("earlier_none"),) if shown and not read.earlier else ()
        annexes = [replace(figures, notes=notes, lists=(made,) if made.lines else ())]
    else:
        entries = tables.flat(table)
        notes = (*notes[:1], *tables.nil_in_part(shown, entries, lowest_level(table)), *notes[1:])
        grids = tables.grids(shown, entries, hotline, source.counts)
        annexes = [replace(figures, notes=notes, grids=tuple(tables.with_silent(it, entries, table) for it in grids))]
    if any(table.has_below(row.unit.id) for row in table.children):
        entries = tables.deep(table)
        detail = tables.grids(shown, entries, hotline, source.counts)
        title, said = text("annex_detail", unit=unit), tables.nil_in_part(shown, entries, lowest_level(table))
        annexes.append(Annex("", title, attached, grids=detail, notes=(*_signs(source, shown), *said), code=DETAIL))
    annexes += _silent(source, unit, attached)
    if charts := _charts(read, source):
        annexes.append(Annex("", text("annex_charts", unit=unit), attached, charts=charts, code=CHARTS))
    annexes += evidence.annexes(read.listed, unit, attached)
    note, photos = evidence.sheet_note(read.chosen), tuple(photo for photo in read.chosen.photos if photo.goes)
    annexes.append(Annex("", text("annex_photos", unit=unit), attached, photos=photos, notes=(note,), code=PHOTOS))
    return numbered(annexes)


MOST_CHARTED: Final = 3
"""Figures that have charts: with these they take about three pages."""
MOST_BARS: Final = 24
"""Units on one picture, which fits a page; of more days, a bar is a week."""


def _charts(read: ReportBasis, source: Source) -> tuple[Chart, ...]:
    """Of the figures that the letter asks for, those with a plan first, as far as anybody said anything of them."""
    chart_basis, total = read.chart_basis, source.table.total
    if chart_basis is None:
        return ()
    planned = {row["figure"] for row in chart_basis.expected}
    known = {figure.code: figure for figure in source.table.figures}
    found = [known[code] for code in chart_basis.figures if code in known and total.cells[code].is_said]
    first = sorted(found, key=lambda figure: (figure.code not in planned, not figure.adds_up))[:MOST_CHARTED]
    words = ChartWords(LANG, _worded, _own, official_day)
    options = ChartOptions(words, chart_basis.window, source.counts, most_days=MOST_BARS, most_bars=MOST_BARS)
    return tuple(charting.of_figures(source.table, chart_basis.expected, chart_basis.days, first, options))


def _worded(key: str, **said: Any) -> str:
    if key == "apart":  # names of series, within a sentence
        said["each"] = said["each"].lower()
    return text(f"chart_{key}", **said)


def _own(of: str) -> str:
    return text("own", level=level(of)) if level(of) else text("own_bare")


def _silent(source: Source, unit: str, attached: str) -> list[Annex]:
    """An annex that lists silent units by the unit above them, where they are too many for a sentence."""
    quiet = [(above, row) for above, row in source.table.leaves() if row.silent]
    if source.alone or len(quiet) <= MOST_NAMES:
        return []
    above_of, of = {above.id: above.name for above, _ in quiet}, dict[str, list[str]]()
    for above, row in quiet:  # two districts may have one name
        of.setdefault(above.id, []).append(row.unit.name)
    heads = [text("table_index"), text("unit_above"), text("silent_count"), text("silent_units")]
    lines = tuple(
        (str(place), above_of[above], dotted(len(names)), ", ".join(names))
        for place, (above, names) in enumerate(of.items(), 1)
    )
    table = ListTable("", list_columns(heads, (12, 38, 18, 92), (2,)), lines, upright=True)
    return [Annex("", text("annex_silent", unit=unit), attached, lists=(table,), code=SILENT)]


def _notes(source: Source, shown: Sequence[Part]) -> tuple[str, ...]:
    """Notes: the meaning of the signs, figures that nobody reported, and silent units."""
    columns = [figure for part in shown for figure in part.figures]
    has = {figure.code for figure in columns}
    rest = [figure for part in source.parts for figure in part.figures if figure.code not in has]
    notes = [*_signs(source, shown)] if shown else [text("all_empty")]
    if rest and shown:
        notes.append(text("left_out", figures=_labels(rest)))
    shared = [figure for figure in columns if figure.distinct]
    if shared and not source.alone:
        notes.append(text("shared", figures=_labels(shared)))
    return (*notes, *tables.stood_for(source.table), *states(source))


def _signs(source: Source, shown: Sequence[Part]) -> tuple[str, ...]:
    figures = [figure for part in shown for figure in part.figures]
    signs = (text("signs_included"), text("signs_waiting")) if source.counts.included else (text("signs"),)
    return (*signs, *tables.unsupported_notes(figures, source.total))


def _labels(figures: Sequence[Figure]) -> str:
    return "; ".join(small(figure.label[LANG]) for figure in figures)
