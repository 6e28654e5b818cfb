"""What this process keeps of a database, found by its engine or by a session on it: locks, files beside it, jobs."""

from __future__ import annotations

from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

Part = TypeVar("Part")
_parts: WeakKeyDictionary[Engine, dict[type[Any], Any]] = WeakKeyDictionary()


def keep(engine: Engine, part: object) -> None:
    """Keep this part of the engine's database, in place of one of the same class."""
    _parts.setdefault(engine, {})[type(part)] = part


def part_of(at: Engine | Session, kind: type[Part]) -> Part | None:
    """Return the part of this class; None if nobody kept one."""
    bind = at.get_bind() if isinstance(at, Session) else at
    found: Part | None = _parts.get(bind.engine if isinstance(bind, Connection) else bind, {}).get(kind)
    return found
