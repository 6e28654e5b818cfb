"""Changing marks, which prove that an older copy replaced the database though nobody said so (B-10, B-16).

While data is being stored the database gets a new random mark every minute. Each host keeps the last committed mark in
a file of its own data folder, and each client the last one that it was given (`WireMark`). An older copy lacks the
mark. The file is written after the commit: written before it, a kill in between would look like a restore. So the file
may be missing or behind, which proves nothing.

Read the file first and the database after that: an older snapshot might lack a mark that another process has committed
and written since.

The mark that a client is given and sends back proves the restore of a whole disk, too (SPEC B-31, B-32). It names the
database's last mark, or the client's own last write where that is newer: a mark is made once a minute, and
no own write may be lost unnoticed, however young the copy. The text is base64url of the mark's 8 bytes or the write's
12, 4 of its time in seconds, and 6 of a MAC, which covers also the moment of the last restore. So only this server can
make one, and one from before that restore is known from one made since.

When the database was last restored from a backup, and for how long that still matters.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from sqlalchemy import ColumnElement, Engine, Select, bindparam, column, delete, exists, func, insert, select, table
from sqlalchemy.orm import Session

from server.core import atomic_files
from server.core.clock import now_ms
from server.core.unit_of_work import Ending, EndingStep, each_time, keep, owe, part_of
from server.models import Mark, Restoration

PATIENCE_MS = 30 * 24 * 3600 * 1000
"""As long as clients keep stored writes (H-2): what has not been made again by then will not be."""


def latest(session: Session) -> int | None:
    """The moment of the last restore; None where there was none."""
    return session.scalar(select(func.max(Restoration.at)))


def lately(session: Session) -> bool:
    """True while things made since the backup may still be made again."""
    return now_ms() - (latest(session) or 0) <= PATIENCE_MS


log = logging.getLogger(__name__)

NAME = "last_mark"
EVERY_S = 60
KEPT_MS = 30 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Last:
    """The file's contents. `restored`: the last restore that the database knew then; 0 for none."""

    value: str
    at: int
    restored: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What the database says of marks. `restored`: the moment of the last restore, if any. `newest`: its last mark."""

    restored: int | None
    put_back: bool
    """The mark of this host's file is missing, which proves a restore."""
    newest: WireMark | None
    holds: bool = False
    """The client's mark is here."""
    lacks: bool = False
    """The client's mark is missing, which proves a restore if it is genuine and of the last restore."""


@dataclass(slots=True)
class _Place:
    path: Path
    marked: float = float("-inf")
    """When this process made its last mark, by the monotonic clock."""


_WRITES = table("write", column("id"))
"""Without its class, which maps the tables of records: each command of `loa` that changes something imports this."""
# One statement, because every exchange runs it.
_LOOK = (
    select(func.max(Restoration.at)).scalar_subquery(),
    select(func.min(Mark.at)).scalar_subquery(),
    select(func.max(Mark.at)).scalar_subquery(),
    select(Mark.value).order_by(Mark.at.desc(), Mark.value).limit(1).scalar_subquery(),
    exists().where(Mark.value == bindparam("file")),
    exists().where(Mark.value == bindparam("client")),
    exists(select(_WRITES.c.id).where(_WRITES.c.id == bindparam("write"))),
)


def keep_in(engine: Engine, path: Path) -> None:
    """Keep the last mark of this database in this file from now on."""
    keep(engine, _Place(path))
    each_time(engine, STEP)


def last(engine: Engine) -> Last | None:
    """The contents of this host's file; None if there is none that can be read. Call it before a transaction."""
    place = part_of(engine, _Place)
    return _read(place.path) if place else None


@cache
def _looking(beside: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    return select(*_LOOK, *beside)


def look(session: Session, said: Last | None, sent: WireMark | None = None) -> Looked:
    """What the database says of the mark in this host's file, and of the one that a client `sent`.

    A mark older than all marks in the database was dropped. A mark from before the last restore proves nothing new.
    """
    return look_beside(session, said, sent)[0]


def look_beside(
    session: Session,
    said: Last | None,
    sent: WireMark | None,
    beside: tuple[ColumnElement[Any], ...] = (),
    asked: Mapping[str, object] = MappingProxyType({}),
) -> tuple[Looked, Sequence[Any]]:
    """Look, and read these columns in the same statement; `asked`: their parameters."""
    named = {"file": said.value if said else "", "client": "", "write": "", **asked}
    if sent is not None:
        named["write" if sent.of_write else "client"] = sent.value
    row = session.connection().execute(_looking(beside), named).one()
    restored, oldest, at, value, held, *known = row[: len(_LOOK)]
    if oldest is None:
        return Looked(restored, put_back=False, newest=None, holds=any(known)), row[len(_LOOK) :]
    put_back = said is not None and not held and said.at >= oldest and said.restored >= (restored or 0)
    lacks = sent is not None and not any(known) and sent.at >= at - KEPT_MS  # an older one was dropped by `_make`
    return Looked(restored, put_back, WireMark(value, at), any(known), lacks), row[len(_LOOK) :]


def renew(session: Session) -> None:
    """A restore was noted in this transaction: write a mark that knows of it to the file at once."""
    owe(session, STEP, _RENEWED)


def soon(session: Session) -> None:
    """Make a mark with this commit, however young the last one is: nothing else would tell that a copy lacks this."""
    owe(session, STEP, _SOON)


def _read(path: Path) -> Last | None:
    try:
        said = json.loads(path.read_text("utf-8"))
        return Last(str(said["value"]), int(said["at"]), int(said["restored"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the last mark cannot be read: %s", type(error).__name__)
        return None


def _make(session: Session, asked: list[str]) -> None:
    place, renewed = part_of(session, _Place), _RENEWED in asked
    if place is None or (not asked and time.monotonic() - place.marked < EVERY_S):
        return
    found = look(session, _read(place.path))
    if found.put_back and not renewed:
        return  # overwritten, the file would prove nothing to the next exchange
    # Never before the last one, whatever this host's clock says: clients are given the latest.
    at = max(now_ms(), found.newest.at + 1 if found.newest else 0)
    made = Last(secrets.token_hex(8), at, found.restored or 0)
    session.execute(delete(Mark).where(Mark.at < made.at - KEPT_MS))
    session.execute(insert(Mark).values(value=made.value, at=made.at))
    place.marked = time.monotonic()
    owe(session, _FILE, made)


def _write(session: Session, made: list[Last]) -> None:
    place = part_of(session, _Place)
    if place is None:
        return
    try:
        atomic_files.write(place.path, json.dumps(asdict(made[-1])))
    except OSError as error:  # the data is stored; the next mark tries again
        log.warning("the last mark cannot be written: %s", error)


def _forget(session: Session, _made: list[Last]) -> None:
    place = part_of(session, _Place)
    if place is not None:
        place.marked = float("-inf")


_RENEWED, _SOON = "renewed", "soon"
STEP = EndingStep(Ending.MARK, settle=_make)
_FILE = EndingStep(Ending.MARK_FILE, committed=_write, undone=_forget)


_TIME_BYTES, _MAC_BYTES = 4, 6
_MARK, _WRITE = re.compile(r"[A-Za-z0-9_-]{24}"), re.compile(r"[A-Za-z0-9_-]{30}")


@dataclass(frozen=True, slots=True)
class WireMark:
    """`value`: a mark as in the database, 16 hex digits, or a write's id. `at`: ms; read from a client, the second."""

    value: str
    at: int
    of_write: bool = False
    mac: bytes = b""

    @classmethod
    def read(cls, text: object) -> Self | None:
        """What a client sent; None if it is no mark."""
        if not isinstance(text, str) or not (_MARK.fullmatch(text) or _WRITE.fullmatch(text)):
            return None
        sent = base64.urlsafe_b64decode(text + "==")
        body, mac = sent[:-_MAC_BYTES], sent[-_MAC_BYTES:]
        value, at = body[:-_TIME_BYTES], int.from_bytes(body[-_TIME_BYTES:], "big") * 1000
        if len(text) == 24:
            return cls(value.hex(), at, mac=mac)
        return cls(base64.urlsafe_b64encode(value).decode("ascii"), at, True, mac)

    def given(self, key: bytes, restored: int | None) -> str:
        """The text to give out after that restore."""
        value = base64.urlsafe_b64decode(self.value) if self.of_write else bytes.fromhex(self.value)
        text = base64.urlsafe_b64encode(value + self.second.to_bytes(_TIME_BYTES, "big") + self._mac_by(key, restored))
        return text.decode("ascii").rstrip("=")

    @property
    def second(self) -> int:
        """Its time as clients are given it."""
        return self.at // 1000

    def is_genuine(self, keys: Sequence[bytes], restored: int | None) -> bool:
        """True if only a holder of one of the keys can have given it out, after that restore."""
        return any(hmac.compare_digest(self.mac, self._mac_by(key, restored)) for key in keys)

    def _mac_by(self, key: bytes, restored: int | None) -> bytes:
        said = json.dumps(["write" if self.of_write else "mark", self.value, self.second, restored or 0]).encode()
        return hmac.digest(key, said, hashlib.sha256)[:_MAC_BYTES]
