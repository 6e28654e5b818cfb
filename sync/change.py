"""What a pull sends of a record (SPEC X-7 to X-9): the survivors of the fields touched since the client's cursor.

It sends complete sets, never only the new writes. New writes with only their `seen` would leave false conflicts on a
client that missed a step in between. Survivors are ids by field; only the newer writes need their contents.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sync.write import Write

Survivors = Mapping[str, Sequence[str]]
"""For each field the ids of its surviving writes, in display order (SPEC S-1, W-3)."""


def whole(survivors: Survivors, writes: Mapping[str, Write], authors: Mapping[str, str]) -> dict[str, Any]:
    """`{whole, writes}` that replaces all a client holds of the record."""
    return {"whole": True, "writes": _listed(survivors, writes, authors)}


def delta(survivors: Survivors, newer: Sequence[Write], authors: Mapping[str, str]) -> dict[str, Any]:
    """`{whole, writes, keep}` for the fields that a write newer than the cursor sets."""
    fresh = {write.id: write for write in newer}
    touched = {name: survivors.get(name, ()) for write in newer for name in write.set}
    writes = _listed(touched, fresh, authors)
    keep = {name: [id_ for id_ in alive if id_ not in fresh] for name, alive in touched.items()}
    named = {name for write in writes for name in write["set"]}
    return {
        "whole": False,
        "writes": writes,
        "keep": {name: old for name, old in keep.items() if old or name not in named},
    }


def is_echo(newer: Sequence[Write], survivors: Survivors, just_stored: Collection[str]) -> bool:
    """X-26: everything newer (by position) came in this request, and nothing of it was superseded on arrival.

    Superseded by a *later* write of the same request is fine: the client applies them in the same order.
    """
    if any(write.id not in just_stored for write in newer):
        return False
    alive = {(name, id_) for name, now in survivors.items() for id_ in now}
    replaced_behind: set[tuple[str, str]] = set()
    for write in reversed(newer):
        if any((name, write.id) not in alive | replaced_behind for name in write.set):
            return False
        replaced_behind |= {(name, seen) for name in write.set for seen in write.seen if seen != write.id}
    return True


def _listed(survivors: Survivors, writes: Mapping[str, Write], authors: Mapping[str, str]) -> list[dict[str, Any]]:
    """The survivors among these writes, each with the fields it survives in (X-8)."""
    cut: dict[str, dict[str, Any]] = {}
    for name, alive in survivors.items():
        for id_ in alive:
            write = writes.get(id_)
            if write is None:
                continue
            entry = cut.setdefault(id_, {"id": id_, "at": write.at, "by": authors[id_], "set": {}})
            entry["set"][name] = write.set[name]
            if name == "deleted":
                entry["seen"] = list(write.seen)
    return list(cut.values())
