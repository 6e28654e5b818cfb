"""What a phone is told of a record (SPEC X-7 to X-9): the survivors of the fields touched since its cursor.

Complete sets, never only the new writes: sent with their `seen` alone they would leave false conflicts on a phone
that missed a step in between.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sync.write import Write


def whole(survivors: Mapping[str, tuple[Write, ...]], authors: Mapping[str, str]) -> dict[str, Any]:
    """`{whole, writes}` that replace all a phone holds of the record."""
    return {"whole": True, "writes": _listed(survivors, None, authors)}


def delta(
    survivors: Mapping[str, tuple[Write, ...]], newer: Collection[Write], authors: Mapping[str, str]
) -> dict[str, Any]:
    """`{whole, writes, keep}` for the fields that a write newer than the cursor sets."""
    ids = {write.id for write in newer}
    touched = {name for write in newer for name in write.set}
    now = {name: survivors.get(name, ()) for name in touched}
    writes = _listed(now, ids, authors)
    keep = {name: [write.id for write in alive if write.id not in ids] for name, alive in now.items()}
    named = {name for write in writes for name in write["set"]}
    return {
        "whole": False,
        "writes": writes,
        "keep": {name: old for name, old in keep.items() if old or name not in named},
    }


def is_echo(newer: Sequence[Write], survivors: Mapping[str, tuple[Write, ...]], just_stored: Collection[str]) -> bool:
    """X-9: all that is newer (by position) came in this very request, and nothing of it was replaced on arrival.

    Replaced by what came *behind* it in the same request is no surprise to the phone: it lays them in that order.
    """
    if any(write.id not in just_stored for write in newer):
        return False
    alive = {(name, write.id) for name, now in survivors.items() for write in now}
    replaced_behind: set[tuple[str, str]] = set()
    for write in reversed(newer):
        if any((name, write.id) not in alive | replaced_behind for name in write.set):
            return False
        replaced_behind |= {(name, seen) for name in write.set for seen in write.seen if seen != write.id}
    return True


def _listed(
    survivors: Mapping[str, tuple[Write, ...]], only: Collection[str] | None, authors: Mapping[str, str]
) -> list[dict[str, Any]]:
    cut: dict[str, dict[str, Any]] = {}
    for name, alive in survivors.items():
        for write in alive:
            if only is None or write.id in only:
                entry = cut.setdefault(write.id, {"id": write.id, "at": write.at, "by": authors[write.id], "set": {}})
                entry["set"][name] = write.set[name]
                if name == "deleted":
                    entry["seen"] = list(write.seen)
    return list(cut.values())
