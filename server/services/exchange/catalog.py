"""All a client needs offline: its units, campaigns, slogans, kinds, stations, hamlets (API README, Catalog).

The etag is a digest of the catalogue itself. So it changes with everything that the catalogue shows, also when plain
SQL or a restore changed a row, and with nothing else. A change of one officer is fetched only by the clients that show
that officer.

An exchange does not read the catalogue for it. Triggers give a row of `meta` another random value with each change of a
table that a catalogue is made of, so a process keeps the etags that it made and the value that they were made of.
Devices are left out: enrolments would wait for each other. A client with new devices to show gets its etag made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of_parameter
from server.core.keyring import FIRST, Key, Keyring, Purpose
from server.core.secrets_at_rest import rescue_key_text
from server.models import Campaign, CampaignFile, Device, Membership, Meta, Officer, RegimeVersion, Stream, Unit
from server.models.installation import CATALOG_ROW, DEMO
from server.services.access import devices
from server.services.campaigns import expected
from server.services.campaigns.lifecycle import kinds_of
from server.services.organisation import new_devices
from server.services.units.scope import COORDINATOR, REVIEWER, Scope
from server.services.units.tree import above, path
from sync.registry import KINDS

_FORM = "5"
"""Part of every etag: raise it to make clients fetch an unchanged catalogue again."""
_KINDS_JSON = json.dumps([kind.source for kind in KINDS.values()], sort_keys=True)
"""Part of every etag, serialised once: most of the catalogue, and the same for all clients."""

_REGIMES = (  # versions are only added, so the newest one names them all; its id is random, also after a restore
    select(RegimeVersion.id)
    .where(RegimeVersion.number.is_not(None))
    .order_by(RegimeVersion.number.desc())
    .limit(1)
    .scalar_subquery()
)

# Statements are built once, and those without a model run on the connection. Each halves the cost of a query.
_CALLER = (
    select(Officer.id, Officer.name, Device.mark, Device.created_at)
    .add_columns(exists().where(Meta.key == DEMO).label("demo"), _REGIMES.label("regimes"))
    .join(Device, Device.officer_id == Officer.id)
    .where(Device.id == bindparam("device"))
)
_SHOWN = (Unit.id, Unit.parent_id, Unit.merged_at, Unit.name, Unit.short_name, Unit.level, Unit.stations, Unit.hamlets)
_UNITS = select(*above(_SHOWN).c)
_REVIEWERS = (  # the first of each unit
    select(
        *(Membership.unit_id, Officer.name, Officer.phone),
        func.row_number()
        .over(partition_by=Membership.unit_id, order_by=(Officer.created_at, Officer.id))
        .label("place"),
    )
    .join(Officer, Officer.id == Membership.officer_id)
    .where(one_of_parameter(Membership.unit_id, "units"), Membership.ended_at.is_(None))
    .where(Membership.role.in_([REVIEWER, COORDINATOR]), Officer.disabled_at.is_(None))
    .subquery()
)
_CONTACTS = select(_REVIEWERS.c.unit_id, _REVIEWERS.c.name, _REVIEWERS.c.phone).where(_REVIEWERS.c.place == 1)
_THEIRS = select(Stream.campaign_id).where(one_of_parameter(Stream.unit_id, "units"))
_CAMPAIGNS = (
    select(Campaign, CampaignFile)
    .outerjoin(CampaignFile, CampaignFile.campaign_id == Campaign.id)
    .where(Campaign.id.in_(_THEIRS))
    .order_by(Campaign.practice, Campaign.opened_at.desc(), Campaign.id)
    .order_by(CampaignFile.use.desc(), CampaignFile.title, CampaignFile.id)
)


MOST_KEPT: Final = 50_000
STAMP: Final = (
    select(Meta.value).where(Meta.key == CATALOG_ROW).scalar_subquery(),
    devices.HAS_NEW,
)
"""What an etag depends on: the version, and whether there are new devices. Parameters: `asked`."""


class Etags:
    """The etags that this process made, by device, with the version of which each was made."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, str]] = {}

    def of(
        self, session: Session, scope: Callable[[], Scope], device_id: str, keyring: Keyring, stamp: Sequence[Any]
    ) -> str:
        """A digest of the catalogue of this device of the scope's officer. `stamp`: STAMP in the same snapshot."""
        version, has_new = stamp
        kept = self._kept.get(device_id)
        if kept is not None and version is not None and not has_new and kept[0] == version:
            return kept[1]
        made = _digest(device_id, _own(session, scope(), device_id), keyring.current(Purpose.RESCUE))
        if version is not None and not has_new:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[device_id] = (version, made)
        return made


def asked(officer_id: str, device_id: str) -> dict[str, Any]:
    """The parameters of STAMP."""
    return devices.new_device_parameters(officer_id, but=device_id)


def build(session: Session, scope: Scope, device_id: str, keyring: Keyring) -> dict[str, Any]:
    """The catalogue of one device with its etag, without the server's time."""
    own, key = _own(session, scope, device_id), keyring.current(Purpose.RESCUE)
    return {
        "etag": _digest(device_id, own, key),
        **own,
        "kinds": [kind.source for kind in KINDS.values()],
        "rescue_key": rescue_key_text(device_id, key),
    }


def _digest(device_id: str, own: Mapping[str, Any], key: Key) -> str:
    # The first key has no name here: etags are as they were before there was a keyring.
    form = _FORM if key.id == FIRST else f"{_FORM} {key.id}"
    parts = (form, device_id, json.dumps(own, sort_keys=True), _KINDS_JSON)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _own(session: Session, scope: Scope, device_id: str) -> dict[str, Any]:
    """The parts that are not the same for all clients."""
    caller = session.connection().execute(_CALLER, {"device": device_id}).one()
    units = scope.held_units()
    shown = _units(session, units)
    return {
        "demo": bool(caller.demo),
        "officer": {"id": caller.id, "name": caller.name, "mark": caller.mark},
        "units": shown,
        "campaigns": _campaigns(session, units, shown),
        "regimes": caller.regimes or "",
        "messages": True,  # entries of the outbox that an older server does not know (SPEC D-15)
        # Only devices newer than this one: the owner of a new phone is not notified of the old one.
        "new_devices": [
            _new_device(each)
            for each in new_devices.unconfirmed(session, caller.id, since=caller.created_at, but=device_id)
        ],
    }


def _new_device(new: new_devices.NewDevice) -> dict[str, Any]:
    contact = {"name": new.contact.name, "phone": new.contact.phone} if new.contact else None
    return {"id": new.id, "label": new.label, "at": new.at, "script": new.script, "by": new.code_by, "contact": contact}


def _units(session: Session, unit_ids: Sequence[str]) -> list[dict[str, Any]]:
    rows: dict[str, Any] = {row.id: row for row in session.connection().execute(_UNITS, {"units": unit_ids})}
    contacts: dict[str, Any] = {
        row.unit_id: {"name": row.name, "phone": row.phone}
        for row in session.connection().execute(_CONTACTS, {"units": list(rows)})
    }
    parents = {id_: row.parent_id for id_, row in rows.items()}
    return [_unit([rows[each] for each in path(id_, parents)], contacts) for id_ in unit_ids]


def _unit(chain: Sequence[Any], contacts: Mapping[str, Any]) -> dict[str, Any]:
    """`chain`: the unit and those above it, upwards. `contacts`: reviewers by unit; the nearest one is the contact."""
    unit = chain[0]
    parent = chain[1].name if len(chain) > 1 else None
    return {
        "id": unit.id,
        "name": unit.name,
        "short_name": unit.short_name,
        "level": unit.level,
        "parent_name": parent,
        "merged_into": parent if unit.merged_at is not None else None,
        "stations": unit.stations,
        "hamlets": unit.hamlets,
        "contact": next((contacts[each.id] for each in chain[1:] if each.id in contacts), None),
    }


def _campaigns(session: Session, unit_ids: Sequence[str], shown: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    files: dict[Campaign, list[CampaignFile]] = {}
    rows: Iterable[Any] = session.execute(_CAMPAIGNS, {"units": unit_ids})
    for campaign, file in rows:
        files.setdefault(campaign, []).extend([] if file is None else [file])
    return [_campaign(campaign, theirs, shown[:1]) for campaign, theirs in files.items()]


def _campaign(campaign: Campaign, files: Iterable[CampaignFile], first: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`first`: the officer's first unit, if there is one: what is expected is said as of that one."""
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
        "files": [_file(file) for file in files],
        "expected": [
            {"figure": figure, "amount": amount.whole, **({"digits": int(amount)} if amount.scale else {})}
            for unit in first
            for figure, amount in expected.of_unit(campaign.expected, unit["id"], unit["name"]).items()
        ],
    }


def _file(file: CampaignFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "use": file.use,
        "title": file.title,
        "type": file.type,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "hotline": file.hotline,
    }
