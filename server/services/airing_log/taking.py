"""What a log would bring, and taking it: plays of the chosen titles as records of broadcasts, never one twice.

A play is recorded already if a broadcast of the unit in the campaign, not deleted, says this title was aired that day:
at that time, or at no time that it names. The plays that are left become one record for each title, length, station and
set of times of a day, so that the times of a record hold for each of its days. Days without a play in between are said
to have none. It is judged anew under the stream's lock: two people who take one log make one set of records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import grouped
from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem, refuse_if
from server.models import Campaign, CampaignFile, Record, Stream, Unit
from server.services.airing_log.reading import Play
from server.services.campaigns.lifecycle import kinds_of
from server.services.records import streams
from server.services.records.journal import accept
from server.services.records.stored import Author, as_write, writes_of
from server.services.units.scope import Scope
from sync.airings import clocks, hours_on
from sync.protocol import RECORD_FIELDS
from sync.record import State
from sync.registry import KINDS
from sync.text import fold
from sync.values import Value

KIND: Final = "broadcast"
MOST_DAYS: Final = RECORD_FIELDS - 56
"""Days of one record: each is a field."""


@dataclass(frozen=True, slots=True)
class TitlePlays:
    """What the log says of one title. `fresh`: plays that nobody recorded. `known`: the campaign or the unit has it."""

    title: str
    plays: tuple[Play, ...]
    fresh: tuple[Play, ...]
    known: bool

    @property
    def days(self) -> tuple[str, str]:
        """Return the first and the last day."""
        return min(play.day for play in self.plays), max(play.day for play in self.plays)

    @property
    def times(self) -> str:
        """Return the times of day, once each."""
        return ", ".join(sorted({play.time for play in self.plays}))

    @property
    def minutes(self) -> tuple[int, int]:
        """Return the least and the most minutes of a play."""
        return min(play.minutes for play in self.plays), max(play.minutes for play in self.plays)


@dataclass(frozen=True, slots=True)
class _Aired:
    """A day on which a title was aired. `times`: those that were written; empty if none were."""

    station: str
    times: frozenset[str]


_Known = Mapping[tuple[str, str], list[_Aired]]


def check(session: Session, scope: Scope, unit_id: str, campaign: Campaign | None) -> Unit:
    """Return the unit. Raises Problem `not_found`, `forbidden`, `archived` if nobody may record broadcasts there."""
    unit = session.get(Unit, unit_id)
    if unit is None or campaign is None or not scope.may_see(unit.id):
        raise Problem("not_found")
    refuse_if(campaign.status == "archived", "archived")
    refuse_if(not scope.may_write(unit.id) or unit.merged_at is not None, "forbidden")
    refuse_if(KIND not in {kind.name for kind in kinds_of(campaign)}, "not_found")
    return unit


def dry_run(session: Session, unit: Unit, campaign: Campaign, plays: Sequence[Play]) -> list[TitlePlays]:
    """Return what the log would bring, title by title, those with most plays first."""
    known, titles = _recorded(session, unit.id, campaign.id), _titles(session, campaign.id)
    by_title = grouped((fold(play.title), play) for play in plays)
    found = [
        TitlePlays(
            mine[0].title,
            tuple(mine),
            tuple(play for play in mine if not _is_recorded(known, play)),
            key in titles or any(title == key for title, _ in known),
        )
        for key, mine in by_title.items()
    ]
    return sorted(found, key=lambda each: (not each.known, -len(each.plays), each.title))


def take(
    session: Session, scope: Scope, place: tuple[Unit, Campaign], plays: Sequence[Play], titles: Iterable[str]
) -> tuple[int, int]:
    """Record the plays of these titles; returns how many records and plays are new. Raises Problem if refused."""
    unit, campaign = place
    streams.lock(session, places=[(unit.id, campaign.id)])
    chosen = {fold(title) for title in titles}
    known = _recorded(session, unit.id, campaign.id)
    fresh = [play for play in plays if fold(play.title) in chosen and not _is_recorded(known, play)]
    raws = [_write(unit, campaign, group) for group in _groups(fresh)]
    results = accept(session, Author(scope), raws) if raws else []
    refused = next((result for result in results if result.code), None)
    if refused is not None:
        raise Problem(refused.code, refused.field)
    return len(raws), len(fresh)


def _recorded(session: Session, unit_id: str, campaign_id: str) -> _Known:
    """By title and day: the airings that the unit's records say."""
    here = Stream.unit_id == unit_id, Stream.campaign_id == campaign_id
    ids = session.scalars(
        select(Record.id).join(Stream, Stream.id == Record.stream_id).where(*here, Record.kind == KIND, ~Record.hidden)
    ).all()
    found: dict[tuple[str, str], list[_Aired]] = {}
    rule = KINDS[KIND].confirm
    for rows in writes_of(session, ids).values():
        state = State.of(as_write(row) for row in rows)
        values = {name: state.value(name) for name in state.fields}
        title, hours, station = (_said(values, name) for name in ("script", "hours", "station"))
        for name, times in values.items():
            register, _, day = name.partition("/")
            if rule and register == rule.register and isinstance(times, int) and times > 0 and len(day) == 8:
                iso = f"{day[:4]}-{day[4:6]}-{day[6:]}"
                at = hours_on(KINDS[KIND], values, date.fromisoformat(iso)) or clocks(hours)
                found.setdefault((fold(title), iso), []).append(_Aired(fold(station), frozenset(at)))
    return found


def _said(values: Mapping[str, Value], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _is_recorded(known: _Known, play: Play) -> bool:
    return any(
        (not aired.times or play.time in aired.times)
        and (not aired.station or not play.station or aired.station == fold(play.station))
        for aired in known.get((fold(play.title), play.day), [])
    )


def _titles(session: Session, campaign_id: str) -> set[str]:
    wanted = select(CampaignFile.title).where(CampaignFile.campaign_id == campaign_id, CampaignFile.use == "script")
    return {fold(title) for title in session.scalars(wanted)}


def _groups(plays: Iterable[Play]) -> list[list[Play]]:
    """Plays whose days are alike: a record each. A day has its times in one record."""
    by_day = grouped(
        ((play.day, play.minutes, fold(play.title), play.programme, fold(play.station)), play) for play in sorted(plays)
    )
    groups: dict[tuple[Any, ...], list[Play]] = {}
    for (day, *rest), mine in by_day.items():
        key = (*rest, tuple(play.time for play in mine))
        group = groups.get(key)
        while group is not None and _days_between(group[0].day, day) >= MOST_DAYS:
            key = (*key, day)
            group = groups.get(key)
        groups.setdefault(key, []).extend(mine)
    return list(groups.values())


def _days_between(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _write(unit: Unit, campaign: Campaign, plays: Sequence[Play]) -> dict[str, Any]:
    first, last = plays[0].day, plays[-1].day
    times = sorted({play.time for play in plays})
    days = {play.day for play in plays}
    every = (date.fromisoformat(first) + timedelta(days=at) for at in range(_days_between(first, last) + 1))
    rule, id_ = KINDS[KIND].confirm, new_id()
    aired = {rule.field(day): len(times) * (day.isoformat() in days) for day in every} if rule else {}
    values: dict[str, Value] = {
        "script": plays[0].title,
        "schedule": {"from": first, "to": last, "times_a_day": len(times)},
        "minutes": plays[0].minutes,
        "hours": ", ".join(times),
        "programme": plays[0].programme,
        "standing": True,
        "submitted": True,
        **aired,
    }
    station = plays[0].station or (str(unit.stations[0]) if len(unit.stations) == 1 else "")
    if station:
        values["station"] = station
    head = {"kind": KIND, "unit": unit.id, "campaign": campaign.id}
    return {"id": id_, "at": now_ms(), "record": id_, "set": values, **head}
