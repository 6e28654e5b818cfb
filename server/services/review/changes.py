"""What is different since a record was decided on."""

from __future__ import annotations

from dataclasses import dataclass

from server.models import DecisionRow
from sync.record import WITHDRAWN, State, canonical
from sync.values import Value


@dataclass(frozen=True, slots=True)
class Change:
    """A field whose values differ from those the decision was made on."""

    name: str
    before: list[Value]
    after: list[Value]


def changes_since(state: State, decision: DecisionRow | None) -> list[Change]:
    """The fields that changed since this decision, by name; none where there is no decision or it was withdrawn."""
    if decision is None or decision.verdict == WITHDRAWN:
        return []
    now, then = state.all_sides, decision.sides
    pairs = ((name, then.get(name, []), now.get(name, [])) for name in sorted({*now, *then}))
    return [Change(name, old, new) for name, old, new in pairs if canonical({"": old}) != canonical({"": new})]
