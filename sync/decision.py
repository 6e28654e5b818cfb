"""Verdicts and the state a record is shown in (SPEC D-1 to D-7)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sync.errors import Refused
from sync.record import Sides, State, canonical

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
