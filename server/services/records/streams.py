"""Streams: locked in the order of their ids. Only they assign positions and numbers (SPEC C-1).

Nobody else can forge a cursor, because it has a tag (SPEC C-2, C-5). A tag has 16 characters: half are random and drawn
with a position, half a MAC over these and the cursor's contents. The MAC is made when a cursor is issued, not when its
position is drawn. So it belongs to the time since the last restore, and an older tag cannot be reused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import and_, bindparam, or_, select, tuple_, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from server.core.bulk import merge_all, one_of_parameter
from server.core.keyring import Keyring, Purpose
from server.models import Campaign, Counter, DecisionRow, Message, Reply, Stream, WriteRow
from server.services.units.scope import Scope
from sync.registry import KINDS

Place = tuple[str, str]
"""(unit id, campaign id): the name of a stream on the wire."""

_LOCKED = (
    select(Stream)
    .where(
        or_(
            one_of_parameter(Stream.id, "ids"),
            and_(
                one_of_parameter(Stream.unit_id, "units"),
                one_of_parameter(Stream.campaign_id, "campaigns"),
            ),
        )
    )
    .order_by(Stream.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_BEHIND = (
    select(Stream.id, Campaign.status, Counter.kind, Counter.last)
    .join(Campaign, Campaign.id == Stream.campaign_id)
    .outerjoin(Counter, Counter.stream_id == Stream.id)
    .where(one_of_parameter(Stream.id, "ids"))
)


@dataclass(frozen=True, slots=True)
class Locked:
    """A stream locked until the transaction ends, with its campaign's status (`open`, `closed`, `archived`)."""

    stream: Stream
    status: str
    numbers: dict[str, int] = field(default_factory=dict)
    """The last number drawn, by kind."""


def lock(session: Session, ids: Iterable[str] = (), places: Iterable[Place] = ()) -> dict[str, Locked]:
    """Lock these streams until the transaction ends. Always in the same order, so that there is no deadlock (C-1).

    Ids and places without a stream are skipped. On SQLite the whole database is locked already (BEGIN IMMEDIATE).
    """
    wanted, at = set(ids), set(places)
    given = {"ids": list(wanted), "units": [unit for unit, _ in at], "campaigns": [campaign for _, campaign in at]}
    found = session.scalars(_LOCKED, given).all()
    # Read behind the locks: joined to the statement that waited for them, it would be from before.
    status: dict[str, str] = {}
    numbers: dict[str, dict[str, int]] = {stream.id: {} for stream in found}
    for id_, state, kind, last in session.execute(_BEHIND, {"ids": list(numbers)}):
        status[id_] = state
        if kind is not None:
            numbers[id_][kind] = last
    return {stream.id: Locked(stream, status[stream.id], numbers[stream.id]) for stream in found}


def may_record(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> bool:
    """True if the officer may still write for this very unit, and it takes part in the campaign."""
    here = select(Stream.id).where(Stream.campaign_id == campaign.id, Stream.unit_id == unit_id)
    if campaign.status == "archived" or scope.today(unit_id) != unit_id or not scope.may_write(unit_id):
        return False
    return session.scalar(here) is not None


def next_position(stream: Stream) -> int:
    """Draw the stream's next position; only under its lock."""
    stream.position = following(stream.position)
    return stream.position


def following(position: int) -> int:
    """Return the position after this one: there are no gaps."""
    return position + 1


_MOVED = (
    update(Stream)
    .where(Stream.id == bindparam("stream"))
    .values(position=bindparam("to"), written=bindparam("to"), received_at=bindparam("at"))
)


def move(session: Session, stream: Stream, position: int, received_at: int) -> None:
    """Note a batch of writes that ends at this position; only under its lock. A flush of the object costs 0.5 ms."""
    session.connection().execute(_MOVED, {"stream": stream.id, "to": position, "at": received_at})
    for name, value in (("position", position), ("written", position), ("received_at", received_at)):
        set_committed_value(stream, name, value)


_TAGS = [
    select(table.stream_id, table.position, table.tag).where(
        tuple_(table.stream_id, table.position).in_(bindparam("places", expanding=True))
    )
    for table in (WriteRow, DecisionRow, Reply, Message)
]


def tags_of(session: Session, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """By (stream id, position): the tags drawn with these entries, as far as they exist (SPEC C-2)."""
    found: dict[tuple[str, int], str] = {}
    for statement in _TAGS:
        wanted = [place for place in places if place not in found]
        if wanted:
            rows = session.connection().execute(statement, {"places": wanted})
            found |= {(stream, position): tag for stream, position, tag in rows}
    return found


class Numbers:
    """Numbers of records by stream and kind, never assigned twice; only under the streams' locks."""

    def __init__(self, locked: Iterable[Locked]) -> None:
        self._last = {(each.stream.id, kind): last for each in locked for kind, last in each.numbers.items()}
        self._given: set[tuple[str, str]] = set()

    def next(self, stream: Stream, kind: str) -> int:
        """Draw the next number; `save` makes it permanent."""
        key = (stream.id, kind)
        self._last[key] = self._last.get(key, 0) + 1
        self._given.add(key)
        return self._last[key]

    def save(self, session: Session) -> None:
        """Store the last number of each."""
        rows = [{"stream_id": key[0], "kind": key[1], "last": self._last[key]} for key in sorted(self._given)]
        merge_all(session, Counter, rows, most=("last",))  # it may have been skipped meanwhile


def number_text(kind: str, number: int) -> str:
    """A record's number as people say it after the unit's name: `BR-17`."""
    known = KINDS.get(kind)
    return f"{known.prefix if known else kind}-{number}"


DRAWN = 8
"""Length of the random part, 48 bits, which is stored with a position."""
_MAC_BYTES = 6


def cursor_keys(keyring: Keyring) -> tuple[bytes, ...]:
    """The keys for cursor tags only, newest first: that one makes tags, all recognise them."""
    return tuple(hmac.digest(key.material, b"cursor", hashlib.sha256) for key in keyring.all(Purpose.CURSORS))


def is_known_place(stored: str | None, sent: str) -> bool:
    """True if the tag was issued, at any time, for the position with which `stored` was drawn.

    Apps that have not pulled since tags have a MAC still send all 16 characters as drawn.
    """
    return stored is not None and stored[:DRAWN] == sent[:DRAWN]


def cursors_given(key: bytes, unit: str, campaign: str, position: int, tag: str, restored: int | None) -> str:
    """The tag to issue after that restore; `tag`: as drawn, or as issued before."""
    said = json.dumps([unit, campaign, position, tag[:DRAWN], restored or 0]).encode()
    mac = hmac.digest(key, said, hashlib.sha256)[:_MAC_BYTES]
    return tag[:DRAWN] + base64.urlsafe_b64encode(mac).decode("ascii")


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a client has considered a stream (C-2), and after which positions a write in it is late (L-3)."""

    unit: str
    campaign: str
    position: int
    tag: str
    floor: int
    reset: bool = False
    sealed: int | None = None
    closed: int | None = None

    def given(self, keys: Sequence[bytes], restored: int | None) -> Cursor:
        """The cursor with the tag to issue after that restore, made with the first key."""
        if self.position == 0:
            return self
        tag = cursors_given(keys[0], self.unit, self.campaign, self.position, self.tag, restored)
        return replace(self, tag=tag)

    def is_genuine(self, keys: Sequence[bytes], restored: int | None) -> bool:
        """True if only a holder of one of the keys can have made it."""
        made = [self.given([key], restored).tag.encode() for key in keys]
        return any(hmac.compare_digest(self.tag.encode(), tag) for tag in made)
