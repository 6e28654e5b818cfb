"""Answers to returns and messages of a file that were not taken: their words are read there (SPEC R-9, R-12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Message, Reply, Rescue
from server.services.recovery.rescue import device_status, viewing
from server.services.recovery.rescue.homes import homes, readable
from server.services.recovery.rescue.opening import Sealed
from server.services.recovery.rescue.rescue_store import RescueStore
from server.services.recovery.rescue.taking import is_untaken, moment, text_of
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.text import is_id


@dataclass(frozen=True, slots=True)
class Words:
    """What an officer said, to be read: nobody else gives it (D-13, D-15).

    `title`: its record, if that is here. `at`: ms of the phone's clock.
    """

    record: str
    title: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class FileWords:
    """What a file holds for this person. `hidden`: number of others. `gone`: no longer kept."""

    said: list[Words]
    hidden: int = 0
    gone: bool = False


def untaken(session: Session, scope: Scope, store: RescueStore, rescue_id: str) -> FileWords:
    """The words of a file that were not taken; of one that waits for a person, all. Raises Problem `not_found`."""
    row = device_status.row(session, scope, rescue_id)
    ids = {entry["id"] for entry in row.writes if is_untaken(entry)}
    if not (row.held or ids):
        return FileWords([])
    try:
        sealed = Sealed(store.held(row.id), store.keyring)
        bodies = [*sealed.replies(), *sealed.messages()]
    except FileNotFoundError:
        return FileWords([], gone=not row.held)  # of a held file its own notice says so
    except Refused:
        return FileWords([])
    named = {nth: body["id"] for nth, body in enumerate(bodies) if is_id(body.get("id"))}
    here = _stored(session, ids | set(named.values()))
    asked = [
        body for nth, body in enumerate(bodies) if named.get(nth) not in here and (row.held or named.get(nth) in ids)
    ]
    said = _shown(session, scope, row, sealed, asked)
    sealed_for_good = {id_ for id_ in ids if is_id(id_)} - here - set(named.values())  # its key was retired
    return FileWords(said, len(asked) - len(said) + len(sealed_for_good))


def _stored(session: Session, ids: Collection[str]) -> set[str]:
    """Those of these answers and messages that came here another way meanwhile."""
    return {id_ for table in (Reply, Message) for id_ in session.scalars(select(table.id).where(one_of(table.id, ids)))}


def _shown(
    session: Session, scope: Scope, row: Rescue, sealed: Sealed, bodies: Collection[Mapping[str, Any]]
) -> list[Words]:
    """Those that say something, about records that this person may see, or that nobody knows."""
    read = [(str(body["record"]), text_of(body), body) for body in bodies if is_id(body.get("record"))]
    records = {record for record, text, _ in read if text}
    theirs = homes(session, readable(sealed)[0], records)
    # Its officer's own, so whoever manages that one reads it; of a device that is not known nobody can say whose.
    own = row.author_id is not None and (
        row.author_id == scope.officer_id or device_status.manages(session, scope, row.author_id)
    )

    def may_read(record: str) -> bool:
        home = theirs.known.get(record)
        return record not in theirs.purged and (scope.may_see(home.unit_id) if home else own)

    titles = viewing.titles(session, scope, records)
    return [
        Words(record, titles[record], text, moment(body.get("at")))
        for record, text, body in read
        if text and may_read(record)
    ]
