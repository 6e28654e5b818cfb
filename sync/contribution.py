"""What records and acts add to the figures: one value for every surface that shows an amount (SPEC F-30 to F-32).

>>> one = Contribution({"scripts": 1}, {"scripts": {"tin so 1": 1}})
>>> (one + one).figures(), one.added_to(one)
({'scripts': 1}, {})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sync.figures import contribution, key
from sync.registry import Kind
from sync.values import Value


@dataclass(frozen=True, slots=True)
class Contribution:
    """By figure: a sum, and of figures that count different values, how many records have each value.

    Contributions are added and subtracted record by record, so an act is what it counts minus what was counted before.
    """

    amounts: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: Kind, values: Mapping[str, Value]) -> Contribution:
        """The contribution of one record; entries of one figure add up (F-4, F-5)."""
        amounts = {figure.code: 0 for figure in kind.figures}
        found: dict[str, dict[str, int]] = {}
        for figure in kind.figures:
            amounts[figure.code] += contribution(figure, values)
            if figure.distinct and (value := key(figure, values)):
                found[figure.code] = {value: 1}
        return cls(amounts, found)

    def __add__(self, other: Contribution) -> Contribution:
        """Both together."""
        return self._with(other, 1)

    def __sub__(self, other: Contribution) -> Contribution:
        """This one without the other."""
        return self._with(other, -1)

    def _with(self, other: Contribution, sign: int) -> Contribution:
        values = dict(self.values)
        for code, theirs in other.values.items():
            values[code] = _added(values.get(code, {}), theirs, sign)
        return Contribution(_added(self.amounts, other.amounts, sign), values)

    def figures(self) -> dict[str, int]:
        """The amount of each figure. Different values count once each."""
        return {**self.amounts, **{code: sum(n > 0 for n in found.values()) for code, found in self.values.items()}}

    def added_to(self, counted: Contribution) -> dict[str, int]:
        """What this adds to figures that already count `counted`: the figures that differ (F-31)."""
        before, after = counted.figures(), (counted + self).figures()
        changed = {code: amount - before.get(code, 0) for code, amount in after.items()}
        return {code: amount for code, amount in changed.items() if amount}


def together(parts: Iterable[Contribution]) -> Contribution:
    """The contribution of several records, or acts. Sums in place: an act may be on a thousand records."""
    amounts: dict[str, int] = {}
    values: dict[str, dict[str, int]] = {}
    for part in parts:
        _add(amounts, part.amounts, 1)
        for code, theirs in part.values.items():
            _add(values.setdefault(code, {}), theirs, 1)
    return Contribution(amounts, values)


def shares(parts: Iterable[Contribution]) -> list[dict[str, int]]:
    """What each part adds to the figures of those before it, so that the shares add up to all together (F-32)."""
    before, found = Contribution(), []
    for part in parts:
        found.append(part.added_to(before))
        before += part
    return found


def _added(mine: Mapping[str, int], theirs: Mapping[str, int], sign: int) -> dict[str, int]:
    added = dict(mine)
    _add(added, theirs, sign)
    return added


def _add(sums: dict[str, int], more: Mapping[str, int], sign: int) -> None:
    for name, amount in more.items():
        sums[name] = sums.get(name, 0) + sign * amount
