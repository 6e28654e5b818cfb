"""What a list was narrowed to, for the audit log: the unit acted on, states and kinds; never a text."""

from __future__ import annotations

from server.services.audit.acts import Value
from server.services.review.queue_filter import QueueFilter
from server.services.units.scope import Scope


def unit_of(scope: Scope, asked: QueueFilter) -> str:
    """Return the unit that the whole list is of or below; empty if that is none.

    Without one in the filter it is the person's own, if the person has roles in one place.
    """
    tops = [asked.unit] if asked.unit else scope.highest()
    return tops[0] if len(tops) == 1 else ""


def values(scope: Scope, asked: QueueFilter) -> dict[str, Value]:
    """Return the columns of a line; those that say nothing are left out."""
    found: dict[str, Value] = {"unit": unit_of(scope, asked), "state": asked.state, "kind": asked.kind}
    return {name: value for name, value in found.items() if value}
