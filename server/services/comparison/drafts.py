"""A dry run: a table that was read, what of it would be taken, and what a person says of names that match no unit.

Kept in a row of its own until it is taken or the same person reads another one, so a reload loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.models import Campaign, PriorDraft, Stream
from server.services.comparison import earlier, matching, reading
from server.services.comparison.bases import Given
from server.services.comparison.grid import CellGrid
from server.services.comparison.matching import Matched, UnitIndex
from server.services.comparison.reading import CellFault, ReadSheet
from server.services.figures import loading
from server.services.units.scope import Scope
from sync.registry import Figure
from sync.text import normal

XLSX, CSV, PASTE, CAMPAIGN, FREEZE = "xlsx", "csv", "paste", "campaign", "freeze"
NAME_LENGTH: Final = 300
PLACED: Final = 500
"""Most rows whose unit a person names."""
EARLIEST: Final = date(2000, 1, 1)


class FaultyTableError(Exception):
    """The table has cells that cannot be taken: `faults` name each of them."""

    def __init__(self, faults: list[CellFault]) -> None:
        super().__init__(len(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class TableReader:
    """What a table is read with, apart from any transaction: a large one takes seconds."""

    figures: list[Figure]
    units: UnitIndex

    def read(self, grid: CellGrid) -> ReadSheet:
        """Read a table. Raises Problem as `reading.read` does; FaultyTableError."""
        sheet = reading.read(grid, self.figures, self.units.is_unit)
        if sheet.faults:
            raise FaultyTableError(sheet.faults)
        return sheet


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would be taken. `figures`: those with amounts. `matched`, `sheet`: None for figures of a campaign.

    `other_rules`: figures that were counted by another rule then, as far as is known.
    """

    row: PriorDraft
    figures: list[Figure]
    given: Given
    rules: Mapping[str, str]
    other_rules: list[Figure]
    units: UnitIndex
    sheet: ReadSheet | None
    matched: Matched | None


def may_take(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> bool:
    """True if the officer may take figures of the same period for this unit and all below it."""
    takes_part = select(Stream.id).where(Stream.campaign_id == campaign.id, Stream.unit_id == unit_id)
    if campaign.status == "archived" or scope.today(unit_id) != unit_id or not scope.may_write(unit_id):
        return False
    return session.scalar(takes_part) is not None


def check(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> Campaign:
    """Return the campaign. Raises Problem `not_found`, `archived`, `forbidden`."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or not scope.may_see(unit_id):
        raise Problem("not_found")
    if campaign.status == "archived":
        raise Problem("archived")
    if not may_take(session, scope, campaign, unit_id):
        raise Problem("forbidden")
    return campaign


def reader(session: Session, scope: Scope, campaign_id: str, unit_id: str, as_of: date) -> TableReader:
    """Return what a table is read with, after the transaction. Raises Problem as `check` does, `prior_day`."""
    campaign = _checked(session, scope, campaign_id, unit_id, as_of)
    units = matching.index(session, unit_id)
    for unit in units.units.values():
        session.expunge(unit)  # their names are read later
    return TableReader(loading.possible(campaign), units)


def from_sheet(
    session: Session, scope: Scope, campaign_id: str, unit_id: str, sheet: ReadSheet, source: tuple[str, str, date]
) -> PriorDraft:
    """Keep a table that was read. `source`: (`xlsx` or `paste`, name of the file, last day of its period).

    All is checked again: rights may have ended while it was read. Raises Problem as `reader` does.
    """
    kind, name, as_of = source
    _checked(session, scope, campaign_id, unit_id, as_of)
    draft = PriorDraft(source=kind, name=normal(name)[:NAME_LENGTH], as_of=as_of, sheet=sheet.plain)
    return _kept(session, scope, campaign_id, unit_id, draft)


def _checked(session: Session, scope: Scope, campaign_id: str, unit_id: str, as_of: date) -> Campaign:
    campaign = check(session, scope, campaign_id, unit_id)
    if not EARLIEST <= as_of < campaign.ends_on:
        raise Problem("prior_day", "as_of")
    return campaign


def from_campaign(session: Session, scope: Scope, campaign_id: str, unit_id: str, earlier_id: str) -> PriorDraft:
    """Begin with the figures of an earlier campaign. Raises Problem as `check` does."""
    campaign = check(session, scope, campaign_id, unit_id)
    before = next((each for each in earlier.offered(session, scope, campaign) if each.id == earlier_id), None)
    if before is None:
        raise Problem("not_found")
    read = earlier.read(session, scope, before, unit_id, loading.possible(campaign))
    kind = FREEZE if read.freeze else CAMPAIGN
    draft = PriorDraft(source=kind, name=before.name[:NAME_LENGTH], as_of=read.as_of, sheet={}, from_id=before.id)
    return _kept(session, scope, campaign_id, unit_id, draft)


def _kept(session: Session, scope: Scope, campaign_id: str, unit_id: str, draft: PriorDraft) -> PriorDraft:
    """A person has one at a time."""
    session.execute(delete(PriorDraft).where(PriorDraft.officer_id == scope.officer_id))
    draft.id, draft.campaign_id, draft.unit_id = new_id(), campaign_id, unit_id
    draft.officer_id, draft.at, draft.placed = scope.officer_id, now_ms(), {}
    session.add(draft)
    session.flush()
    return draft


def get(session: Session, scope: Scope, id_: str, *, lock: bool = False) -> PriorDraft:
    """Return one's own draft; else Problem `not_found`. `lock`: keep others off until the transaction ends."""
    query = select(PriorDraft).where(PriorDraft.id == id_, PriorDraft.officer_id == scope.officer_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or not scope.may_see(row.unit_id):
        raise Problem("not_found")
    return row


def place(session: Session, draft: PriorDraft, said: Mapping[str, tuple[str, bool]]) -> list[str]:
    """Keep which units a person named for rows, `{row number: (text, part)}`. Returns the texts that name no unit."""
    units = matching.index(session, draft.unit_id)
    numbers = {str(row.number) for row in reading.from_plain(draft.sheet).rows} if draft.sheet else set()
    placed, lost = dict(draft.placed), []
    for number, (text, part) in list(said.items())[:PLACED]:
        if number not in numbers:
            continue
        found = units.named(text) if text.strip() else []
        if len(found) == 1:
            placed[number] = {"unit": found[0], "part": part}
            continue
        placed.pop(number, None)
        if text.strip():
            lost.append(text.strip()[:NAME_LENGTH])
    draft.placed = placed
    session.flush()
    return lost


def dry_run(session: Session, scope: Scope, draft: PriorDraft) -> DryRun:
    """Return what would be taken now."""
    campaign = session.get_one(Campaign, draft.campaign_id)
    figures = loading.possible(campaign)
    units = matching.index(session, draft.unit_id)
    sheet, matched = None, None
    if draft.sheet:
        sheet = reading.from_plain(draft.sheet)
        matched = matching.match(sheet.rows, units, draft.placed)
        given: Given = matched.values()
        rules = {figure.code: figure.rule["vi"] for figure in figures}
    else:
        before = session.get_one(Campaign, draft.from_id)
        read = earlier.read(session, scope, before, draft.unit_id, figures)
        given, rules = read.given, dict(read.rules)
    codes = {code for each in given.values() for code in each}
    used = [figure for figure in figures if figure.code in codes]
    other = [figure for figure in used if rules.get(figure.code) != figure.rule["vi"]]
    return DryRun(draft, used, given, rules, other, units, sheet, matched)
