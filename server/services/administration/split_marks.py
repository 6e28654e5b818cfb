"""What a preview of a split, or a row of made splits, said: marks in its form, compared with what is true when it acts.

A mark is a number, or of a list its length and a digest: so what changed can be named, and by how much.

    form.seen = text(of_view(view))
    differences(seen, of_view(view_now))   # [SplitDifference("records", "2", "3")]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.services.administration.split_view import MadeSplit, SplitView
from server.services.locks.canonical import canonical, digest

UNSEEN: Final = "unseen"
ASPECTS: Final = (
    "records", "planned", "seals", "totals", "areas", "people", "units", "confirmed", "locked", "back_people",
    "back_units", UNSEEN,
)  # fmt: skip
"""Each has a word at the desk, `split_changed.<aspect>`."""
_DIGITS: Final = 12
Marks = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SplitDifference:
    """What changed. `was`, `now`: its number, or how many; the same where only what is in a list changed."""

    aspect: str
    was: str
    now: str


def of_view(view: SplitView) -> Marks:
    """Return the marks of a preview.

    What is chosen in its form is no part of it, and neither is how many records the units below have: these go with
    their unit, however many, and in a campaign new ones come every minute.
    """
    numbers = {name: str(getattr(view.stays, name)) for name in ("records", "planned", "seals", "totals")}
    lists: dict[str, Collection[Any]] = {
        "areas": [[part.code, part.name, part.short_name] for part in (view.plan.old, *view.plan.parts)],
        "people": [[each.officer.id, each.roles, each.devices] for each in view.people],
        "units": [[each.unit.id, each.unit.name, each.unit.parent_id] for each in view.below],
        "confirmed": view.confirmed,
        "locked": view.locked,
    }
    return numbers | {name: _mark(rows) for name, rows in lists.items()}


def of_made(made: MadeSplit) -> Marks:
    """Return the marks of a row: who and which units would come back."""
    roles, units = [list(role) for role in made.back.roles], made.back.units
    return {"back_people": _mark(roles, made.back.people), "back_units": _mark(units)}


def text(marks: Marks) -> str:
    """Return them as a form carries them."""
    return ",".join(f"{name}:{mark}" for name, mark in sorted(marks.items()))


def differences(seen: str, now: Marks) -> list[SplitDifference]:
    """Return what is not as it was seen; UNSEEN alone where a form carries no marks, or not all of them."""
    was = dict(part.partition(":")[::2] for part in seen.split(","))
    if was.keys() != now.keys():
        return [SplitDifference(UNSEEN, "", "")]
    changed = (name for name in ASPECTS if name in now and was[name] != now[name])
    return [SplitDifference(name, was[name].partition(".")[0], now[name].partition(".")[0]) for name in changed]


def _mark(rows: Collection[Any], number: int | None = None) -> str:
    return f"{len(rows) if number is None else number}.{digest(canonical(list(rows)))[:_DIGITS]}"
