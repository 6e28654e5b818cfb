"""The job that keeps sums of large campaigns (kept.py): of all units at first, then of those that changed.

What it read is of one snapshot, with the state of each stream in it: what came since makes its unit one that changed.
It is stored only if nobody else stored meanwhile (`number`), because parts are changed by differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.core.bulk import insert_all, inserting, merge_all, one_of
from server.core.db import reading, writing
from server.models import Campaign, Stream, SummedCampaign, SummedPart, SummedStream, SummedUnit, Unit
from server.services.figures import kept, loading, sums
from server.services.figures.kept import Sums
from server.services.jobs import Attempt, Jobs

KIND: Final = "figures.keep"
FROM: Final = 1_000
"""Streams of a campaign from which on its sums are kept: fewer are added up in the time of a page."""
TABLES: Final = (SummedStream, SummedUnit, SummedPart, SummedCampaign)


@dataclass(slots=True)
class KeptUpdate:
    """What is to be stored of a campaign. `number`: of what was stored before; `whole`: it is replaced by this."""

    campaign_id: str
    number: int
    head: dict[str, Any]
    whole: bool = False
    streams: list[dict[str, Any]] = field(default_factory=list)
    units: dict[str, Sums] = field(default_factory=dict)
    parts: dict[str, Sums] = field(default_factory=dict)


def register(jobs: Jobs) -> None:
    """Make the job known; it runs soon after something changed."""
    jobs.register(KIND, refresh, due=is_due)


def is_due(session: Session) -> bool:
    """True if the sums of some campaign are not those of now."""
    return any(_differs(session, campaign) for campaign in _large(session))


def refresh(attempt: Attempt, _ids: Sequence[str]) -> None:
    """Make them those of now. It may be begun again at any point."""
    with reading() as session:
        large = [campaign.id for campaign in _large(session)]
    for place, id_ in enumerate(large):
        attempt.progress(place, len(large))
        keep(id_)


def keep(campaign_id: str) -> None:
    """Make those of one campaign the sums of now; nothing happens where somebody else does so at once."""
    with reading() as session:
        campaign = session.get(Campaign, campaign_id)
        found = campaign and _differs(session, campaign) and read(session, campaign)
    if found:
        with writing() as session:
            store(session, found)


def _large(session: Session) -> list[Campaign]:
    """Return the campaigns that are not archived and have many streams."""
    many = select(Stream.campaign_id).group_by(Stream.campaign_id).having(func.count() >= FROM)
    return list(session.scalars(select(Campaign).where(Campaign.id.in_(many), Campaign.status != "archived")))


def _differs(session: Session, campaign: Campaign) -> bool:
    unit = session.get(Unit, campaign.unit_id)
    if unit is None or unit.merged_at is not None:
        return False
    head = session.get(SummedCampaign, campaign.id)
    if head is None or head.catalogue != kept.catalogue(session, loading.possible(campaign)):
        return True
    return head.rules != "" and kept.changed_units(session, campaign.id) != {}


def read(session: Session, campaign: Campaign) -> KeptUpdate:
    """Return what is to be stored of a campaign, as of this snapshot."""
    figures, head = loading.possible(campaign), session.get(SummedCampaign, campaign.id)
    number = head.number if head else 0
    now = {
        "campaign_id": campaign.id,
        "unit_id": campaign.unit_id,
        "number": number + 1,
        "rules": kept.rules(session, campaign, figures),
        "catalogue": kept.catalogue(session, figures),
    }
    found = KeptUpdate(campaign.id, number, now)
    changed = kept.changed_units(session, campaign.id)
    found.whole = head is None or head.rules != now["rules"] or changed is None or len(changed) > kept.MOST_CHANGED
    if found.whole:
        streams = sums.today(session.get_one(Unit, campaign.unit_id), campaign.id)
    else:
        streams = kept.alone(campaign.id, changed or ())
    homes = {}
    for row in session.execute(_states(streams, campaign.unit_id)):
        homes[row.unit_id] = row.part_id
        found.streams.append({**row._asdict(), "campaign_id": campaign.id})
    if found.whole and len(found.streams) < _number(session, campaign.id):
        # A unit was merged into one that the campaign's has not below it: nothing is kept until the tree is another.
        return KeptUpdate(campaign.id, number, {**now, "rules": ""}, whole=True)
    found.units = kept.read(session, campaign, figures, streams, homes)
    if not found.whole:
        of_it = SummedPart.campaign_id == campaign.id, one_of(SummedPart.part_id, homes.values())
        was = select(SummedUnit.unit_id, SummedUnit.sums).where(SummedUnit.campaign_id == campaign.id)
        for part, said in session.execute(select(SummedPart.part_id, SummedPart.sums).where(*of_it)):
            found.parts[part] = Sums(said)
        for id_, said in session.execute(was.where(one_of(SummedUnit.unit_id, homes))):
            found.parts[homes[id_]].subtract(said)
    for id_, said in found.units.items():
        found.parts.setdefault(homes[id_], Sums()).update(said)
    return found


def _number(session: Session, campaign_id: str) -> int:
    return session.scalar(select(func.count()).select_from(Stream).where(Stream.campaign_id == campaign_id)) or 0


def _states(streams: Any, top: str) -> Any:
    """The columns of SummedStream of these streams. What the top unit took over is in its own part."""
    part = sums.part_of(streams, top)
    columns = streams.c.id.label("stream_id"), streams.c.living.label("unit_id"), part.label("part_id")
    each = sums.board_counts(select(streams.c.id.label("top"), streams.c.id).subquery()).subquery()
    counts = [func.coalesce(each.c[name], 0).label(name) for name in sums.BOARD_COUNTS]
    found = select(*columns, kept.mark().label("mark"), *counts).join(Stream, Stream.id == streams.c.id)
    found = found.outerjoin(each, each.c.top == streams.c.id)
    return found.outerjoin(kept.STEPS, kept.STEPS.c.stream_id == Stream.id)


def store(session: Session, found: KeptUpdate) -> None:
    """Store it, unless somebody else has stored since it was read."""
    if not kept.is_catalogue(session, found.head["catalogue"]):
        return  # figures were made anew, the tree is another, or the campaign is gone
    nothing = {**found.head, "number": 0, "rules": "", "catalogue": ""}  # a row to lock
    session.execute(inserting(session, SummedCampaign).values(nothing).on_conflict_do_nothing())
    held = select(SummedCampaign.number).where(SummedCampaign.campaign_id == found.campaign_id).with_for_update()
    if session.scalar(held) != found.number:
        return
    if found.whole:
        for table in TABLES:
            session.execute(delete(table).where(table.campaign_id == found.campaign_id))
    of_it = {"campaign_id": found.campaign_id}
    units = [{**of_it, "unit_id": id_, "sums": _plain(said)} for id_, said in found.units.items()]
    parts = [{**of_it, "part_id": id_, "sums": _plain(said)} for id_, said in found.parts.items()]
    put = insert_all if found.whole else merge_all
    for model, rows in ((SummedStream, found.streams), (SummedUnit, units), (SummedPart, parts)):
        put(session, model, rows)
    merge_all(session, SummedCampaign, [found.head])


def _plain(said: Sums) -> dict[str, int]:
    return {name: value for name, value in said.items() if value}
