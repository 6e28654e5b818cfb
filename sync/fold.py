"""A record's state, updated one write at a time (SPEC S-1).

`State.of` reads all writes of a record. A fold needs only its surviving writes, and the writes whose `seen` named an id
that had not arrived yet. The result is the same, and costs no more for a long history.

>>> fold = Fold()
>>> fold.add(Write(id="b" * 16, at=2, record="a" * 16, set={"note": "y"}, seen=("a" * 16,)), early=["a" * 16])
>>> fold.add(Write(id="a" * 16, at=1, record="a" * 16, set={"note": "x"}))
>>> fold.state.value("note")
'y'
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sync.record import State
from sync.write import Write


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
