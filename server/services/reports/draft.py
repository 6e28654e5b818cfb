"""A report of a unit from its present figures: a draft for the clerk, who numbers, dates and signs it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from server.core.clock import local, now_ms
from server.models import Campaign, Unit
from server.services.audit import listing
from server.services.installation import sample
from server.services.reports import grids, pictures
from server.services.reports.accounts import Source, clock, sections, silent_names
from server.services.reports.content import Annex, Report
from server.services.reports.gather import gather, waiting
from server.services.reports.legible import legible
from server.services.reports.names import within
from server.services.reports.numbers import official_day, padded
from server.services.reports.prose import small
from server.services.reports.words import LANG, Part, parts, text
from server.services.units.scope import Scope
from sync.registry import Figure
from sync.text import fold


def report(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> Report:
    """The report of a unit the officer may see; else Problem `not_found`. Only reads: it freezes nothing."""
    found = gather(session, scope, campaign, unit_id)
    unit, at = found.table.unit, local(now_ms())
    above = session.get(Unit, unit.parent_id) if unit.parent_id else None
    source = Source(campaign, found, parts(found.table.figures), at, waiting(session, campaign, unit.id), "I")
    body, name = _body(unit), _quoted(campaign.name)
    marks = [text("draft")]
    marks += [text("practice")] if campaign.practice else []
    marks += [text("sample")] if sample.is_demo(session) else []
    bases = [text("opening_bases", bases=_listed(campaign.bases))] if campaign.bases else []
    # The level right below the campaign reports to the letter's author, whom no field names yet.
    to = above if above and above.id != campaign.unit_id else None
    made = Report(
        marks=tuple(marks),
        above=text("committee_short", unit=above.name).upper() if above else "",
        body=f"{text('committee')}\n{unit.name}".upper(),
        nation=text("nation"),
        motto=text("motto"),
        number=text("number"),
        date=text("date"),
        title=text("title").upper(),
        subject=text("subject", campaign=name),
        to=text("to", to=_body(to) if to else text("nobody")),
        opening=(*bases, text("opening", body=body, campaign=name)),
        sections=sections(source),
        closing=text("closing", body=body, campaign=name),
        recipients=(text("recipients"), text("as_above"), text("blank"), text("kept")),
        role=text("role"),
        as_of=text("as_of", time=clock(at), day=official_day(at.date())),
        witness=_witness(session),
        file_name=_file_name(unit, at),
        annexes=_annexes(session, source, body),
    )
    return legible(made)


def _witness(session: Session) -> str:
    """The end of the audit log: on paper, which no administrator of the database alters."""
    found = listing.head(session)
    if found is None:
        return ""
    day, number, mac = found
    return text("witness", day=official_day(date.fromisoformat(day)), number=number, head=mac)


def _quoted(name: str) -> str:
    """A campaign's name in a sentence: in quotes, unless it contains quotes."""
    return name if "“" in name else f"“{name}”"


def _listed(bases: Sequence[str]) -> str:
    *others, last = bases
    return f"{'; '.join(others)} và {last}" if others else last


def _body(unit: Unit) -> str:
    """The issuing body: the committee of the unit."""
    return f"{text('committee')} {within(unit.name)}"


def _file_name(unit: Unit, at: datetime) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", fold(unit.name)).strip("-")
    return f"bao-cao-{words or 'don-vi'}-{at:%Y%m%d-%H%M}.docx"


def _annexes(session: Session, source: Source, body: str) -> tuple[Annex, ...]:
    found, unit = source.found, within(source.found.table.unit.name)
    attached = text("attached", body=body)
    shown = grids.shown(source.parts, source.total)
    hotline = source.campaign.hotline
    annexes = [
        Annex(
            number=text("annex", number="I"),
            title=text("annex_figures", unit=unit),
            attached=attached,
            grids=grids.grids(shown, grids.flat(found), hotline),
            notes=_notes(source, shown),
        )
    ]
    if found.below:
        detail = grids.grids(shown, grids.deep(found), hotline)
        title = text("annex_detail", unit=unit)
        annexes.append(Annex(text("annex", number="II"), title, attached, grids=detail, notes=(text("signs"),)))
    chosen = pictures.choose(session, source.campaign, source.found.table.unit.id, pictures.MOST_PHOTOS)
    counts = {"n": padded(len(chosen.photos)), "records": padded(chosen.records), "all": padded(chosen.all_records)}
    note = text("photos_some", **counts) if chosen.photos else text("photos_none")
    number = text("annex", number="I" * (len(annexes) + 1))
    title = text("annex_photos", unit=unit)
    annexes.append(Annex(number, title, attached, photos=chosen.photos, notes=(note,)))
    return tuple(annexes)


def _notes(source: Source, shown: Sequence[Part]) -> tuple[str, ...]:
    """Notes: the meaning of the signs, figures that nobody reported, and silent units."""
    columns = [figure for part in shown for figure in part.figures]
    has = {figure.code for figure in columns}
    rest = [figure for part in source.parts for figure in part.figures if figure.code not in has]
    notes = [text("signs")] if shown else [text("all_empty")]
    if rest and shown:
        notes.append(text("left_out", figures=_labels(rest)))
    shared = [figure for figure in columns if figure.distinct]
    if shared and not source.alone:
        notes.append(text("shared", figures=_labels(shared)))
    quiet = silent_names(source.found)
    if quiet:
        notes.append(text("silent_named", units=quiet))
    if columns:
        rules = (text("rule", label=figure.label[LANG], rule=figure.rule[LANG]) for figure in columns)
        notes.append(text("rules", rules=" ".join(rules)))
    return tuple(notes)


def _labels(figures: Sequence[Figure]) -> str:
    return "; ".join(small(figure.label[LANG]) for figure in figures)
