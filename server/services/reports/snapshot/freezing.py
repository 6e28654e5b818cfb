"""Freeze: store what the figures of a unit consist of at this moment, so that nothing of it changes later.

In tables, not in the blob store: a freeze is whole or not there, in the transaction of the lock; backups hold it with
the records that it names; a purge empties one line of it in its own transaction.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.core.bulk import insert_all
from server.core.canonical import canonical, digest
from server.core.clock import new_id
from server.core.db import add_now
from server.core.problem_details import Problem
from server.models import (
    Campaign,
    CampaignLetter,
    DecisionRow,
    Freeze,
    FreezeLine,
    Officer,
    Record,
    RecordListing,
    Stream,
    Unit,
)
from server.services.figures import charting, loading
from server.services.figures.table import to_plain
from server.services.records.projection import BUCKETS
from server.services.reports import draft
from server.services.reports.content import ReportPhoto
from server.services.reports.draft import MostShown
from server.services.reports.snapshot.freezes import FrozenFigures, root, short_id
from server.services.reports.snapshot.steps import LockHistory
from server.services.totals import basis as totals
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from sync.figures import every_figure
from sync.registry import KINDS

AT_ONCE: Final = 1_000
"""Rows read at a time: a province has hundreds of thousands."""
_COLUMNS: Final = (
    Record.id,
    Record.stream_id,
    Record.kind,
    Record.number,
    Record.bucket,
    Record.last_position,
    Record.survivors,
    Record.decision_id,
    Record.amounts,
    Record.keys,
    Stream.unit_id,
    DecisionRow.basis,
    RecordListing.day,
)


def record_lines(
    session: Session, unit_id: str, campaign_id: str, photos: Iterable[ReportPhoto]
) -> list[dict[str, Any]]:
    """Rows of `frozen_line` but for the freeze's id, in the order of the records' ids.

    Each `content` names the record's unit, kind and number, its bucket (`nil`: nothing to report), the position of
    its latest entry, its day in lists (none of an act), the decision in force, its amounts and values by figure, and
    its photos on the report's sheet with their places there. `writes`: those that its amounts come from. A counted
    record's are the ones that the reviewer saw (SPEC D-5), others may survive by now; else those that survive.
    """
    shown = _shown(photos)
    here = Stream.campaign_id == campaign_id, Stream.unit_id.in_(subtree(session, [unit_id]))
    found = select(*_COLUMNS).join(Stream, Stream.id == Record.stream_id).where(*here)
    decided = found.outerjoin(DecisionRow, DecisionRow.id == Record.decision_id)
    decided = decided.outerjoin(RecordListing, RecordListing.record_id == Record.id)
    in_figures = decided.where(Record.bucket.is_not(None)).order_by(Record.id)
    rows = session.execute(in_figures.execution_options(yield_per=AT_ONCE))
    return [_line(record, shown.get(record.id, [])) for record in rows]


def lines_of(session: Session, freeze_id: str, units: Collection[str]) -> list[dict[str, Any]]:
    """Return the lines of a freeze of these units' records, each with its bucket; empty for an erased one."""
    query = select(FreezeLine, Stream.unit_id).join(Record, Record.id == FreezeLine.record_id)
    rows = query.join(Stream, Stream.id == Record.stream_id).where(FreezeLine.freeze_id == freeze_id)
    found = []
    for line, unit in session.execute(rows.order_by(FreezeLine.record_id).execution_options(yield_per=AT_ONCE)):
        said = json.loads(line.content) if line.content else {}
        if said.get("unit", unit) in units:
            row = {"record_id": line.record_id, "sha256": line.sha256, "content": line.content}
            found.append(row | {"erased_at": line.erased_at, "bucket": said.get("bucket", "")})
    return found


def lines_again(kept: Iterable[Mapping[str, Any]], photos: Iterable[ReportPhoto]) -> list[dict[str, Any]]:
    """Return the rows of another freeze with these lines, with its own photos. What was erased stays erased."""
    shown = _shown(photos)
    made = []
    for each in kept:
        row = {name: value for name, value in each.items() if name != "bucket"}
        if row["content"]:
            said = json.loads(row["content"]) | {"salt": new_id(), "photos": shown.get(row["record_id"], [])}
            row["content"] = canonical(said)
            row["sha256"] = digest(row["content"])
        made.append(row)
    return made


def _shown(photos: Iterable[ReportPhoto]) -> dict[str, list[dict[str, Any]]]:
    """By record: its photos with their places on the sheet."""
    found: dict[str, list[dict[str, Any]]] = {}
    for place, photo in enumerate(photos):
        said = {"place": place, "key": photo.key, "caption": photo.caption, "blobs": list(photo.blobs)}
        found.setdefault(photo.record_id, []).append(said)
    return found


def _line(record: Row[Any], photos: list[dict[str, Any]]) -> dict[str, Any]:
    counted = record.bucket == BUCKETS[0]
    behind: Mapping[str, Iterable[str]] = record.basis if counted else record.survivors
    content = canonical(
        {
            "salt": new_id(),
            "record": record.id,
            "unit": record.unit_id,
            "stream": record.stream_id,
            "kind": record.kind,
            "number": record.number,
            "bucket": record.bucket,
            "position": record.last_position,
            "day": record.day,
            "writes": sorted({write for writes in behind.values() for write in writes}),
            "decision": record.decision_id,
            "amounts": {code: amount for code, amount in record.amounts.items() if amount},
            "keys": record.keys or {},
            "photos": photos,
        }
    )
    return {"record_id": record.id, "sha256": digest(content), "content": content, "erased_at": None}


Sums = dict[str, dict[str, list[int]]]
"""By figure and day, as charting.Days."""


def _charts(campaign: Campaign, days: Sums) -> dict[str, Any]:
    """What charts need of a freeze beside its table: sums, which stay when a line is emptied."""
    return {"figures": [each.code for each in loading.asked(campaign)], "days": days}


def _days_of(campaign: Campaign, lines: Iterable[Mapping[str, Any]]) -> Sums:
    """The days of the lines of a freeze, of the figures that the letter asks for and that have days."""
    days: Sums = {each.code: {} for each in loading.asked(campaign) if each.adds_up}
    for line in lines:
        said = json.loads(line["content"]) if line["content"] else {}
        if said.get("day"):
            charting.add_day(days, said["day"], said["bucket"], said["amounts"])
    return days


FORMAT: Final = "loa-freeze-5"
"""5: with the day of each record, and sums by day, which charts are made from. 4 has neither: development versions
locked figures in it, since migration 0067 removed what they had locked before. It is read as 5 is, and has no charts.
No release wrote 4."""


@dataclass(frozen=True, slots=True)
class LockChoice:
    """What the signatory chose: one of MODES (figures/table.py), and whether totals without evidence stand in."""

    count: str = "counted"
    stands_in: bool = False
    late: str = ""
    """Where a level above has locked already: the id of its freeze, for the figures as they are in it; or `NOW`."""


NOW: Final = "now"
"""The figures of now, of which the level above then needs a supplement."""


def freeze(  # who locks what, after which step, when and how
    session: Session, scope: Scope, campaign_id: str, unit_id: str, before: LockHistory, at: int, choice: LockChoice
) -> Freeze:
    """Store the figures as they are now. The caller holds the locks of all streams below the unit."""
    campaign = session.get_one(Campaign, campaign_id)
    read = draft.basis(session, scope, campaign, unit_id, at, most=MostShown(lines=0))
    lines = record_lines(session, unit_id, campaign_id, read.chosen.photos)
    charts = _charts(campaign, _days_of(campaign, lines))
    head = _head(session, scope, campaign_id, read, before, choice) | {"charts": charts}
    return _stored(session, scope, campaign_id, unit_id, head, lines)


def freeze_part(  # who locks what, after which step, when and how, and what the level above locked
    session: Session,
    scope: Scope,
    unit_id: str,
    before: LockHistory,
    at: int,
    choice: LockChoice,
    above: FrozenFigures,
) -> Freeze:
    """Store the figures of a unit as the level above locked them: the same records, of the same moment.

    Photos are chosen anew among these records, and what the unit has stated of money and documents is read now. Raises
    Problem `lock_not_above` for a unit that those figures do not have.
    """
    table, campaign_id = above.table.part(unit_id), above.row.campaign_id
    if table is None:
        raise Problem("lock_not_above")
    campaign = session.get_one(Campaign, campaign_id)
    tree = _subtree(above.head["tree"], unit_id)
    kept = lines_of(session, above.row.id, tree)
    counted = {each["record_id"] for each in kept if each["bucket"] == BUCKETS[0]}
    read = replace(
        draft.basis(session, scope, campaign, unit_id, at, most=MostShown(lines=0)),
        table=table,
        at_ms=above.row.at,
        waiting=sum(each["bucket"] == BUCKETS[1] for each in kept),
    )
    chosen = [photo for photo in read.chosen.photos if photo.record_id in counted]
    records = len({photo.record_id for photo in chosen})
    read = replace(read, chosen=replace(read.chosen, photos=tuple(chosen), count=len(chosen), records=records))
    leaves = [row for _, row in table.leaves() if not row.unit.merged]
    said = {
        **{name: above.head[name] for name in ("campaign", "letter", "rules")},
        "campaign": above.head["campaign"] | {"bases": list(read.campaign.bases)},
        "tree": tree,
        "totals": [each for each in above.head["totals"] if each["unit"] in tree],
        "covered": {
            "units": len(leaves),
            "reporting": sum(not row.silent for row in leaves),
            "sealed": sum(row.standing.sealed > 0 for row in leaves),
        },
        "above": above.row.id,
        "charts": _charts(campaign, _days_of(campaign, kept)),
    }
    head = _head(session, scope, campaign_id, read, before, choice) | {"locked_at": at} | said
    return _stored(session, scope, campaign_id, unit_id, head, lines_again(kept, chosen))


def _subtree(tree: Mapping[str, str | None], unit_id: str) -> dict[str, str | None]:
    """The part of a tree (unit: the one above it) below a unit."""

    def is_below(unit: str | None) -> bool:
        while unit is not None and unit != unit_id:
            unit = tree.get(unit)
        return unit is not None

    return {unit: over for unit, over in tree.items() if is_below(unit)}


def _stored(
    session: Session,
    scope: Scope,
    campaign_id: str,
    unit_id: str,
    said: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
) -> Freeze:
    head = canonical(said)
    sha256 = root(head, ((line["record_id"], line["sha256"]) for line in lines))
    made = add_now(
        session,
        Freeze(
            id=short_id(sha256),
            campaign_id=campaign_id,
            unit_id=unit_id,
            officer_id=scope.officer_id,
            at=said["at"],
            sha256=sha256,
            head=head,
        ),
    )
    insert_all(session, FreezeLine, [{"freeze_id": made.id, **line} for line in lines])
    return made


def _head(  # what was read, after which step, and how it is to be shown
    session: Session, scope: Scope, campaign_id: str, read: draft.ReportBasis, before: LockHistory, choice: LockChoice
) -> dict[str, Any]:
    unit, campaign = read.table.unit, session.get_one(Campaign, campaign_id)
    covered = loading.coverage(session, unit.id, campaign.id)
    return {
        "format": FORMAT,
        "loa": version("loa"),
        "at": read.at_ms,
        "locked_at": read.at_ms,
        "by": {"id": scope.officer_id, "name": session.get_one(Officer, scope.officer_id).name},
        "step": before.number + 1,
        "before": before.freezes[-1] if before.freezes else None,
        "above": None,
        "campaign": _campaign(campaign) | {"bases": list(read.campaign.bases)},
        "letter": _letter(session.get(CampaignLetter, campaign.id)),
        "rules": _rules_version(),
        "tree": _tree(session, unit.id, campaign.id),
        "table": to_plain(read.table),
        "choice": {"count": choice.count, "stands_in": choice.stands_in},
        "totals": totals.lines(session, campaign.id, subtree(session, [unit.id])),
        "covered": {"units": covered.units, "reporting": covered.reporting, "sealed": covered.sealed},
        "waiting": read.waiting,
        "photos": {"n": read.chosen.count, "records": read.chosen.records, "all": read.chosen.all_records},
        "added": read.added,
        "earlier": read.earlier,
        "demo": read.is_demo,
        "witness": read.witness,
    }


def _tree(session: Session, unit_id: str, campaign_id: str) -> dict[str, str | None]:
    """By unit that takes part, merged ones too: the unit above it."""
    here = Stream.campaign_id == campaign_id, Stream.unit_id.in_(subtree(session, [unit_id]))
    pairs = session.execute(select(Unit.id, Unit.parent_id).join(Stream, Stream.unit_id == Unit.id).where(*here))
    return {unit: above for unit, above in pairs}  # noqa: C416  # rows are no plain pairs for mypy


def _campaign(campaign: Campaign) -> dict[str, Any]:
    days = {name: getattr(campaign, name).isoformat() for name in ("starts_on", "ends_on", "due_before")}
    same = ("id", "unit_id", "name", "practice", "status", "review_rule", "hotline", "due_levels", "slogans", "bases")
    more = ("tasks", "kinds", "expected", "figures")
    return {**{name: getattr(campaign, name) for name in (*same, *more)}, **days}


def _letter(letter: CampaignLetter | None) -> dict[str, Any] | None:
    if letter is None:
        return None
    kept = {name: getattr(letter, name) for name in ("facts", "due_bases", "outline", "cutoff_at")}
    return {**kept, "text_sha256": digest(letter.text)}


def _rules_version() -> str:
    """The hash of all that the kinds' files say of figures. The rules as printed are in the table."""
    files = {name: kind.source["figures"] for name, kind in KINDS.items()}
    units = {figure.code: figure.units_of for figure in every_figure() if figure.units_of}
    return digest(canonical({"kinds": files, "units": units}))
