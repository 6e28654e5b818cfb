"""The sections of a report: what was done as prose, and headings with a line to fill in for all that is no figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.models import Campaign
from server.services.figures import Row
from server.services.reports.content import Section
from server.services.reports.gather import Gathered
from server.services.reports.names import within
from server.services.reports.numbers import dotted, official_day, padded
from server.services.reports.prose import account, amount
from server.services.reports.words import Part, level, text

MOST_NAMES = 12
"""So many silent units are named in the text; more of them in the annex."""
DIRECTION, HOTLINE, OTHER = "direction", "hotline", "other"
_HOTLINE_FIGURE = "hotline_mentions"


@dataclass(frozen=True, slots=True)
class Told:
    """What the sections are written from."""

    campaign: Campaign
    found: Gathered
    parts: Sequence[Part]
    at: datetime
    waiting: int
    annex: str
    """The annex in which silent units are named."""

    @property
    def total(self) -> Row:
        """The figures of the whole."""
        return self.found.table.total

    @property
    def alone(self) -> bool:
        """No unit is below."""
        return not self.found.children


def sections(told: Told) -> tuple[Section, ...]:
    """I to V, in the order of such reports."""
    by_code = {part.code: part for part in told.parts}
    marks = iter("abcdefgh")
    outreach = [
        Section(f"{next(marks)})", part.title.format(hotline=told.campaign.hotline), _said(told, part))
        for part in told.parts
        if part.code not in (DIRECTION, OTHER) and part.figures
    ]
    other = by_code.get(OTHER)
    if other is not None and other.figures:
        outreach.append(Section(f"{next(marks)})", other.title, _said(told, other)))
    direction = by_code.get(DIRECTION)
    issued = direction is not None and any(amount(told.total.cells.get(each.code)) for each in direction.figures)
    results = (
        Section("1.", text("outreach"), coverage(told), sections=tuple(outreach)),
        Section("2.", text("victims"), (text("victims_apart"),)),
        Section("3.", text("money"), blank=True),
    )
    judgement = tuple(
        Section(f"{number}.", text(key), blank=True)
        for number, key in enumerate(("strengths", "difficulties", "causes"), 1)
    )
    return (
        Section("I.", text("direction"), _said(told, direction) if direction and issued else (), blank=True),
        Section("II.", text("results"), sections=results),
        Section("III.", text("judgement"), sections=judgement),
        Section("IV.", text("ahead"), blank=True),
        Section("V.", text("proposals"), blank=True),
    )


def _said(told: Told, part: Part) -> tuple[str, ...]:
    campaign = told.campaign
    name = told.found.table.unit.name
    said = account(name, part.figures, told.total.cells, campaign.hotline, alone=told.alone)
    if part.code != HOTLINE or told.alone or not amount(told.total.cells.get(_HOTLINE_FIGURE)):
        return said
    leaves = list(told.found.leaves())
    mentioning = sum(amount(row.cells.get(_HOTLINE_FIGURE)) > 0 for _, row in leaves)
    level = _level(told.found)
    units = {"n": dotted(mentioning), "all": dotted(len(leaves)), "level": level, "hotline": campaign.hotline}
    return (*said, text("mentioning", **units))


def coverage(told: Told) -> tuple[str, ...]:
    """One paragraph: of which moment the figures are, who has reported, and who has not, by name."""
    return (" ".join(_coverage(told)),)


def _coverage(told: Told) -> Iterator[str]:
    yield text("as_of_line", time=clock(told.at), day=official_day(told.at.date()))
    if told.waiting:
        yield text("waiting", n=padded(told.waiting))
    leaves = list(told.found.leaves())
    quiet = [row for _, row in leaves if row.silent]
    if told.alone:
        if quiet:
            yield text("silent_self", unit=told.found.table.unit.name)
        return
    reported = {"n": dotted(len(leaves) - len(quiet)), "all": dotted(len(leaves)), "level": _level(told.found)}
    yield text("reported", **reported)
    if len(quiet) > MOST_NAMES:
        yield text("silent_annex", n=dotted(len(quiet)), annex=told.annex)
    elif quiet:
        yield text("silent_list", units=silent_names(told.found))


def silent_names(found: Gathered) -> str:
    """Units that have said nothing, by the unit above them where that is not the report's own."""
    groups: dict[str, tuple[str, list[str]]] = {}
    for above, row in found.leaves():
        if row.silent:
            groups.setdefault(above.id, (above.name, []))[1].append(within(row.unit.name))
    own = found.table.unit.id
    return "; ".join(
        ", ".join(names) if above == own else f"{within(name)}: {', '.join(names)}"
        for above, (name, names) in groups.items()
    )


def clock(at: datetime) -> str:
    """A time as documents write it."""
    return f"{at.hour:02d} giờ {at.minute:02d} phút"


def _level(found: Gathered) -> str:
    """The level of the lowest units, where they are all of one."""
    levels = {level(row.unit.level) for _, row in found.leaves()}
    only = levels.pop() if len(levels) == 1 else ""
    return text("level", level=only) if only else ""
