"""What a victim is to be given, by the date of reception: the laws of `sync/regimes.json` as they were in force.

No personal data is kept or asked for: a category and a date select the rows of a sheet of paper.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).parents[3] / "sync" / "regimes.json"


@dataclass(frozen=True, slots=True)
class Category:
    """A category of people who may be supported. `check`: its name was not compared with the law."""

    id: str
    label: Mapping[str, str]
    check: bool


@dataclass(frozen=True, slots=True)
class RegimeRow:
    """A benefit or a step for one category. `grade`: `given`, `considered` or `duty`.

    `check`: in words, the parts that were not compared with the law.
    """

    what: str
    grade: str
    start: str
    limits: tuple[str, ...]
    agency: str
    papers: tuple[str, ...]
    source: str
    check: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The printed sheet. `law`: its name, marked if its dates were not compared."""

    law: str
    category: Category
    received: date
    benefits: tuple[RegimeRow, ...]
    steps: tuple[RegimeRow, ...]
    notes: tuple[str, ...]


@cache
def table() -> Mapping[str, Any]:
    """The file as it is, which is sent to clients."""
    found: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found


def words() -> Mapping[str, str]:
    """The words of the sheet, which is an official paper in Vietnamese."""
    found: Mapping[str, str] = table()["words"]
    return found


def categories() -> list[Category]:
    """All categories of all laws, each by its name in the latest law."""
    found = {row["id"]: Category(row["id"], row["label"], row["check"]) for law in _laws() for row in law["categories"]}
    latest = [row["id"] for row in _laws()[-1]["categories"]]
    return sorted(found.values(), key=lambda each: latest.index(each.id) if each.id in latest else len(latest))


def sheet(category: str, received: date) -> Checklist | None:
    """The sheet of a category under the law in force on that day. None if that law lacks it, or no law was in force."""
    law = next((each for each in _laws() if _in_force(each, received)), None)
    found = next((row for row in law["categories"] if row["id"] == category), None) if law else None
    if law is None or found is None:
        return None
    return Checklist(
        law=f"{law['name']['vi']} {words()['check']}" if law["check"] else law["name"]["vi"],
        category=Category(**found),
        received=received,
        benefits=_rows(law["benefits"], category),
        steps=_rows(law["steps"], category),
        notes=tuple(law["notes"]),
    )


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit of a law. `letter`: its mark in the law, if any."""

    id: str
    letter: str
    what: str


def benefits_on(day: date) -> list[Benefit]:
    """The benefits of the law in force on that day; of the first law for days before it."""
    law = next((each for each in _laws() if _in_force(each, day)), _laws()[0])
    return [Benefit(row["id"], row.get("letter", ""), row["what"]) for row in law["benefits"]]


def _laws() -> list[Any]:
    return sorted(table()["laws"], key=lambda law: str(law["from"]))


def _in_force(law: Mapping[str, Any], day: date) -> bool:
    return bool(law["from"] <= day.isoformat() <= (law["to"] or "9999-12-31"))


def _rows(rows: list[Any], category: str) -> tuple[RegimeRow, ...]:
    return tuple(
        RegimeRow(
            what=f"{row['letter']}) {row['what']}" if "letter" in row else row["what"],
            grade=row["categories"][category],
            start=row["start"],
            limits=tuple(_limit(limit) for limit in row["limits"]),
            agency=row["agency"],
            papers=tuple(row["papers"]),
            source=row["source"],
            check=_check(row["check"]),
        )
        for row in rows
        if category in row["categories"]
    )


def _limit(limit: Mapping[str, Any]) -> str:
    """`không quá 60 ngày`: in the law's own units, never converted."""
    most = f"{limit['most']:02d}"
    return f"{limit['text']} {words()[limit['unit']].format(n=most)}"


def _check(parts: list[str]) -> str:
    """The parts to compare with the law before applying it, as text; empty if there are none."""
    said = words()
    return said["check_parts"].format(parts=", ".join(said[f"part_{part}"] for part in parts)) if parts else ""
