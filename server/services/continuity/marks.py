"""Marks that move: they tell that an older copy of the database took its place, though nobody said so (B-10, B-16).

While things are stored the database gets a new random mark every minute, and each host keeps the last one that was
committed in a file of its own data folder. An older copy does not hold the mark of the file. The file is written
behind the commit: written before, a kill in between would look like a restore. So it may be missing or behind, which
proves nothing.

Whoever compares reads the file first and looks into the database then: a snapshot begun before might lack a mark that
another process has committed and written since.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, delete, event, exists, func, insert, select
from sqlalchemy.orm import Session

from server.core import atomic_files
from server.core.clock import now_ms
from server.models import Mark, Restoration

log = logging.getLogger(__name__)

NAME = "last_mark"
EVERY_S = 60
KEPT_MS = 30 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Last:
    """What the file says. `restored`: the last restore that the database knew then; 0 for none."""

    value: str
    at: int
    restored: int


@dataclass(slots=True)
class _Place:
    path: Path
    marked: float = float("-inf")
    """When this process made its last mark, by the clock that nobody sets."""


_places: WeakKeyDictionary[Engine, _Place] = WeakKeyDictionary()
_PENDING, _RENEW = "mark", "mark renewed"
# One statement, for every exchange asks it.
_LOOK = select(
    select(func.max(Restoration.at)).scalar_subquery(),
    select(func.min(Mark.at)).scalar_subquery(),
    exists().where(Mark.value == bindparam("value")),
)


def keep_in(engine: Engine, path: Path) -> None:
    """From now on the last mark of this database is kept in this file."""
    _places[engine] = _Place(path)


def last(engine: Engine) -> Last | None:
    """What this host's file says; None where there is none that can be read. To be asked before a transaction."""
    place = _places.get(engine)
    return _read(place.path) if place else None


def look(session: Session, said: Last | None) -> tuple[int | None, bool]:
    """The moment of the last restore, if any, and whether another one is proven: the file's mark is not here.

    A mark older than all that are here was dropped. One of before the last restore is explained by that one.
    """
    restored, oldest, held = session.execute(_LOOK, {"value": said.value if said else ""}).one()
    if said is None or held or oldest is None:
        return restored, False
    return restored, said.at >= oldest and said.restored >= (restored or 0)


def renew(session: Session) -> None:
    """A restore was noted in this transaction: the file gets a mark that knows of it, at once."""
    session.info[_RENEW] = True


def _read(path: Path) -> Last | None:
    try:
        said = json.loads(path.read_text("utf-8"))
        return Last(str(said["value"]), int(said["at"]), int(said["restored"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the last mark cannot be read: %s", type(error).__name__)
        return None


def _place_of(session: Session) -> _Place | None:
    bind = session.get_bind()
    return _places.get(bind.engine if isinstance(bind, Connection) else bind)


@event.listens_for(Session, "before_commit")
def _make(session: Session) -> None:
    if session.in_nested_transaction():
        return
    place, renewed = _place_of(session), session.info.pop(_RENEW, False)
    if place is None or (not renewed and time.monotonic() - place.marked < EVERY_S):
        return
    restored, put_back = look(session, _read(place.path))
    if put_back and not renewed:
        return  # written over, the file would prove nothing to the exchange that looks next
    made = Last(secrets.token_hex(8), now_ms(), restored or 0)
    session.execute(delete(Mark).where(Mark.at < made.at - KEPT_MS))
    session.execute(insert(Mark).values(value=made.value, at=made.at))
    place.marked = time.monotonic()
    session.info[_PENDING] = made


@event.listens_for(Session, "after_commit")
def _write(session: Session) -> None:
    made, place = session.info.pop(_PENDING, None), _place_of(session)
    if made is None or place is None:
        return
    try:
        atomic_files.write(place.path, json.dumps(asdict(made)))
    except OSError as error:  # what was stored is stored; the next mark tries again
        log.warning("the last mark cannot be written: %s", error)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_RENEW, None)
    place = _place_of(session)
    if session.info.pop(_PENDING, None) is not None and place is not None:
        place.marked = float("-inf")
