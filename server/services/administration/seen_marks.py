"""What a page said before somebody acted on it: marks in its form, compared with what is true when it acts.

A mark is a number, or of a list its length and a digest: so what changed can be named, and by how much.

    form.seen = text({"records": "2", "people": listed([…])})
    differences(form.seen, marks_now)   # [SeenDifference("records", "2", "3")]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.core.canonical import canonical, digest

UNSEEN: Final = "unseen"
ASPECTS: Final = (
    "records", "planned", "seals", "totals", "accounts", "devices", "areas", "people", "units", "confirmed", "locked",
    "back_people", "back_units", UNSEEN,
)  # fmt: skip
"""Each has a word at the desk, `seen.<aspect>`."""
_DIGITS: Final = 12
Marks = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SeenDifference:
    """What changed. `was`, `now`: its number, or how many; the same where only what is in a list changed."""

    aspect: str
    was: str
    now: str


def text(marks: Marks) -> str:
    """Return them as a form carries them."""
    return ",".join(f"{name}:{mark}" for name, mark in marks.items())


def differences(seen: str, now: Marks) -> list[SeenDifference]:
    """Return what is not as it was seen; UNSEEN alone where a form carries no marks, or not all of them."""
    was = dict(part.partition(":")[::2] for part in seen.split(","))
    if was.keys() != now.keys():
        return [SeenDifference(UNSEEN, "", "")]
    changed = (name for name in now if was[name] != now[name])
    return [SeenDifference(name, was[name].partition(".")[0], now[name].partition(".")[0]) for name in changed]


def listed(rows: Collection[Any], number: int | None = None) -> str:
    """Return the mark of a list. `number`: what is counted in it, if not its rows."""
    return f"{len(rows) if number is None else number}.{digest(canonical(list(rows)))[:_DIGITS]}"
