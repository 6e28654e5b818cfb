"""The log book of a station for a week ("Sổ nhật ký phát thanh"): what went out on which day, in Word.

Of what is counted, plan and done apart: a day of a schedule that has come has a line though nobody confirmed it, and
adds nothing. A record of an earlier app was aired as its schedule says (SPEC F-20, F-21).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_SECTION
from docx.shared import Length, Pt
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from server.core.bulk import grouped
from server.core.clock import today
from server.core.db import reading
from server.core.problem_details import Problem, refuse_if
from server.models import Campaign, DecisionRow, Officer, Record, Stream, Unit
from server.services.letters.citing import official_day
from server.services.records.projection import BUCKETS
from server.services.reports import letterheads, word, words
from server.services.reports.content import ListColumn, ListTable, without_empty
from server.services.reports.documents import report_files
from server.services.reports.documents.asking import Choices, DocumentOrder, MadeDocument
from server.services.reports.word import page, parts
from server.services.reports.word.page import field, fixed, keep_whole
from server.services.reports.word.parts import RawRows
from server.services.reports.words import dotted, legible
from server.services.units import deputies
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from sync.airings import clocks, hours_on
from sync.record import agreed
from sync.registry import KINDS
from sync.values import Value

DAYS: Final = 7
_COLUMNS: Final = (
    *(("day", 27), ("hours", 22), ("script", 50), ("programme", 26), ("planned", 15), ("times", 15), ("each", 16)),
    *(("minutes", 16), ("clusters", 14), ("announcer", 24), ("approver", 32)),
)
_NUMBERS: Final = ("planned", "times", "each", "minutes", "clusters")
KIND: Final = "broadcast"
OPEN: Final = "–"
"""Of a day that nobody confirmed."""


@dataclass(frozen=True, slots=True)
class Airing:
    """What one record says of one day at one station."""

    unit: str
    station: str
    day: date
    script: str
    programme: str
    planned: int
    times: int | None
    """None: nobody confirmed that day."""
    minutes_each: int
    clusters: str
    announcer: str
    approver: str
    hours: str = ""
    """The time of day of each airing."""

    @property
    def minutes(self) -> int:
        """Minutes on air that day."""
        return (self.times or 0) * self.minutes_each


def check(session: Session, scope: Scope, unit_id: str, choices: Choices) -> None:
    """Raise Problem `document_week` unless `from` is a Monday."""
    report_files.check(session, scope, unit_id, choices)
    monday(choices)


def monday(choices: Choices) -> date:
    """Return the first day of the week. Raises Problem `document_week`."""
    try:
        found = date.fromisoformat(str(choices.get("from", "")))
    except ValueError as error:
        raise Problem("document_week", "from") from error
    return found - timedelta(days=found.weekday())


def make(order: DocumentOrder) -> MadeDocument:
    """Make the Word file: a page or more for each station. Raises Problem `document_empty` for a week of silence."""
    first = monday(order.choices)
    with reading() as session:
        campaign = order.campaign(session)
        found = list(airings(session, campaign, order.unit_id, first))
        title = campaign.name
    refuse_if(not any(each.times for each in found), "document_empty")
    path = order.folder / "log.docx"
    path.write_bytes(_document(legible(tuple(found)), first, title, order))
    return MadeDocument(path, f"so-nhat-ky-phat-thanh-{first:%Y%m%d}.docx")


def airings(session: Session, campaign: Campaign, unit_id: str, first: date) -> Iterator[Airing]:
    """Yield what counted records say of this week, by unit, station, day.

    The approver of a record is whoever approved it, also where undoing stated that again (SPEC D-14).
    """
    made_first = aliased(DecisionRow)
    approver = deputies.said_name(made_first.officer_id, made_first.at, Stream.unit_id)
    here = Stream.campaign_id == campaign.id, Stream.unit_id.in_(subtree(session, [unit_id]))
    query = select(Unit.name, Unit.sort_key, DecisionRow.sides, approver, Record.id)
    query = query.join_from(Record, Stream, Stream.id == Record.stream_id).join(Unit, Unit.id == Stream.unit_id)
    query = query.join(DecisionRow, DecisionRow.id == Record.decision_id)
    query = query.join(made_first, made_first.id == func.coalesce(DecisionRow.restates, DecisionRow.id))
    query = query.join(Officer, Officer.id == made_first.officer_id)
    rows = session.execute(query.where(*here, Record.kind == KIND, Record.bucket == BUCKETS[0]))
    found = []
    for unit, order, sides, approved_by, record in rows:
        values = agreed(sides)
        for at in range(DAYS):
            day = first + timedelta(days=at)
            planned, times = on_day(values, day)
            if times or (planned and day <= today()):
                made = _airing(unit, approved_by, values, day, planned, times)
                found.append(((order, made.station, day, made.script, record), made))
    for _, made in sorted(found, key=lambda pair: pair[0]):
        yield made


def on_day(values: Mapping[str, Value], day: date) -> tuple[int, int | None]:
    """Return how often a day was planned, and how often it was aired: None if nobody confirmed it."""
    rule, schedule = KINDS[KIND].confirm, values.get("schedule")
    within = isinstance(schedule, dict) and str(schedule.get("from")) <= day.isoformat() <= str(schedule.get("to"))
    planned = _whole(schedule.get("times_a_day")) if isinstance(schedule, dict) and within else 0
    if rule is None or values.get(rule.when) is not True:
        return planned, planned
    said = values.get(rule.field(day))
    return planned, said if isinstance(said, int) and not isinstance(said, bool) else None


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _said(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _hours(values: Mapping[str, Value], day: date, times: int | None) -> str:
    """Return the time of each airing (SPEC F-41); of a day that nobody confirmed, as it was planned."""
    planned = clocks(_said(values.get("hours"))) if times is None else ()
    return ", ".join(hours_on(KINDS[KIND], values, day) or planned)


def _airing(
    unit: str, approver: str, values: Mapping[str, Value], day: date, planned: int, times: int | None
) -> Airing:
    programme = KINDS[KIND].field("programme")
    choices = programme.choices if programme else ()
    chosen = next((each["label"]["vi"] for each in choices if each["value"] == values.get("programme")), "")
    clusters = _whole(values.get("clusters"))
    return Airing(
        unit=unit,
        station=_said(values.get("station")) or words.text("log_station", unit=letterheads.within(unit)),
        day=day,
        script=_said(values.get("script")),
        programme=str(chosen),
        planned=planned,
        times=times,
        minutes_each=_whole(values.get("minutes")),
        clusters=dotted(clusters) if clusters else "",
        announcer=_said(values.get("announcer")),
        approver=approver,
        hours=_hours(values, day, times),
    )


def _document(found: tuple[Airing, ...], first: date, campaign: str, order: DocumentOrder) -> bytes:
    made, raw = Document(), RawRows()
    page.apply(made)
    stations = grouped(((each.unit, each.station), each) for each in found)
    last = first + timedelta(days=DAYS - 1)
    for place, ((unit, station), mine) in enumerate(stations.items()):
        section = made.add_section(WD_SECTION.NEW_PAGE) if place else made.sections[0]
        page.across(section)
        if not place:
            field(section.header.paragraphs[0], "PAGE")
        made.add_paragraph(words.text("log_title"), "Title")
        week = words.text("days_between", first=official_day(first), last=official_day(last))
        for said in (
            words.text("log_of", station=station, unit=letterheads.within(unit)),
            words.text("log_week", week=week),
        ):
            made.add_paragraph(said, page.PLAIN)
        about = made.add_paragraph(campaign, page.PLAIN)
        about.runs[0].font.italic, about.paragraph_format.space_after = True, Pt(8)
        parts.write_list(made, without_empty(_table(mine)), raw)
        made.add_paragraph(words.text("log_rule"), page.NOTE)
        _signatures(made)
        order.on_progress(place, len(stations))
    return word.saved(made, raw, order.asked_at)


def _table(mine: list[Airing]) -> ListTable:
    columns = tuple(ListColumn(words.text(f"log_{key}"), width, key in _NUMBERS) for key, width in _COLUMNS)
    planned, times = sum(each.planned for each in mine), sum(each.times or 0 for each in mine)
    minutes = sum(each.minutes for each in mine)
    total = (words.text("total"), "", "", "", dotted(planned), dotted(times), "", dotted(minutes), "", "", "")
    lines = [
        (
            *(
                words.text("log_weekday", weekday=_WEEKDAYS[each.day.weekday()], day=official_day(each.day)),
                *(each.hours, each.script),
            ),
            *(each.programme, dotted(each.planned), OPEN if each.times is None else dotted(each.times)),
            *(dotted(each.minutes_each), dotted(each.minutes)),
            *(each.clusters, each.announcer, each.approver),
        )
        for each in mine
    ]
    return ListTable("", columns, (total, *lines), totals=1)


_WEEKDAYS: Final = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")


def _signatures(made: Any) -> None:
    table = made.add_table(rows=1, cols=2)
    half = Length(page.ACROSS // 2)
    fixed(table, [half, half])
    keep_whole(table.rows[0])
    for cell, who, how in zip(table.rows[0].cells, ("log_keeper", "log_head"), ("sign_name", "sign_seal"), strict=True):
        page.line(cell, words.text(who), bold=True)
        page.line(cell, words.text(how), italic=True)
