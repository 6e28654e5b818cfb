"""A freeze as a person reads it: what it holds, whether it is still what it was, its report, what differs from today.

Before *Trình* all but the figures may change: letterhead and texts are given.

>>> short_id("ff" * 32), spoken("7F3K9Q2MX4ABCD12"), typed_id("7f3k 9q2m-x4abcd-l2")
('ZZZZZZZZZZZZZZZZ', '7F3K-9Q2M-X4AB-CD12', '7F3K9Q2MX4ABCD12')
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.canonical import canonical, digest
from server.core.clock import local, today
from server.models import AuditLine, Campaign, Freeze, FreezeLine, Record, Unit
from server.services.audit.acts import Act
from server.services.faces import marks
from server.services.faces.marks import Part, PhotoName
from server.services.figures import loading
from server.services.figures.charting import window
from server.services.figures.table import (
    MODES,
    Counting,
    Difference,
    FigureRow,
    FigureTable,
    differences,
    from_plain,
    mark,
    scaled,
)
from server.services.letters.citing import official_day
from server.services.records.projection import BUCKETS
from server.services.records.streams import number_text
from server.services.reports import content, draft, evidence, letterheads
from server.services.reports.accounts import ReportedCampaign, clock
from server.services.reports.content import Report, ReportPhoto
from server.services.reports.draft import ChartBasis, ReportBasis
from server.services.reports.evidence import Chosen, ListedRecord, Lists
from server.services.reports.letterheads import LetterheadText
from server.services.reports.words import padded, text
from server.services.units.scope import Scope
from sync.amount import Amount
from sync.record import PURGED
from sync.registry import KINDS, Figure

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 16
_BITS: Final = 5
_LIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})


def root(head: str, lines: Iterable[tuple[str, str]]) -> str:
    """Return the hash of a freeze: of its head's hash with that of each record's line. `lines`: (record id, hash).

    So a line can be emptied when its record is purged, and the rest can still be checked.
    """
    return digest(canonical({"head": digest(head), "lines": sorted([record, hash_] for record, hash_ in lines)}))


def short_id(sha256: str) -> str:
    """Return the id of content with this hash (hex)."""
    bits = int(sha256, 16) >> (4 * len(sha256) - _BITS * LENGTH)
    return "".join(LETTERS[bits >> (_BITS * place) & 31] for place in reversed(range(LENGTH)))


def spoken(id_: str) -> str:
    """Return the id in groups of four, as it is printed."""
    return "-".join(id_[at : at + 4] for at in range(0, len(id_), 4))


def typed_id(text: str) -> str:
    """Return the id that somebody typed: any blanks and dashes, small letters, O for 0. Empty if it is none."""
    found = re.sub(r"[\s\-–—]", "", text.upper()).translate(_LIKE)
    return found if len(found) == LENGTH and set(found) <= set(LETTERS) else ""


# The line at the foot of a document that names its freeze.
SHORT_HASH: Final = 16
"""Hex digits of the hash that are printed."""


def foot(row: Freeze) -> str:
    """Return the line: id, moment and the beginning of the hash."""
    at = local(row.at)
    moment = {"time": clock(at), "day": official_day(at.date())}
    return text("frozen", id=spoken(row.id), hash=row.sha256[:SHORT_HASH], **moment)


AT_ONCE: Final = 1_000
"""Lines read at a time: a province has hundreds of thousands."""


@dataclass(frozen=True, slots=True)
class FreezeCheck:
    """What the hash says. `altered`: records whose lines are not what was frozen, or are empty without a purge.

    `erased`: by record, when its content was removed. `logged`: whether the audit log has the same hash; None if it
    has no line of it any more.
    """

    is_right: bool
    altered: list[str]
    erased: dict[str, int]
    logged: bool | None

    @property
    def is_good(self) -> bool:
        """Nothing was altered, and the log does not say otherwise."""
        return self.is_right and self.logged is not False


@dataclass(frozen=True)
class FrozenFigures:
    """A freeze and its head as data. Its amounts are at today's scales: the head keeps the digits of its day (F-17)."""

    row: Freeze
    head: dict[str, Any]

    @cached_property
    def table(self) -> FigureTable:
        """The figures."""
        return from_plain(self.head["table"])

    @property
    def mode(self) -> str:
        """What the signatory chose of MODES."""
        return str(self.head["choice"]["count"])

    @property
    def counts(self) -> Counting:
        """Which amounts the signatory chose to show."""
        return self.counting(self.mode)

    def counting(self, mode: str) -> Counting:
        """Which amounts are shown with this choice of MODES."""
        return Counting(MODES[mode], self.head["choice"]["stands_in"])

    @property
    def silent(self) -> list[FigureRow]:
        """The lowest units that had reported nothing."""
        return [row for row in self.table.rows if row.leaf and not row.own and row.silent]

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """By code: the figures as they were labelled and counted."""
        return {figure.code: figure for figure in self.table.figures}

    @cached_property
    def _scales(self) -> dict[str, int]:
        return {each["code"]: int(each["scale"]) for each in self.head["table"]["figures"]}

    def amount(self, code: str, digits: int) -> Amount:
        """Return an amount of a line or a total."""
        figure = self.figures.get(code)
        return scaled(figure, digits, self._scales[code]) if figure else Amount(digits)

    @property
    def has_charts(self) -> bool:
        """True if it holds sums by day (freezing.FORMAT)."""
        return "charts" in self.head

    @cached_property
    def chart_basis(self) -> ChartBasis | None:
        """What its charts are made from; None if it has none."""
        if not self.has_charts:
            return None
        kept, campaign = self.head["charts"], self.head["campaign"]
        days = {
            code: {day: [self.amount(code, each) for each in amounts] for day, amounts in theirs.items()}
            for code, theirs in kept["days"].items()
        }
        dates = (date.fromisoformat(campaign[name]) for name in ("starts_on", "ends_on", "due_before"))
        return ChartBasis([self._planned(row) for row in campaign["expected"]], kept["figures"], days, window(*dates))

    def _planned(self, row: Mapping[str, Any]) -> dict[str, Any]:
        code = row["figure"]
        some = {
            name: {whose: int(self.amount(code, each)) for whose, each in row[name].items()}
            for name in ("classes", "units")
            if name in row
        }
        return {**row, **some, "amount": int(self.amount(code, row["amount"]))}

    @cached_property
    def totals(self) -> list[dict[str, Any]]:
        """The totals without evidence behind the figures."""
        names = ("amount", "base", "records", "unsupported")
        return [
            each | {name: self.amount(each["figure"], each[name]) for name in names if name in each}
            for each in self.head["totals"]
        ]


def read(session: Session, scope: Scope, id_: str) -> FrozenFigures:
    """Return a freeze of a unit that the officer may see; else Problem `not_found`."""
    row = scope.seen(session.get(Freeze, id_))
    return of(row)


def of(row: Freeze) -> FrozenFigures:
    """Return a stored freeze, whoever asks."""
    return FrozenFigures(row, json.loads(row.head))


def total_mark(row: Freeze) -> str:
    """Return the mark of the total, to compare it with what a page showed before the lock."""
    return mark(of(row).table.total)


def check(session: Session, found: FrozenFigures) -> FreezeCheck:
    """Compute the hash anew from what is stored, and compare it with the id, the row and the audit log."""
    columns = FreezeLine.record_id, FreezeLine.sha256, FreezeLine.content, FreezeLine.erased_at, Record.state
    query = select(*columns).join(Record, Record.id == FreezeLine.record_id)
    lines = session.execute(query.where(FreezeLine.freeze_id == found.row.id).execution_options(yield_per=AT_ONCE))
    hashes: list[tuple[str, str]] = []
    altered: list[str] = []
    erased: dict[str, int] = {}
    for line in lines:
        hashes.append((line.record_id, line.sha256))
        if line.erased_at is not None and line.state == PURGED:
            erased[line.record_id] = line.erased_at
        elif digest(line.content) != line.sha256:
            altered.append(line.record_id)
    sha256 = root(found.row.head, hashes)
    return FreezeCheck(
        is_right=not altered and sha256 == found.row.sha256 and short_id(sha256) == found.row.id,
        altered=sorted(altered),
        erased=erased,
        logged=_logged(session, found.row),
    )


def _logged(session: Session, row: Freeze) -> bool | None:
    theirs = AuditLine.about_kind == "unit", AuditLine.about_id == row.unit_id
    said = select(AuditLine.new).where(AuditLine.act == Act.FIGURES_LOCKED.value, *theirs)
    for line in session.scalars(said):
        new = json.loads(line)
        if new.get("freeze") == row.id:
            return row.sha256.startswith(str(new.get("hash")))
    return None


def since(session: Session, scope: Scope, found: FrozenFigures, mode: str) -> list[Difference]:
    """What today's figures have otherwise than the freeze."""
    campaign = session.get_one(Campaign, found.row.campaign_id)
    today = loading.load(session, scope, campaign, scope.today(found.row.unit_id))
    return differences(found.table, today, found.counting(mode))


# Its report as plain data, without photos and lists, which a purge removes: these are read from the records' lines.
def headed(session: Session, found: FrozenFigures) -> LetterheadText:
    """Return the letterhead of the freeze's unit that is in force today."""
    campaign = session.get(Campaign, found.row.campaign_id)
    return letterheads.in_force(session, session.get_one(Unit, found.row.unit_id), today(), campaign)


def frozen_report(
    found: FrozenFigures, letterhead: LetterheadText, counts: Counting | None = None, *, charts: bool = False
) -> Report:
    """Return the report. `counts`: which amounts, by default those that the signatory chose. `charts`: with them."""
    head, campaign = found.head, found.head["campaign"]
    read = ReportBasis(
        ReportedCampaign(campaign["name"], campaign["practice"], campaign["hotline"], tuple(campaign["bases"])),
        found.table,
        found.row.at,
        head["waiting"],
        head["demo"],
        head["witness"],
        Chosen((), *(int(head["photos"][name]) for name in ("n", "records", "all"))),
        letterhead,
        {code: found.amount(code, amount) for code, amount in head["earlier"].items()},
        evidence.Lists((), (), 0, 0),
        head["added"],
        foot(found.row),
        found.chart_basis if charts else None,
    )
    return draft.written(read, counts or found.counts, draft=False)


# The lists of a frozen report: displays and broadcasts, from the decisions that the freeze names.
#
# A decision is never altered, so the same freeze gives the same lists until a purge empties a line of it.
def with_lists(session: Session, found: FrozenFigures, report: Report) -> Report:
    """Copy the report with its lists before the photos."""
    unit = letterheads.within(found.table.unit.name)
    attached = report.annexes[0].attached
    return content.with_lists(report, evidence.annexes(lists(session, found), unit, attached))


def lists(session: Session, found: FrozenFigures, most: int = evidence.MOST_LISTED) -> Lists:
    """Return the lists, in the order of the table of figures; at most `most` lines each."""
    places = {row.unit.id: place for place, row in enumerate(found.table.rows) if not row.own}
    over = _standing(found)

    def order(pair: tuple[str, ListedRecord]) -> tuple[int, str, str, int]:
        unit, record = pair
        return places.get(over(unit), len(places)), unit, record.kind, record.number

    records = sorted(_records(session, found), key=order)
    slogans = evidence.slogan_texts(found.head["campaign"]["slogans"])
    displays = [each for _, each in records if each.kind in evidence.DISPLAYS]
    broadcasts = [each for _, each in records if each.kind in evidence.BROADCASTS]
    made = [tuple(evidence.lines(session, each[:most], slogans)) for each in (displays, broadcasts)]
    erased = [_erased(session, found, kinds) for kinds in (evidence.DISPLAYS, evidence.BROADCASTS)]
    return Lists(made[0], made[1], len(displays), len(broadcasts), *erased)


def _standing(found: FrozenFigures) -> Callable[[str], str]:
    """A unit that was merged before the lock has no row: the one that it went into has."""
    rows, above = {row.unit.id for row in found.table.rows}, found.head["tree"]

    def of(unit: str) -> str:
        while unit not in rows and above.get(unit):
            unit = above[unit]
        return unit

    return of


def _records(session: Session, found: FrozenFigures) -> Iterator[tuple[str, ListedRecord]]:
    """Each counted record of a list, with the id of its unit."""
    named, over = {row.unit.id: row.unit.name for row in found.table.rows}, _standing(found)
    theirs = select(FreezeLine.content).join(Record, Record.id == FreezeLine.record_id)
    theirs = theirs.where(FreezeLine.freeze_id == found.row.id, FreezeLine.content != "")
    theirs = theirs.where(Record.kind.in_(evidence.LISTED))
    for line in session.scalars(theirs.execution_options(yield_per=AT_ONCE)):
        said = json.loads(line)
        if said["bucket"] == BUCKETS[0]:
            name = named.get(over(said["unit"]), "")
            yield said["unit"], ListedRecord(name, said["kind"], said["number"], said["decision"], said["amounts"])


def _erased(session: Session, found: FrozenFigures, kinds: Sequence[str]) -> int:
    """Number of erased records of these kinds; 0 if none of them was counted when the figures were frozen."""
    fed = {name: {figure.code for figure in kind.figures} for name, kind in KINDS.items()}
    others = set().union(*(codes for name, codes in fed.items() if name not in kinds))
    codes = set().union(*(fed[name] for name in kinds)) - others
    cells = found.table.total.cells
    if not any(cells[code].counted for code in codes & cells.keys()):
        return 0
    lines = select(func.count()).select_from(FreezeLine).join(Record, Record.id == FreezeLine.record_id)
    gone = lines.where(FreezeLine.freeze_id == found.row.id, FreezeLine.erased_at.is_not(None))
    return session.scalar(gone.where(Record.kind.in_(kinds))) or 0


# What of a frozen report a purge can remove: its photos, and its lists of displays and broadcasts.
@dataclass(frozen=True, slots=True)
class PresentedPhotos:
    """The photos of a paper as they were when it was presented: which went, with which parts covered, and their note.

    `parts`: by photo that went; None: all went as they are, for nobody said anything of photos yet.
    """

    parts: Mapping[PhotoName, tuple[Part, ...]] | None = None
    note: str = ""

    def answered(self, photos: Iterable[ReportPhoto]) -> tuple[ReportPhoto, ...]:
        """Return the photos with what held for each."""
        named = ((photo, (photo.record_id, photo.key)) for photo in photos)
        if self.parts is None:
            return tuple(photo for photo, _ in named)
        return tuple(replace(it, parts=self.parts.get(name, ()), goes=name in self.parts) for it, name in named)


def with_evidence(session: Session, found: FrozenFigures, made: Report, faces: PresentedPhotos | None = None) -> Report:
    """Copy a report of a freeze with its lists, and with the photos that are left on its last annex.

    `faces`: as a paper was presented; by default what holds now.
    """
    made, chosen = with_lists(session, found, made), left_photos(session, found, faces)
    gone = chosen.count - len(chosen.photos)
    note = (faces.note if faces else "") or evidence.sheet_note(chosen)
    return content.with_photos(made, chosen.photos, (note, text("photos_erased", n=padded(gone)) if gone else ""))


def left_photos(session: Session, found: FrozenFigures, faces: PresentedPhotos | None = None) -> Chosen:
    """Return the photos that are left of those chosen at the lock, in their order, with what was said of each."""
    counts = (int(found.head["photos"][name]) for name in ("n", "records", "all"))
    photos = [photo for _, photo in sorted(_photos(session, found), key=lambda pair: pair[0])]
    if faces:
        return Chosen(faces.answered(photos), *counts)
    rule, said = marks.rule_of(session, found.row.campaign_id), marks.of(session, {it.record_id for it in photos})
    return Chosen(evidence.answered(photos, rule, said), *counts)


def _photos(session: Session, found: FrozenFigures) -> Iterator[tuple[int, ReportPhoto]]:
    """Each photo that is left, with its place on the sheet."""
    units, over = {row.unit.id: row.unit.short_name for row in found.table.rows}, _standing(found)
    contents = select(FreezeLine.record_id, FreezeLine.content).where(FreezeLine.freeze_id == found.row.id)
    shown = contents.where(FreezeLine.content != "", ~FreezeLine.content.contains('"photos":[]', autoescape=True))
    for record, line in session.execute(shown):
        said = json.loads(line)
        name = f"{units.get(over(said['unit']), '')} {number_text(said['kind'], said['number'])}"
        for photo in said["photos"]:
            it = ReportPhoto(record, photo["key"], photo["caption"], tuple(photo["blobs"]), name=name)
            yield photo["place"], it
