"""A record: its state, computed from the set of its stored writes; its verdict; and what searches read of it.

The state (SPEC S-1 to S-11):

>>> a = Write(id="a" * 16, at=1, record="a" * 16, set={"note": "x"})
>>> b = Write(id="b" * 16, at=2, record="a" * 16, set={"note": "y"}, seen=("a" * 16,))
>>> State.of([b, a]).value("note")
'y'

`State.of` reads all writes of a record. A fold needs only its surviving writes, and the writes whose `seen` named an id
that had not arrived yet. The result is the same, and costs no more for a long history.

>>> fold = Fold()
>>> fold.add(Write(id="b" * 16, at=2, record="a" * 16, set={"note": "y"}, seen=("a" * 16,)), early=["a" * 16])
>>> fold.add(Write(id="a" * 16, at=1, record="a" * 16, set={"note": "x"}))
>>> fold.state.value("note")
'y'

What lists and searches read of a record is its day, its place, its slogan, the words of its texts. It is a projection
of the state, like figures. It may be thrown away and made anew from the writes. Of a conflict the side that is shown
first counts for day, place and slogan; the words are those of every side, so that both are found.

>>> words("Thôn Đông, cổng chợ; THÔN 3")
['3', 'cho', 'cong', 'dong', 'thon']
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain
from operator import or_
from typing import Final

from sync.errors import Refused
from sync.protocol import DOCUMENT_PREFIX, FIELD_NAME_LENGTH, KEPT_PREFIX, PHOTO_PREFIX
from sync.registry import OLD, Field, Kind, answered_by
from sync.text import fold
from sync.values import TYPES, Value, is_date
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
        names = [name for name in self.fields if name.startswith(prefix)]
        if not names:
            return {}
        found = {name: value for name in names if isinstance(value := self.value(name), dict)}
        if len(found) < 2:
            return found
        return dict(sorted(found.items(), key=lambda item: (str(item[1].get(time) or ""), item[0])))

    @property
    def all_sides(self) -> dict[str, list[Value]]:
        """D-2, D-3: the values by field, without fields that are only null or have no survivor (S-3)."""
        found: dict[str, list[Value]] = {}
        for name, alive in self.fields.items():
            if len(alive) == 1:  # as in `sides`, without a call for each field of each record
                if (value := alive[0].set[name]) is not None:
                    found[name] = [value]
            elif (sides := self.sides(name)) and sides != [None]:
                found[name] = sides
        return found

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


@dataclass(slots=True)
class Fold:
    """`fields`: survivors by field, in display order. `early`: for each id not held yet, the writes that named it."""

    fields: dict[str, tuple[Write, ...]] = field(default_factory=dict)
    early: dict[str, list[Write]] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """The state of the writes added so far."""
        return State(self.fields)

    def after(self, write: Write) -> dict[str, tuple[Write, ...]]:
        """The survivors that each field set by this write would have after adding it. Changes nothing."""
        if not self.fields and not self.early:  # the first write of a record: most writes are
            return dict.fromkeys(write.set, (write,))
        seen = set(write.seen)
        replaced: set[str] = set().union(*(each.set for each in self.early.get(write.id, ())))
        found = {}
        for name in write.set:
            alive = [each for each in self.fields.get(name, ()) if each.id not in seen]
            if name not in replaced:
                alive.append(write)
            found[name] = tuple(sorted(alive, key=lambda each: each.rank, reverse=True))
        return found

    def add(self, write: Write, early: Iterable[str] = ()) -> None:
        """Add a write that was not added before. `early`: the ids in its `seen` whose writes are not held."""
        self.fields |= self.after(write)
        self.early.pop(write.id, None)
        for id_ in early:
            self.early.setdefault(id_, []).append(write)


VERDICTS: Final = ("counted", "returned", "not_counted")
WITHDRAWN: Final = "withdrawn"
PURGED: Final = "purged"
"""Neither a verdict nor a displayed state: marks a purged record, and the stream entry of its purge (L-11)."""
STATES: Final = ("draft", "waiting", "counted", "returned", "not_counted", "amended", "deleted")


@dataclass(frozen=True, slots=True)
class InForce:
    """The decision in force: its verdict and the values it was made on (D-2)."""

    verdict: str
    sides: Sides


def is_amended(state: State, decision: InForce | None) -> bool:
    """D-3: the surviving values differ from those the decision was made on."""
    return decision is not None and canonical(state.all_sides) != canonical(decision.sides)


def shown(state: State, decision: InForce | None) -> str:
    """D-7: the first state that applies. Only a reviewer takes away the figure of a counted decision (D-5)."""
    counted = decision is not None and decision.verdict == "counted"
    if state.hidden:
        return "amended" if counted else "deleted"
    if not state.submitted and not counted:
        return "draft"
    if decision is None:
        return "waiting"
    return "amended" if is_amended(state, decision) else decision.verdict


def word_of(state: str, verdict: str | None) -> str:
    """Return the key of the word (sync/states.json) to display for a state: an amended return is `resubmitted`."""
    return "resubmitted" if (state, verdict) == ("amended", "returned") else state


def check_decision(verdict: str, reason: str, page: State, authors: Collection[str], decider: str) -> None:
    """D-4, D-6: check that this verdict may be given on the page as shown. Raises Refused."""
    if decider in authors:
        raise Refused("own_record")
    if verdict not in VERDICTS:
        raise Refused("bad_request")
    if verdict != "counted":
        if not reason:
            raise Refused("reason_needed")
        return
    if page.conflicts or page.edited_while_deleted:
        raise Refused("conflicted")
    if page.hidden or not page.submitted:
        raise Refused("not_submitted")


WORD_LENGTH: Final = 40
"""Longer words are cut, when they are stored and when they are searched."""
UNSAID: Final = "unsaid"
_WORD: Final = re.compile(r"[^\W_]+")
_SYLLABLES: Final = 8192
"""Vietnamese is written with about as many, so nearly all that a server reads it has folded before."""


@dataclass(frozen=True, slots=True)
class Findable:
    """`day`: the ISO day of the activity, empty if none was given. `place`: (latitude, longitude) in millionths.

    `slogan`: the id of the campaign's slogan, or empty. `photos`: the record names at least one. `words`: folded, once
    each.
    """

    day: str
    place: tuple[int, int] | None
    slogan: str
    photos: bool
    words: tuple[str, ...]
    answer: str = ""
    """Of a yes or no with three answers: UNSAID, or OLD (SPEC F-25). Empty if it is answered, or in a conflict."""


def words(text: str) -> list[str]:
    """Return the words of a text, folded (F-12), each once and in order."""
    return sorted(_folded([text]))


def findable(kind: Kind | None, state: State) -> Findable:
    """Return what a record of this kind is found by; the kind is None if no file has it any more."""
    day, place, slogan = "", None, None
    texts: list[str] = []
    for each in kind.found_by if kind else ():
        # In display order (W-3). Of day, place and slogan the first value counts that is one, whichever each holds it.
        alive = state.fields.get(each.name)
        if not alive:
            continue
        sides = [write.set[each.name] for write in alive]
        if each.type == "text":
            texts += (side for side in sides if isinstance(side, str))
        elif each.type in ("date", "schedule"):
            day = day or next((said for side in sides if (said := _day(each, side))), "")
        elif each.type == "place":
            place = place or next((degrees for side in sides if (degrees := _degrees(each, side))), None)
        elif each.type == "slogan" and slogan is None:
            slogan = next((side for side in sides if isinstance(side, str)), None)
    found = tuple(sorted(_folded(texts)))
    answer = _answer(kind, state) if kind else ""
    return Findable(day, place, (slogan or "")[:FIELD_NAME_LENGTH], bool(state.photos), found, answer)


def _answer(kind: Kind, state: State) -> str:
    for each, said_by in kind.yes_or_no:
        if len(state.sides(each.name)) < 2:
            said = state.value(each.name)
            by = answered_by(each, {each.name: said, said_by: state.value(said_by)})
            return UNSAID if said is None else OLD if by == OLD else ""
    return ""


def _day(field: Field, side: Value) -> str:
    """The day that a date, or the first day of a schedule, says; else nothing."""
    if field.type == "schedule":
        side = side.get("from") if isinstance(side, dict) else None
    return str(side) if is_date(side) else ""


def _degrees(field: Field, side: Value) -> tuple[int, int] | None:
    # An older server kept the values of a field that it did not know unchecked.
    if isinstance(side, dict) and TYPES["place"](field, side):
        return int(side["lat_e6"] or 0), int(side["lon_e6"] or 0)
    return None


def _folded(texts: Iterable[str]) -> set[str]:
    """The words of these texts. A blank ends a word, so what stands between blanks is folded by itself."""
    return set(chain.from_iterable(map(_known.__getitem__, " ".join(texts).split())))


def _words_of(part: str) -> tuple[str, ...]:
    return tuple(word[:WORD_LENGTH] for word in _WORD.findall(fold(part)))


class _Known(dict[str, tuple[str, ...]]):
    """What was folded before, until there is too much of it. Looked up by the million: a function would cost more."""

    def __missing__(self, part: str) -> tuple[str, ...]:
        found = _words_of(part)
        if len(part) <= WORD_LENGTH:
            if len(self) >= _SYLLABLES:
                self.clear()
            self[part] = found
        return found


_known: Final = _Known()
