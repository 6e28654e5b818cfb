"""The chain: an act becomes a line, and each line has a keyed hash over its content, its place and the hash before it.

The form is JSON of all columns in the order of `Line`, so that one content has one text. Keys are those of the keyring
for the purpose `audit`. A line names its key by a check value: after a new key older lines still have theirs.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from server.core.acting import Actor, actor
from server.core.clock import local, now_ms
from server.core.keyring import Key, Keyring
from server.services.audit.acts import About, Act, Values, checked, unit_of, written


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says, before it has a place in the chain."""

    act: Act
    about: About
    unit: str
    old: str
    new: str
    times: int
    at: int
    by: Actor

    @classmethod
    def of(
        cls,
        act: Act,
        about: About | None = None,
        *,
        old: Values | None = None,
        new: Values | None = None,
        times: int = 1,
        at: int | None = None,
        by: Actor | None = None,
    ) -> Self:
        """Return the entry of this moment and of who acts now, unless others are given. Raises NotNameable."""
        named = checked(about)
        unit = unit_of(named, new, old)
        who = by or actor()
        return cls(act, named, unit, written(old), written(new), times, now_ms() if at is None else at, who)

    def line(self, number: int, day: str, prev: str) -> Line:
        """Return the line at this place. `day`: of the line before it."""
        return Line(
            number=number,
            at=self.at,
            day=max(day, local(self.at).date().isoformat()),
            actor_kind=str(self.by.kind),
            actor_id=self.by.id,
            address=self.by.address,
            act=str(self.act),
            about_kind=self.about[0],
            about_id=self.about[1],
            unit_id=self.unit,
            old=self.old,
            new=self.new,
            times=self.times,
            key_id="",
            prev=prev,
        )


AUDIT: Final = "audit"
"""The purpose of the chain's keys."""
_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Line(NamedTuple):
    """A line as stored; columns as in AuditLine, `mac` last."""

    number: int
    at: int
    day: str
    actor_kind: str
    actor_id: str
    address: str
    act: str
    about_kind: str
    about_id: str
    unit_id: str
    old: str
    new: str
    times: int
    key_id: str
    prev: str
    mac: str = ""


class Day(NamedTuple):
    """The head of a removed day; columns as in AuditDay."""

    day: str
    first: int
    last: int
    head: str
    key_id: str
    mac: str = ""


@dataclass(frozen=True, slots=True)
class ChainKeys:
    """The keys of the chain by their check values; `current` makes new lines."""

    current: str
    by_id: dict[str, bytes]

    @classmethod
    def of(cls, ring: Keyring) -> ChainKeys:
        """Return the chain's keys of this ring, also those of retired secrets, which only check."""
        keys = [*ring.all(AUDIT), *(Key("", material) for material in ring.audit)]
        ids = [hmac.digest(key.material, b"id", "sha256").hex()[:12] for key in keys]
        return cls(ids[0], dict(zip(ids, (key.material for key in keys), strict=True)))

    def sealed(self, line: Line) -> Line:
        """Return the line with the current key's hash."""
        line = line._replace(key_id=self.current)
        return line._replace(mac=_mac(self.by_id[self.current], line[:-1]))

    def sealed_day(self, day: Day) -> Day:
        """Return the head of a removed day with the current key's hash."""
        day = day._replace(key_id=self.current)
        return day._replace(mac=_mac(self.by_id[self.current], day[:-1]))

    def stamp(self, columns: tuple[str | int, ...]) -> tuple[str, str]:
        """Return the current key's check value and hash of a row of another log. Its first column names that log."""
        return self.current, _mac(self.by_id[self.current], columns)

    def is_stamp(self, mac: str, columns: tuple[str | int, ...]) -> bool:
        """True if one of the keys made this hash."""
        return any(_mac(key, columns) == mac for key in self.by_id.values())

    def is_genuine(self, row: Line | Day) -> bool:
        """True if the row is as it was written, at its own place."""
        key = self.by_id.get(row.key_id)
        return key is not None and _mac(key, row[:-1]) == row.mac  # the reader is no oracle: no constant time needed


def _mac(key: bytes, columns: tuple[object, ...]) -> str:
    return hmac.digest(key, _text(columns).encode(), "sha256").hex()
