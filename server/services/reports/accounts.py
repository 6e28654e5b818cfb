"""The sections of a report: figures as prose, and who has reported nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from server.services.figures.table import Cell, Counting, FigureRow, FigureTable
from server.services.letters.citing import official_day
from server.services.reports import tables
from server.services.reports.content import Section
from server.services.reports.letterheads import within
from server.services.reports.words import (
    LANG,
    Part,
    Phrase,
    about,
    dotted,
    level,
    padded,
    phrases,
    small,
    text,
    whole,
)
from sync.registry import Figure

Said = Callable[[str, int], str]
"""How the amount of a figure (by its code) is written."""


def _padded(_code: str, amount: int) -> str:
    return padded(amount)


def clauses(figures: Sequence[Figure], amounts: Mapping[str, int], hotline: str, say: Said = _padded) -> list[str]:
    """A clause for each figure above zero, in the order of the phrases.

    A figure that another one's clause includes has no clause of its own.
    """
    phrased: set[str] = set()
    here = {figure.code for figure in figures}
    order = {code: place for place, code in enumerate(phrases())}
    for code, phrase in phrases().items():
        if code in here and amounts.get(code, 0):
            phrased |= {*phrase.beside, *phrase.among} & here
    return [
        _clause(figure, amounts, hotline, say)
        for figure in sorted(figures, key=lambda each: order.get(each.code, len(order)))
        if figure.code not in phrased and amounts.get(figure.code, 0)
    ]


def _clause(figure: Figure, amounts: Mapping[str, int], hotline: str, say: Said) -> str:
    n = say(figure.code, amounts[figure.code])
    phrase = phrases().get(figure.code)
    if phrase is None:
        return text("generic", label=small(figure.label[LANG]), n=n, unit=figure.unit[LANG])
    said = about(phrase.text, hotline, n=n)
    said += "".join(_each(phrase.beside, amounts, say))
    among = _among(phrase, amounts, amounts[figure.code], say)
    return said + (text("among", parts=", ".join(among)) if among else "")


def _among(phrase: Phrase, amounts: Mapping[str, int], whole: int, say: Said) -> list[str]:
    """The parts of a whole, which add up to it: what is left is the last of them.

    Where amounts are filled in later, what is left is named without a number.
    """
    parts = list(_each(phrase.among, amounts, say))
    left = whole - sum(amounts.get(code, 0) for code in phrase.among)
    if not parts or left <= 0 or not phrase.rest:
        return parts
    return [*parts, f"{padded(left)} {phrase.rest}" if say is _padded else text("among_rest", rest=phrase.rest)]


def _each(texts: Mapping[str, str], amounts: Mapping[str, int], say: Said) -> Iterable[str]:
    return (form.format(n=say(code, amounts[code])) for code, form in texts.items() if amounts.get(code, 0))


def joined(said: Sequence[str]) -> str:
    """Join clauses; with semicolons if one of them contains a comma."""
    return ("; " if any("," in clause for clause in said) else ", ").join(said)


def account(
    name: str,
    figures: Sequence[Figure],
    cells: Mapping[str, Cell],
    hotline: str,
    *,
    alone: bool,
    counts: Counting | None = None,
    say: Said = _padded,
) -> tuple[str, ...]:
    """A unit's activities in these figures, as sentences. `alone`: no unit is below it, so it reports nil itself.

    `counts`: which amounts, by default what was counted.
    """
    counts = counts or Counting()
    known = [figure for figure in figures if figure.code in cells]
    said = clauses(known, {figure.code: counts.amount(cells[figure.code]) for figure in known}, hotline, say)
    found = [text("has_done", whole=whole(name), clauses=joined(said))] if said else []
    nil = [figure for figure in known if cells[figure.code].is_nil]
    if alone and nil:
        found.append(text("nil", figures=", ".join(small(figure.label[LANG]) for figure in nil)))
    if not found:
        found.append(text(_silence([cells[figure.code] for figure in known], alone=alone)))
    return tuple(found)


def _silence(cells: Sequence[Cell], *, alone: bool) -> str:
    """The sentence for a part with nothing counted. What waits for approval is said below the annex."""
    if any(cell.reporting for cell in cells):
        return "none_counted"
    if any(cell.unsupported for cell in cells):
        return "only_unsupported"
    if any(cell.nil for cell in cells):
        return "nil_only"
    return "none_reported_self" if alone else "none_reported"


# The sections of a report: activities as prose, and headings with a blank line for everything that is no figure.
MOST_NAMES = 12
"""Most silent units named in the text; if there are more, they are in the annex."""
DIRECTION, OTHER = "direction", "other"
PART = "part."
"""Before the code of a part: the section of its account."""


@dataclass(frozen=True, slots=True)
class ReportedCampaign:
    """What a report says of its campaign, as it was at the moment of the figures."""

    name: str
    practice: bool
    hotline: str
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The data that the sections are written from."""

    campaign: ReportedCampaign
    table: FigureTable
    parts: Sequence[Part]
    at: datetime
    waiting: int
    body: str
    """The body that reports, as a sentence names it."""
    counts: Counting = field(default_factory=Counting)

    @property
    def as_of(self) -> str:
        """The moment of the figures, and what they count."""
        key = "as_of_included" if self.counts.included else "as_of"
        said = text(key, time=clock(self.at), day=official_day(self.at.date()))
        return said + (text("as_of_stands_in") if self.counts.stands_in else "")

    @property
    def total(self) -> FigureRow:
        """The figures of the unit with all below it."""
        return self.table.total

    @property
    def alone(self) -> bool:
        """True if no unit is below."""
        return self.table.alone


def sections(source: Source) -> tuple[Section, ...]:
    """Sections I to V, in the usual order of such reports."""
    by_code = {part.code: part for part in source.parts}
    marks = iter("abcdefgh")
    outreach = [
        Section(
            f"{next(marks)})",
            about(part.title, source.campaign.hotline),
            _said(source, part),
            code=f"{PART}{part.code}",
        )
        for part in source.parts
        if part.code not in (DIRECTION, OTHER) and part.figures
    ]
    other = by_code.get(OTHER)
    if other is not None and other.figures:
        outreach.append(Section(f"{next(marks)})", other.title, _said(source, other), code=f"{PART}{OTHER}"))
    direction = by_code.get(DIRECTION)
    has_issued = direction and any(source.counts.amount(source.total.cells[each.code]) for each in direction.figures)
    issued = _said(source, direction) if direction and has_issued else ()
    results = (
        Section("1.", text("outreach"), coverage(source), sections=tuple(outreach), code="outreach"),
        Section("2.", text("victims"), (text("victims_apart"),), code="victims"),
        Section("3.", text("money"), blank=True, code="money"),
    )
    judgement = tuple(
        Section(f"{number}.", text(key), blank=True, code=key)
        for number, key in enumerate(("strengths", "difficulties", "causes"), 1)
    )
    return (
        Section("I.", text("direction"), issued, blank=True, code=DIRECTION),
        Section("II.", text("results"), sections=results, code="results"),
        Section("III.", text("judgement"), sections=judgement, code="judgement"),
        Section("IV.", text("ahead"), blank=True, code="ahead"),
        Section("V.", text("proposals"), blank=True, code="proposals"),
    )


def _said(source: Source, part: Part) -> tuple[str, ...]:
    campaign = source.campaign
    name = source.table.unit.name
    # For a single unit, the number of units says nothing.
    figures = [figure for figure in part.figures if not (source.alone and figure.units_of)]
    known = source.total.cells
    return account(name, figures, known, campaign.hotline, alone=source.alone, counts=source.counts)


def coverage(source: Source) -> tuple[str, ...]:
    """One paragraph: the moment of the figures, and who has reported and who has not, by name."""
    return (" ".join(_coverage(source)),)


def states(source: Source) -> tuple[str, ...]:
    """What the figures count and leave out, as the annex says below them: these are states of Loa, no results."""
    return tuple(_states(source))


def _states(source: Source) -> Iterator[str]:
    yield f"{source.as_of}."
    if source.waiting:
        yield text("waiting_included" if source.counts.included else "waiting", n=padded(source.waiting))
    leaves = list(source.table.leaves())
    stated = tables.unsupported_sentence(_figures(source), source.total, stands_in=source.counts.stands_in)
    if stated:
        yield stated
    above = tables.unconfirmed([row for _, row in leaves])
    if above:
        names = ", ".join(within(row.unit.name) for row in above[:MOST_NAMES])
        yield text("unconfirmed", n=padded(len(above)), units=names + ("…" if len(above) > MOST_NAMES else ""))


def _coverage(source: Source) -> Iterator[str]:
    yield text("as_of_body", time=clock(source.at), day=official_day(source.at.date()))
    leaves = list(source.table.leaves())
    quiet = [row for _, row in leaves if row.silent]
    if source.alone:
        if quiet:
            yield text("silent_self", unit=source.table.unit.name)
        return
    reported = {"n": dotted(len(leaves) - len(quiet)), "all": dotted(len(leaves)), "level": _level(source.table)}
    yield text("reported", **reported)
    if len(quiet) > MOST_NAMES:
        yield text("silent_annex", n=dotted(len(quiet)))
    elif quiet:
        yield text("silent_list", units=silent_names(source.table))


def _figures(source: Source) -> list[Figure]:
    return [figure for part in source.parts for figure in part.figures]


def silent_names(found: FigureTable) -> str:
    """Names of units that have reported nothing, grouped by the unit above, unless that is the report's own."""
    groups: dict[str, tuple[str, list[str]]] = {}
    for above, row in found.leaves():
        if row.silent:
            groups.setdefault(above.id, (above.name, []))[1].append(within(row.unit.name))
    own = found.unit.id
    return "; ".join(
        ", ".join(names) if above == own else f"{', '.join(names)} ({within(name)})"
        for above, (name, names) in groups.items()
    )


def clock(at: datetime) -> str:
    """A time in the format of documents."""
    return f"{at.hour:02d} giờ {at.minute:02d} phút"


def _level(found: FigureTable) -> str:
    only = _only_level(found)
    return text("level", level=only) if only else ""


def lowest_level(found: FigureTable) -> str:
    """What the lowest units are called."""
    return _only_level(found) or text("unit_word")


def _only_level(found: FigureTable) -> str:
    """The level of the lowest units, if they all have the same."""
    levels = {level(row.unit.level) for _, row in found.leaves()}
    return levels.pop() if len(levels) == 1 else ""
