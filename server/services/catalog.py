"""All a phone needs offline: its units, campaigns, slogans, kinds, stations, hamlets (API README, Catalog).

The etag is drawn from the catalogue's version, which changes by itself with any of these tables (models/meta.py).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.clock import today
from server.models import Campaign, CampaignFile, Device, Membership, Meta, Officer, Stream, Unit
from server.models.meta import CATALOG_VERSION, DEMO
from server.services import people
from server.services.campaigns import kinds_of
from server.services.scope import COORDINATOR, REVIEWER, Scope
from sync.registry import KINDS

_FORM = "4"
"""Of the catalogue itself: another one when it holds something that phones should fetch at once."""
_KINDS_JSON = json.dumps([kind.source for kind in KINDS.values()], sort_keys=True)


def etag(session: Session, device_id: str, *, replaced: bool) -> str:
    """Changes whenever the catalogue of this device may have; the day is in it, for units come and go with dates.

    That the device was replaced is in it, for then another one came, of which it is told.
    """
    version = session.scalar(select(Meta.value).where(Meta.key == CATALOG_VERSION)) or ""
    parts = (_FORM, version, device_id, today().isoformat(), str(replaced), _KINDS_JSON)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def is_demo(session: Session) -> bool:
    """True in a database of sample data."""
    return session.get(Meta, DEMO) is not None


def build(session: Session, device: Device) -> dict[str, Any]:
    """The catalogue of one device, without the server's time."""
    scope = Scope(session, device.officer_id)
    officer = session.get_one(Officer, device.officer_id)
    units = scope.held_units()
    return {
        "etag": etag(session, device.id, replaced=device.replaced_at is not None),
        "demo": is_demo(session),
        "officer": {"id": officer.id, "name": officer.name, "mark": device.mark},
        "units": [_unit(session, scope, unit) for unit in units],
        "campaigns": [_campaign(campaign) for campaign in _campaigns(session, units)],
        "kinds": [kind.source for kind in KINDS.values()],
        "new_devices": [_new_device(each) for each in _new_devices(session, device)],
    }


def _new_devices(session: Session, device: Device) -> list[people.NewDevice]:
    """Those that came behind this one: who has a new phone is not told of the old one."""
    return people.new_devices(session, device.officer_id, since=device.created_at, but=device.id)


def _new_device(new: people.NewDevice) -> dict[str, Any]:
    contact = {"name": new.contact.name, "phone": new.contact.phone} if new.contact else None
    return {"id": new.id, "label": new.label, "at": new.at, "script": new.script, "by": new.code_by, "contact": contact}


def _campaigns(session: Session, unit_ids: list[str]) -> list[Campaign]:
    theirs = select(Stream.campaign_id).where(Stream.unit_id.in_(unit_ids))
    query = select(Campaign).where(Campaign.id.in_(theirs)).order_by(Campaign.practice, Campaign.opened_at.desc())
    return list(session.scalars(query))


def _unit(session: Session, scope: Scope, unit_id: str) -> dict[str, Any]:
    unit = session.get_one(Unit, unit_id)
    parent = session.get(Unit, unit.parent_id) if unit.parent_id else None
    return {
        "id": unit.id,
        "name": unit.name,
        "short_name": unit.short_name,
        "level": unit.level,
        "parent_name": parent.name if parent else None,
        "merged_into": parent.name if parent and unit.merged_at is not None else None,
        "stations": unit.stations,
        "hamlets": unit.hamlets,
        "contact": _contact(session, scope.chain(unit_id)[1:]),
    }


def _contact(session: Session, above: tuple[str, ...]) -> dict[str, str] | None:
    """Whom to ask: the reviewer of the nearest unit above."""
    for unit_id in above:
        officer = session.scalar(
            select(Officer)
            .join(Membership, Membership.officer_id == Officer.id)
            .where(
                Membership.unit_id == unit_id,
                Membership.role.in_([REVIEWER, COORDINATOR]),
                Membership.ended_at.is_(None),
                Officer.disabled_at.is_(None),
            )
            .order_by(Officer.created_at, Officer.id)
            .limit(1)
        )
        if officer is not None:
            return {"name": officer.name, "phone": officer.phone}
    return None


def _campaign(campaign: Campaign) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "name": campaign.name,
        "practice": campaign.practice,
        "closed": campaign.status == "closed",
        "archived": campaign.status == "archived",
        "hotline": campaign.hotline,
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "due_before": campaign.due_before.isoformat(),
        "due_levels": campaign.due_levels,
        "slogans": campaign.slogans,
        "kinds": [kind.name for kind in kinds_of(campaign)],
        "files": [_file(file) for file in campaign.files],
        "expected": campaign.expected,
    }


def _file(file: CampaignFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "use": file.use,
        "title": file.title,
        "type": file.type,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
    }
