"""Today's figure beside that of the same period: up or down, by how much, by how many percent, or why not.

>>> of(12, PriorBase(10)), of(12, PriorBase(0)).percent
(PriorDifference(now=12, base=10, change=2, percent=200, why=''), None)
"""

from __future__ import annotations

from dataclasses import dataclass

from server.services.comparison.bases import PriorBase

RULE, UNREPORTED = "rule", "unreported"
"""Why nothing is compared: another counting rule then, nothing reported now; else as in bases.py."""


@dataclass(frozen=True, slots=True)
class PriorDifference:
    """`base`: of the same period. `percent`: in tenths; None where the base is 0. `why`: why there is no change."""

    now: int | None
    base: int | None
    change: int | None
    percent: int | None
    why: str = ""


def of(now: int | None, base: PriorBase, *, same_rule: bool = True) -> PriorDifference:
    """Compare. `now` None: not reported."""
    if not same_rule and base.amount is not None:
        return PriorDifference(now, base.amount, None, None, RULE)
    if base.amount is None:
        return PriorDifference(now, None, None, None, base.why)
    if now is None:
        return PriorDifference(None, base.amount, None, None, UNREPORTED)
    change = now - base.amount
    return PriorDifference(now, base.amount, change, _tenths(change, base.amount) if base.amount else None)


def _tenths(change: int, base: int) -> int:
    """Percent in tenths, halves away from zero."""
    tenths = (abs(change) * 2000 + base) // (2 * base)
    return tenths if change >= 0 else -tenths
