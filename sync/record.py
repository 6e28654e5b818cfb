"""The state of a record, computed from the set of its stored writes (SPEC S-1 to S-11).

>>> a = Write(id="a" * 16, at=1, record="a" * 16, set={"note": "x"})
>>> b = Write(id="b" * 16, at=2, record="a" * 16, set={"note": "y"}, seen=("a" * 16,))
>>> State.of([b, a]).value("note")
'y'
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from sync.protocol import DOCUMENT_PREFIX, KEPT_PREFIX, PHOTO_PREFIX
from sync.values import Value
from sync.write import Write

MARKS = ("deleted", "submitted")
"""Fields with rules of their own, never a conflict in the sense of S-4 (SPEC S-10)."""

Sides = Mapping[str, list[Value]]
"""For each field its distinct values, in one fixed order. Decisions store them; D-3 compares them."""


def survivors(writes: Iterable[Write]) -> dict[str, tuple[Write, ...]]:
    """S-1: for each field the writes that no other write setting it has seen, in display order (W-3)."""
    held = list(writes)
    if len(held) == 1:
        return dict.fromkeys(held[0].set, (held[0],))
    # Each write is a bit, and its `seen` a bit mask: a field costs one step for each write that sets it, however long
    # their `seen` is. A write's own id in it is ignored; ids of other records are not in the mask.
    bit_of = {write.id: 1 << nth for nth, write in enumerate(held)}
    setters: dict[str, list[tuple[Write, int, int]]] = {}
    for write in held:
        own = bit_of[write.id]
        seen = sum(bit_of[id_] for id_ in bit_of.keys() & write.seen) & ~own
        for name in write.set:
            setters.setdefault(name, []).append((write, own, seen))
    found: dict[str, tuple[Write, ...]] = {}
    for name, group in setters.items():
        replaced = reduce(or_, (seen for _, _, seen in group))
        alive = [write for write, own, _ in group if not own & replaced]
        found[name] = tuple(sorted(alive, key=lambda write: write.rank, reverse=True))
    return found


def canonical(value: Value | Sides) -> str:
    """The value as canonical text, for comparing: in Python True equals 1."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def distinct(values: Iterable[Value]) -> list[Value]:
    """Values once each, in one fixed order (that of their JSON). True and 1 are two values."""
    given = list(values)
    if len(given) < 2:  # most fields: skip the JSON, it is not needed to compare
        return given
    by_key = {canonical(value): value for value in given}
    return [by_key[key] for key in sorted(by_key)]


@dataclass(frozen=True, slots=True)
class State:
    """S-1: the survivors of every field, and what follows from them."""

    fields: Mapping[str, tuple[Write, ...]]

    @classmethod
    def of(cls, writes: Iterable[Write]) -> State:
        """The state of a record from its stored writes, in any order."""
        return cls(survivors(writes))

    def sides(self, name: str) -> list[Value]:
        """The distinct values the survivors of a field hold."""
        alive = self.fields.get(name, ())
        if len(alive) == 1:  # most fields of most records
            return [alive[0].set[name]]
        return distinct(write.set[name] for write in alive)

    def value(self, name: str) -> Value:
        """S-3: the agreed value; null for none and for a conflict."""
        sides = self.sides(name)
        return sides[0] if len(sides) == 1 else None

    @property
    def conflicts(self) -> list[str]:
        """S-4: names of the fields whose survivors disagree, but those read side by side (S-10, F-29)."""
        several = (name for name, alive in self.fields.items() if len(alive) > 1 and name not in MARKS)
        return sorted(name for name in several if not name.startswith(KEPT_PREFIX) and len(self.sides(name)) > 1)

    @property
    def hidden(self) -> bool:
        """S-7: deleted, and every other survivor was seen by a delete."""
        deletes = self.fields.get("deleted", ())
        if not deletes or not all(write.set["deleted"] is True for write in deletes):
            return False
        seen = {id_ for write in deletes for id_ in (*write.seen, write.id)}
        return all(write.id in seen for name, alive in self.fields.items() if name != "deleted" for write in alive)

    @property
    def edited_while_deleted(self) -> bool:
        """S-8: somebody deleted the record, and somebody else edited it without having seen that."""
        return not self.hidden and any(write.set["deleted"] is True for write in self.fields.get("deleted", ()))

    @property
    def submitted(self) -> bool:
        """S-9: any survivor of `submitted` is true."""
        return any(write.set["submitted"] is True for write in self.fields.get("submitted", ()))

    @property
    def photos(self) -> dict[str, dict[str, str | int | bool | None]]:
        """S-6: the photos on the record, by register name, ordered by the time they were taken."""
        return self._registers(PHOTO_PREFIX, "taken_at")

    @property
    def documents(self) -> dict[str, dict[str, str | int | bool | None]]:
        """S-13: the PDF files on the record, by register name, in the order in which they were added."""
        return self._registers(DOCUMENT_PREFIX, "added_at")

    def _registers(self, prefix: str, time: str) -> dict[str, dict[str, str | int | bool | None]]:
        named = ((name, self.value(name)) for name in self.fields if name.startswith(prefix))
        found = {name: value for name, value in named if isinstance(value, dict)}
        return dict(sorted(found.items(), key=lambda item: (str(item[1].get(time) or ""), item[0])))

    @property
    def all_sides(self) -> dict[str, list[Value]]:
        """D-2, D-3: the values by field, without fields that are only null or have no survivor (S-3)."""
        found = ((name, self.sides(name)) for name in self.fields)
        return {name: sides for name, sides in found if sides and sides != [None]}

    @property
    def ids(self) -> dict[str, list[str]]:
        """The survivors' ids by field: the basis of a decision, and the source of a form's `seen`."""
        return {name: [write.id for write in alive] for name, alive in self.fields.items()}

    def seen_by(self, names: Iterable[str]) -> list[str]:
        """W-6: the `seen` of a write that sets these fields, for a form drawn now."""
        return sorted({write.id for name in names for write in self.fields.get(name, ())})

    @property
    def seen_by_delete(self) -> list[str]:
        """W-6: the `seen` of a delete, which is every survivor."""
        return self.seen_by(self.fields)


def agreed(sides: Sides) -> dict[str, Value]:
    """The values without conflict: the ones that figures may use (S-4, D-5)."""
    return {name: values[0] for name, values in sides.items() if len(values) == 1}
