"""A report of a unit from its figures as they are now: a draft for the clerk, who numbers, dates and signs it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from server.clock import local, now_ms
from server.models import Campaign, Unit
from server.services import catalog
from server.services.campaigns import kinds_of
from server.services.reports import grids, pictures
from server.services.reports.accounts import Told, clock, sections, silent_names
from server.services.reports.content import Annex, Report
from server.services.reports.gather import Gathered, gather, unit_of, waiting
from server.services.reports.legible import legible
from server.services.reports.names import within
from server.services.reports.numbers import official_day, padded
from server.services.reports.words import LANG, Part, parts, text
from server.services.scope import Scope
from sync.registry import Figure
from sync.text import fold


def report(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> Report:
    """The report of a unit the officer may see; else Problem `not_found`. Only reads: nothing is frozen by it."""
    found = gather(session, scope, campaign, unit_id)
    unit, at = found.table.unit, local(now_ms())
    above = unit_of(session, unit.parent_id)
    told = Told(campaign, found, _parts(campaign, found), at, waiting(session, campaign, unit.id), "I")
    body, name = _body(unit), f"“{campaign.name}”"
    marks = [text("draft")]
    marks += [text("practice")] if campaign.practice else []
    marks += [text("sample")] if catalog.is_demo(session) else []
    bases = ("; ".join(map(str, campaign.bases))) if campaign.bases else ""
    opening = {"bases": bases, "body": body, "campaign": name}
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
        to=text("to", to=_body(above) if above else text("nobody")),
        opening=text("opening" if bases else "opening_bare", **opening),
        sections=sections(told),
        closing=text("closing", body=body, campaign=name),
        recipients=(text("recipients"), text("as_above"), text("blank"), text("kept")),
        role=text("role"),
        signed=text("signed"),
        as_of=text("as_of", time=clock(at), day=official_day(at.date())),
        file_name=_file_name(unit, at),
        annexes=_annexes(session, told, body),
    )
    return legible(made)


def _parts(campaign: Campaign, found: Gathered) -> Sequence[Part]:
    """The figures of the campaign's kinds, by the part of the account they stand in."""
    wanted = {figure.code for kind in kinds_of(campaign) for figure in kind.figures}
    return parts([figure for figure in found.table.figures if figure.code in wanted])


def _body(unit: Unit) -> str:
    """Who issues: the committee of the unit."""
    return f"{text('committee')} {within(unit.name)}"


def _file_name(unit: Unit, at: datetime) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", fold(unit.name)).strip("-")
    return f"bao-cao-{words or 'don-vi'}-{at:%Y%m%d-%H%M}.docx"


def _annexes(session: Session, told: Told, body: str) -> tuple[Annex, ...]:
    found, unit = told.found, within(told.found.table.unit.name)
    attached = text("attached", body=body)
    shown = grids.shown(told.parts, told.total)
    hotline = told.campaign.hotline
    annexes = [
        Annex(
            number=text("annex", number="I"),
            title=text("annex_figures", unit=unit),
            attached=attached,
            grids=grids.grids(shown, grids.flat(found), hotline),
            notes=_notes(told, shown),
        )
    ]
    if found.below:
        detail = grids.grids(shown, grids.deep(found), hotline)
        title = text("annex_detail", unit=unit)
        annexes.append(Annex(text("annex", number="II"), title, attached, grids=detail, notes=(text("signs"),)))
    chosen = pictures.choose(session, told.campaign, told.found.table.unit.id, pictures.MOST_PHOTOS)
    counts = {"n": padded(len(chosen.photos)), "records": padded(chosen.records), "all": padded(chosen.all_records)}
    note = text("photos_some", **counts) if chosen.photos else text("photos_none")
    number = text("annex", number="I" * (len(annexes) + 1))
    title = text("annex_photos", unit=unit)
    annexes.append(Annex(number, title, attached, photos=chosen.photos, notes=(note,)))
    return tuple(annexes)


def _notes(told: Told, shown: Sequence[Part]) -> tuple[str, ...]:
    """What the signs mean, which figures nobody reported, and who is silent."""
    columns = [figure for part in shown for figure in part.figures]
    has = {figure.code for figure in columns}
    rest = [figure for part in told.parts for figure in part.figures if figure.code not in has]
    notes = [text("signs")] if shown else [text("all_empty")]
    if rest and shown:
        notes.append(text("left_out", figures=_labels(rest)))
    shared = [figure for figure in columns if figure.distinct]
    if shared and not told.alone:
        notes.append(text("shared", figures=_labels(shared)))
    quiet = silent_names(told.found)
    if quiet:
        notes.append(text("silent_named", units=quiet))
    if columns:
        rules = (text("rule", label=figure.label[LANG], rule=figure.rule[LANG]) for figure in columns)
        notes.append(text("rules", rules=" ".join(rules)))
    return tuple(notes)


def _labels(figures: Sequence[Figure]) -> str:
    return ", ".join(figure.label[LANG][0].lower() + figure.label[LANG][1:] for figure in figures)
