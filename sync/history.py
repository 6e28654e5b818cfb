"""Which values a write took the place of, from the set of a record's stored writes (SPEC X-66).

>>> a = Write(id="a" * 16, at=1, record="a" * 16, set={"note": "x"})
>>> b = Write(id="b" * 16, at=2, record="a" * 16, set={"note": "y"}, seen=("a" * 16,))
>>> replaced([b, a])[b.id]
{'note': ['x']}
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.record import distinct
from sync.values import Value
from sync.write import Write

Replaced = dict[str, dict[str, list[Value]]]
"""By write and field: the values that were on the screen when it was made, once each."""


def replaced(writes: Iterable[Write]) -> Replaced:
    """For each write that replaced something, the values of the writes that it had seen, by field.

    Of those, one that another of them had seen was no longer on the screen. The order of arrival says nothing.
    """
    by_id = {write.id: write for write in writes}
    found: Replaced = {}
    for write in by_id.values():
        before = [by_id[id_] for id_ in dict.fromkeys(write.seen) if id_ in by_id and id_ != write.id]
        for name in write.set:
            setters = [each for each in before if name in each.set]
            gone = {id_ for each in setters for id_ in each.seen if id_ != each.id}
            if shown := [each.set[name] for each in setters if each.id not in gone]:
                found.setdefault(write.id, {})[name] = distinct(shown)
    return found
