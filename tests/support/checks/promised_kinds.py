"""What phones in the field were promised of the kinds, and what of it a change breaks (SPEC V-3)."""

from __future__ import annotations

from typing import Any

from sync.registry import KINDS, KINDS_DIR

LOCK = KINDS_DIR.parent / "kinds.lock.json"


def snapshot() -> dict[str, Any]:
    """What is promised of the kinds: names, types, limits, choices."""
    return {
        kind.name: {
            "prefix": kind.prefix,
            "documents": kind.documents,
            "registers": {name: register.type for name, register in kind.registers.items()},
            "fields": {
                field.name: {
                    "type": field.type,
                    "max_length": field.max_length,
                    "choices": [choice["value"] for choice in field.choices],
                }
                for field in kind.fields
            },
        }
        for kind in KINDS.values()
    }


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What of the old promise the new one does not keep."""
    found = []
    for name, kind in old.items():
        if name not in new or new[name]["prefix"] != kind["prefix"]:
            found.append(name)
            continue
        if new[name]["documents"] < kind.get("documents", 0):
            found.append(f"{name}.documents")
        found += [f"{name}.{it}" for it, type_ in kind["registers"].items() if new[name]["registers"].get(it) != type_]
        for field, was in kind["fields"].items():
            now = new[name]["fields"].get(field)
            kept = now and now["type"] == was["type"] and now["max_length"] >= was["max_length"]
            if not kept or not set(was["choices"]) <= set(now["choices"]):
                found.append(f"{name}.{field}")
    return found
