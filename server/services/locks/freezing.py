"""Freeze: store what the figures of a unit consist of at this moment, so that nothing of it changes later.

In tables, not in the blob store: a freeze is whole or not there, in the transaction of the lock; backups hold it with
the records that it names; a purge empties one line of it in its own transaction.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk_insert import insert_all
from server.models import Campaign, CampaignLetter, Freeze, FreezeLine, Officer, Stream, Unit
from server.services.figures import coverage
from server.services.locks import basis
from server.services.locks.canonical import canonical, digest, root
from server.services.locks.naming import short_id
from server.services.locks.rows import MODES, rows
from server.services.locks.steps import LockStanding
from server.services.narrative import passages
from server.services.narrative.owners import Owner
from server.services.reports import draft, listings, plain
from server.services.totals import basis as totals
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from sync.registry import KINDS, Figure
from sync.unit_figures import every_figure

FORMAT: Final = "loa-freeze-3"
"""2: with the signatory's choice and the totals without evidence. 3: with the scale of each figure (SPEC F-17), which
is 0 in older ones. All else is as in 1."""


@dataclass(frozen=True, slots=True)
class LockChoice:
    """What the signatory chose for the report: a mode of rows.py, and whether totals without evidence stand in."""

    count: str = "counted"
    stands_in: bool = False


def freeze(  # who locks what, after which step, when and how
    session: Session, scope: Scope, campaign_id: str, unit_id: str, before: LockStanding, at: int, choice: LockChoice
) -> Freeze:
    """Store the figures as they are now. The caller holds the locks of all streams below the unit."""
    campaign = session.get_one(Campaign, campaign_id)
    read = draft.basis(session, scope, campaign, unit_id, at)
    head = canonical(_head(session, scope, read, before, choice))
    lines = basis.lines(session, unit_id, campaign_id, read.chosen.photos)
    sha256 = root(head, ((line["record_id"], line["sha256"]) for line in lines))
    made = Freeze(
        id=short_id(sha256),
        campaign_id=campaign_id,
        unit_id=unit_id,
        officer_id=scope.officer_id,
        at=at,
        sha256=sha256,
        head=head,
    )
    session.add(made)
    session.flush()
    insert_all(session, FreezeLine, [{"freeze_id": made.id, **line} for line in lines])
    return made


def _head(
    session: Session, scope: Scope, read: draft.ReportBasis, before: LockStanding, choice: LockChoice
) -> dict[str, Any]:
    unit, campaign = read.found.table.unit, read.campaign
    covered = coverage.coverage(session, unit.id, campaign.id)
    return {
        "format": FORMAT,
        "loa": version("loa"),
        "at": read.at_ms,
        "by": {"id": scope.officer_id, "name": session.get_one(Officer, scope.officer_id).name},
        "step": before.number + 1,
        "before": before.freezes[-1] if before.freezes else None,
        "unit": {"id": unit.id, "name": unit.name, "short_name": unit.short_name, "level": unit.level},
        "above": {"id": read.above.id, "name": read.above.name} if read.above else None,
        "campaign": _campaign(campaign),
        "letter": _letter(session.get(CampaignLetter, campaign.id)),
        "rules": _rules(read.found.table.figures),
        "tree": _tree(session, unit.id, campaign.id),
        "rows": rows(read.found),
        "choice": asdict(choice),
        "totals": totals.lines(session, campaign.id, subtree(session, [unit.id])),
        "covered": {"units": covered.units, "reporting": covered.reporting, "sealed": covered.sealed},
        "waiting": read.waiting,
        "photos": len(read.chosen.photos),
        "added": read.added,
        "narrative": passages.texts(session, Owner(campaign.id, unit.id)),
        "letterhead": asdict(read.letterhead),
        "reports": {mode: _report(read, mode, choice) for mode in MODES},
    }


def _tree(session: Session, unit_id: str, campaign_id: str) -> dict[str, str | None]:
    """By unit that takes part, merged ones too: the unit above it."""
    here = Stream.campaign_id == campaign_id, Stream.unit_id.in_(subtree(session, [unit_id]))
    pairs = session.execute(select(Unit.id, Unit.parent_id).join(Stream, Stream.unit_id == Unit.id).where(*here))
    return {unit: above for unit, above in pairs}  # noqa: C416  # rows are no plain pairs for mypy


def _report(read: draft.ReportBasis, mode: str, choice: LockChoice) -> dict[str, Any]:
    """The report's text.

    Its photos are in the lines of their records, its lists in the decisions that those name: a purge removes both.
    """
    without_lists = replace(read, listed=listings.Lists((), (), 0, 0))
    included = mode == "with_waiting"
    made = draft.written(without_lists, draft=False, included=included, stands_in=choice.stands_in)
    return plain.to_plain(plain.without_photos(made))


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


def _rules(figures: list[Figure]) -> dict[str, Any]:
    """The counting rules as printed, and a version: the hash of all that the kinds' files say of figures."""
    files = {name: kind.source["figures"] for name, kind in KINDS.items()}
    units = {figure.code: figure.units_of for figure in every_figure() if figure.units_of}
    said = {
        figure.code: {"label": figure.label, "unit": figure.unit, "rule": figure.rule, "scale": figure.scale}
        for figure in figures
    }
    return {"version": digest(canonical({"kinds": files, "units": units})), "figures": said}
