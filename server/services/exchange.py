"""One round trip of a phone: its writes in, its news out (SPEC X-1).

Two short transactions: the first commits what was pushed, durable before anything is answered (X-6); the second reads
one snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.clock import now_ms
from server.db import reading, writing
from server.models import Device
from server.services import catalog, feed, photos
from server.services.feed import Cursor, Page
from server.services.journal import Author, Result, accept
from server.services.scope import Scope
from sync.protocol import MINIMUM_APP

SEEN_EVERY_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Caller:
    """The device that calls, read once so that no row is held between transactions."""

    device_id: str
    officer_id: str
    seen_at: int
    replaced: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What a phone sends."""

    writes: Sequence[object]
    cursors: Sequence[Cursor]
    photos: Sequence[str]
    app: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What it gets back."""

    results: list[Result]
    page: Page
    photos: list[dict[str, str]]
    catalog: str
    server_time: int
    minimum_app: int


def exchange(caller: Caller, question: Question, blobs: Blobs) -> Answer:
    """Store, then tell. A replaced device hands in its outbox and is told nothing."""
    results = _store(caller, question)
    just_stored = {result.id for result in results if result.new}
    with reading() as session:
        units = Scope(session, caller.officer_id).own_units()
        told = [] if caller.replaced else units
        page = feed.since(session, told, question.cursors, just_stored)
        states = photos.states(session, units, question.photos, blobs)
        etag = catalog.etag(session, session.get_one(Device, caller.device_id))
    return Answer(results, page, states, etag, now_ms(), MINIMUM_APP)


def _store(caller: Caller, question: Question) -> list[Result]:
    stale = now_ms() - caller.seen_at > SEEN_EVERY_MS
    if not question.writes and not stale:
        return []
    with writing() as session:
        _touch(session, caller, question.app)
        author = Author(Scope(session, caller.officer_id), caller.device_id)
        return accept(session, author, question.writes)


def _touch(session: Session, caller: Caller, app: int) -> None:
    session.execute(update(Device).where(Device.id == caller.device_id).values(seen_at=now_ms(), app=app))


def result_json(result: Result, sentence: str) -> dict[str, Any]:
    """A result as it travels (X-2)."""
    if result.result == "stored":
        return {
            "id": result.id,
            "result": "stored",
            "unit": result.unit,
            "campaign": result.campaign,
            "position": result.position,
            "number": result.number,
        }
    told = {"id": result.id, "result": result.result, "code": result.code, "detail": sentence}
    return told | ({"field": result.field} if result.field else {})
