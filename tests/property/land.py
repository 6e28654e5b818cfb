"""Where a history takes place: communes of a district, campaigns that open and end there, officers who are moved.

What is so at a moment is asked of the hub and never remembered here, for the hub may be put back. Ids that the hub
draws are drawn by the history's number, so that a seed gives the same history again: pages come in the order of ids.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

import pytest
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.core import clock
from server.models import Campaign, Membership, Stream, Unit
from server.services.access.devices import add_device
from server.services.campaigns.lifecycle import open_campaign, set_status
from server.services.organisation import staff, unit_changes
from server.services.organisation.split_faults import NewPart, SplitPlan, faults, roles_held
from server.services.organisation.unit_changes import UnitRow
from server.services.organisation.unit_splits import split
from server.services.units.scope import Scope
from support.clients.shipped import ShippedPhone
from support.world.world import World, campaign

Place = tuple[str, str]
"""(unit, campaign), as on the wire."""
MOST_CAMPAIGNS = 3
SPLIT_ON, MERGED_ON = date(2021, 7, 10), date(2021, 7, 20)


@dataclass
class Land:
    """`communes` and `campaigns`: all that ever were, in the order in which they came."""

    world: World
    number: int
    district: str = ""
    communes: list[str] = field(default_factory=list)
    campaigns: list[str] = field(default_factory=list)
    officers: list[str] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def begin(self, session: Session, communes: int, campaigns: int) -> None:
        """Two officers, who write for the first two communes."""
        self._stand_alone(session)
        name = f"t{self.number}"
        rows = [UnitRow(name, f"Huyện {name}", f"Huyện {name}", "district")]
        rows += [UnitRow(f"{name}.{at}", f"Xã {name}.{at}", f"{name}.{at}", "commune", name) for at in range(communes)]
        parent = session.get_one(Unit, self.world.units["331"])
        made = list(unit_changes.import_tree(session, rows, parent.valid_from).values())
        made[0].parent_id = parent.id
        self.district, *self.communes = [unit.id for unit in made]
        for _ in range(campaigns):
            self.open_another(session)
        for who in range(2):
            officer = staff.add_officer(session, staff.NewOfficer(f"{name}.{who}", f"Cán bộ {name}.{who}"))
            for unit in self.communes[:2]:
                staff.give_role(session, officer.id, unit, "officer")
            added = add_device(session, officer.id, "máy thử")
            self.officers.append(officer.id)
            self.devices.append(added.device.id)
            self.tokens.append(added.token)

    def _stand_alone(self, session: Session) -> None:
        """What runs above ends: this district came to it too late, and has no part in it.

        A merger would give its successor that part, and a hub put back to before it would never hold it again: in a
        real one every unit has its part from when it, or the campaign, came into being.
        """
        for id_ in (self.world.campaign, self.world.practice):
            set_status(session, id_, "archived")

    # --- what is so ----------------------------------------------------------------

    def streams(self) -> Select[str]:
        """Ids of the streams of this district."""
        return select(Stream.id).where(Stream.unit_id.in_([self.district, *self.communes]))

    def mine(self, query: Any) -> Any:
        """Of rows that stand in a stream, those of this district."""
        entity = query.column_descriptions[0]["entity"]
        return query.where(entity.stream_id.in_(self.streams()))

    def standing(self, session: Session) -> list[str]:
        """Communes that were not merged into another."""
        found = session.scalars(select(Unit.id).where(Unit.id.in_(self.communes), Unit.merged_at.is_(None)))
        return sorted(found, key=self.communes.index)

    def told(self, session: Session, who: int) -> set[Place]:
        """What this officer's phones are to be told (C-3, L-6), read off the tables: no more than 32 streams here."""
        here = Membership.officer_id == self.officers[who], Membership.ended_at.is_(None)
        held = set(session.scalars(select(Membership.unit_id).where(*here)))
        merged = select(Unit.id, Unit.parent_id).where(Unit.id.in_(self.communes), Unit.merged_at.is_not(None))
        into = {old: new for old, new in session.execute(merged)}  # noqa: C416  # rows are no pairs for mypy
        for _ in self.communes:  # one may be merged into one that is merged later
            held |= {old for old, new in into.items() if new in held}
        found = session.execute(select(Stream.unit_id, Stream.campaign_id).where(Stream.unit_id.in_(held)))
        return {(unit, campaign) for unit, campaign in found}

    # --- what people do ------------------------------------------------------------

    def open_another(self, session: Session) -> None:
        """A campaign of the whole district."""
        if len(self.campaigns) < MOST_CAMPAIGNS:
            self.campaigns.append(open_campaign(session, self.district, campaign()).id)

    def set_status(self, session: Session, pick: int, status: str) -> None:
        """Close, archive or open one again; a restore may have taken it."""
        id_ = self.campaigns[pick % len(self.campaigns)]
        if session.get(Campaign, id_) is not None:
            set_status(session, id_, status)

    def move(self, session: Session, who: int, pick: int, *, stays: bool) -> None:
        """The officer writes for another commune from now on, and for no other unless it stays theirs too."""
        standing = self.standing(session)
        to = standing[pick % len(standing)]
        if not stays:
            for unit in Scope(session, self.officers[who]).own_units():
                if unit != to:
                    staff.end_roles(session, self.officers[who], unit)
        staff.give_role(session, self.officers[who], to, "officer")

    def leave(self, session: Session, who: int, pick: int) -> None:
        """One commune less, be it the last."""
        if own := Scope(session, self.officers[who]).own_units():
            staff.end_roles(session, self.officers[who], own[pick % len(own)])

    def merge(self, session: Session, pick: int, *, with_people: bool) -> None:
        """One commune into the next (L-6)."""
        standing = self.standing(session)
        if len(standing) > 1:
            old, into = (standing[at % len(standing)] for at in (pick, pick + 1))
            rows = [session.get_one(Unit, id_) for id_ in (old, into)]
            unit_changes.merge(session, rows[:1], rows[1], MERGED_ON, with_people=with_people)

    def split(self, session: Session, who: int, pick: int, *, anew: bool) -> None:
        """A part of one commune goes to the next, or to one that is made beside them (L-50)."""
        standing = self.standing(session)
        old = session.get_one(Unit, standing[pick % len(standing)])
        part: NewPart | Unit = session.get_one(Unit, standing[(pick + 1) % len(standing)])
        if anew:
            code = f"t{self.number}.s{len(self.communes)}"
            part = NewPart(code, f"Xã {code}", code)
        here = {each.officer_id for each in roles_held(session, old)} & {self.officers[who]}
        plan = SplitPlan(old, [part], SPLIT_ON, moves=dict.fromkeys(here, part.code), empty=True)
        if not faults(session, plan):
            made = split(session, plan)
            self.communes += [unit for unit in made.part_ids if unit not in self.communes]

    def end_well(self, session: Session) -> None:
        """Every campaign takes writes: a lost one is opened again under its id (B-7), an archived one too."""
        for id_ in self.campaigns:
            found = session.get(Campaign, id_)
            if found is None:
                open_campaign(session, self.district, campaign(), id_)
            elif found.status == "archived":
                set_status(session, id_, "open")

    def everybody_everywhere(self, session: Session) -> None:
        """Every officer writes for every commune."""
        for officer, unit in itertools.product(self.officers, self.standing(session)):
            staff.give_role(session, officer, unit, "officer")


def settle_down(phone: ShippedPhone, place: Place, pick: int) -> Place:
    """What this phone makes is for one of the places it knows; one that knows none goes on where it was."""
    known = sorted(phone.cursors)
    return known[pick % len(known)] if known else place


class Chance:
    """In place of the hub's: ids that begin with the history's number, and are the same for the same number."""

    _ids: ClassVar[Iterator[bytes]]

    @classmethod
    def goes(cls, patch: pytest.MonkeyPatch) -> None:
        """From here on."""
        cls.begins(0)
        patch.setattr(clock, "secrets", cls)

    @classmethod
    def begins(cls, number: int) -> None:
        """Those of this history."""
        head = number.to_bytes(3, "big")
        cls._ids = (head + hashlib.sha256(b"%d" % count).digest() for count in itertools.count())

    @classmethod
    def token_bytes(cls, size: int) -> bytes:
        """As `secrets` has it."""
        return next(cls._ids)[:size]
