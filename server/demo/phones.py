"""The demo's phones: make writes and send them with their photos to the services that real phones' requests reach."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from flask import Flask

from server.core.clock import new_id, stopped_at
from server.core.db import reading, writing
from server.demo.people import StoryPerson
from server.demo.photo import Shot
from server.demo.steps import Changed, Recorded
from server.demo.street import SIZE
from server.models import Device
from server.services.photos import photo_index, uploads
from server.services.records.journal import accept
from server.services.records.stored import Author
from server.services.units.scope import Scope
from server.serving.installation import installed
from sync.protocol import MINIMUM_APP, PHOTO_KEY_LENGTH, PHOTO_PREFIX
from sync.record import State
from sync.write import Write, read, wire


def create(step: Recorded, unit_id: str, campaign_id: str, shots: Iterable[Shot]) -> Write:
    """Return the first write of a record."""
    values = {**step.values, **_registers(shots, step.at)}
    if step.submitted:
        values["submitted"] = True
    home = {"kind": step.kind, "unit": unit_id, "campaign": campaign_id}
    return read({"id": new_id(), "at": step.at, "set": values, **home})


def change(step: Changed, kept: Sequence[Write], shots: Iterable[Shot]) -> Write:
    """Return an edit of the record as its author saw it; new photos replace the earlier ones."""
    screen = State.of(kept[:1] if step.blind else kept)
    values = {**step.values, **_registers(shots, step.at)}
    if step.scenes:
        values |= dict.fromkeys(screen.photos)
    if step.delete:
        values["deleted"] = True
    seen = screen.seen_by_delete if step.delete else screen.seen_by(values)
    return read({"id": new_id(), "at": step.at, "record": kept[0].record, "set": values, "seen": seen})


def hand_in(app: Flask, person: StoryPerson, write: Write, shots: Iterable[Shot], at_ms: int) -> None:
    """Send the write, then each photo after its thumbnail, with the clock stopped at `at_ms`."""
    with stopped_at(at_ms):
        with writing() as database:
            author = Author(Scope(database, person.officer_id), person.device_id)
            (result,) = accept(database, author, [wire(write)])
            if person.device_id is not None:  # the last contact, as after a phone's exchange
                device = database.get_one(Device, person.device_id)
                device.seen_at, device.app = max(device.seen_at, at_ms), MINIMUM_APP
        if result.result != "stored":
            raise RuntimeError(f"a write of the demo was not stored: {result.code} {result.field}")
        for shot in shots:
            for data in (shot.thumb, shot.photo):
                _upload(app, person.officer_id, data)


def _upload(app: Flask, officer_id: str, data: bytes) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    partials = installed(app).partials
    with reading() as database:
        streams = photo_index.announced_streams(database, Scope(database, officer_id), sha256)
    upload = partials.create(officer_id, sha256, len(data))
    uploads.take(upload, 0, BytesIO(data), lambda _: streams, installed(app).blobs)


def _registers(shots: Iterable[Shot], at_ms: int) -> dict[str, dict[str, Any]]:
    """Return a record's photo fields (SPEC P-1)."""
    found = {}
    for shot in shots:
        sha256 = hashlib.sha256(shot.photo).hexdigest()
        found[PHOTO_PREFIX + sha256[:PHOTO_KEY_LENGTH]] = {
            "sha256": sha256,
            "size_bytes": len(shot.photo),
            "width": SIZE[0],
            "height": SIZE[1],
            "type": "image/jpeg",
            "thumb_sha256": hashlib.sha256(shot.thumb).hexdigest(),
            "thumb_size_bytes": len(shot.thumb),
            "taken_at": at_ms,
            "source": "camera",
        }
    return found
