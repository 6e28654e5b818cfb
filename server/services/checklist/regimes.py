"""What a victim is to be given, by the date of reception: the laws of `sync/regimes.json` as they were in force.

A line of a law may have later versions, each for receptions from a day on (versions.py); they are passed in. No
personal data is kept or asked for: a category and a date select the rows of a sheet of paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).parents[3] / "sync" / "regimes.json"
BENEFIT, STEP = "benefit", "step"
"""Kinds of a line: something to be given, something that an office has to do."""
EVENTS: Final = (
    "received", "returned", "aid_asked", "file_complete", "file_passed", "proposed", "informed", "certified",
    "verify_asked",
)  # fmt: skip
"""Events from which time limits count. `received`, the reception, is always known."""
SOURCE_STATES: Final = ("seen", "secondary", "not_seen")
"""How the articles of a line were read, the weakest of them: their own text, a report of it, neither."""


@dataclass(frozen=True, slots=True)
class Category:
    """A category of people who may be supported. `check`: its name was not compared with the law."""

    id: str
    label: Mapping[str, str]
    check: bool


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """`most` `unit` (`days`, `working_days`, `months`) from the line's event on. `text` says it in the law's words.

    `kind`: `lasts`, the benefit ends then; `apply`, the application must be in by then; `do`, the office must be done;
    `inform`, the person must know of the benefit by then.
    """

    text: str
    most: int
    unit: str
    kind: str


@dataclass(frozen=True, slots=True)
class LineVersion:
    """A line of a law for receptions from one day to another. `kind`: `benefit` or `step`. `row`: as in the file.

    A row without categories ends the line. `taken`: the day on which the version was taken over.
    """

    law: str
    kind: str
    since: date
    until: date
    row: Mapping[str, Any]
    taken: date


@dataclass(frozen=True, slots=True)
class RegimeRow:
    """A benefit or a step for one category. `grade`: `given`, `considered` or `duty`. Its limits count from `event`.

    `source`: with its state. `check`: in words, the parts that were not compared with the law; `unchecked`: their
    names. `body`: the level of the office that the law makes responsible; empty: whoever looks after the person.
    """

    id: str
    what: str
    grade: str
    event: str
    start: str
    time_limits: tuple[TimeLimit, ...]
    agency: str
    papers: tuple[str, ...]
    source: str
    check: str
    unchecked: tuple[str, ...] = ()
    body: str = ""

    @property
    def limits(self) -> tuple[str, ...]:
        """The limits in words."""
        return tuple(_said(each.text, each.most, each.unit) for each in self.time_limits)


@dataclass(frozen=True, slots=True)
class Checklist:
    """The printed sheet. `law`: its name, marked if its dates were not compared, with the day of the newest version."""

    law: str
    category: Category
    received: date
    benefits: tuple[RegimeRow, ...]
    steps: tuple[RegimeRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit of a law. `letter`: its mark in the law, if any."""

    id: str
    letter: str
    what: str


@cache
def table() -> Mapping[str, Any]:
    """The file as it is, which is sent to clients."""
    found: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found


def words() -> Mapping[str, str]:
    """The words of the sheet, which is an official paper in Vietnamese."""
    found: Mapping[str, str] = table()["words"]
    return found


def laws() -> list[Any]:
    """The laws of the file, the oldest first."""
    return sorted(table()["laws"], key=lambda law: str(law["from"]))


def categories() -> list[Category]:
    """All categories of all laws, each by its name in the latest law."""
    found = {row["id"]: Category(row["id"], row["label"], row["check"]) for law in laws() for row in law["categories"]}
    latest = [row["id"] for row in laws()[-1]["categories"]]
    return sorted(found.values(), key=lambda each: latest.index(each.id) if each.id in latest else len(latest))


def sheet(category: str, received: date, versions: Iterable[LineVersion] = (), chosen: str = "") -> Checklist | None:
    """The sheet of a category under the law in force on that day. None if that law lacks it, or no law was in force.

    `versions`: of lines, in the order in which they were taken over. `chosen`: a law that holds instead, by its id.
    """
    law = _law(received, chosen)
    found = next((row for row in law["categories"] if row["id"] == category), None) if law else None
    if law is None or found is None:
        return None
    newer = _newer(law, received, versions)
    name = [law["name"]["vi"]]
    name += [words()["check"]] if law["check"] else []
    name += [f"({words()['updated'].format(day=f'{max(each.taken for each in newer):%d/%m/%Y}')})"] if newer else []
    return Checklist(
        law=" ".join(name),
        category=Category(**found),
        received=received,
        benefits=_rows(_current(law["benefits"], newer, BENEFIT), category),
        steps=_rows(_current(law["steps"], newer, STEP), category),
        notes=tuple(law["notes"]),
    )


def benefits_on(day: date, versions: Iterable[LineVersion] = (), chosen: str = "") -> list[Benefit]:
    """The benefits of the law in force on that day, or of the chosen one; of the first law for days before it."""
    law = _law(day, chosen) or laws()[0]
    rows = _current(law["benefits"], _newer(law, day, versions), BENEFIT)
    return [Benefit(row["id"], row.get("letter", ""), row["what"]) for row in rows if row["categories"]]


def choices(received: date, today: date) -> list[Any]:
    """The laws that may hold for a person received under one and supported under the next; none if it is one law."""
    then, now = _law(received), _law(today)
    return [then, now] if then and now and then["id"] != now["id"] else []


def line_on(version: LineVersion, versions: Iterable[LineVersion]) -> Mapping[str, Any] | None:
    """The line that a version takes the place of, on its first day; None for a line that is new."""
    law = next(each for each in laws() if each["id"] == version.law)
    newer = [each for each in versions if each.law == version.law and each.since <= version.since <= each.until]
    rows = _current(law["benefits"] if version.kind == BENEFIT else law["steps"], newer, version.kind)
    return next((row for row in rows if row["id"] == version.row["id"]), None)


def _law(day: date, chosen: str = "") -> Any:
    """The law in force on a day, or the chosen one; None if there is none."""
    return next((each for each in laws() if (each["id"] == chosen if chosen else _in_force(each, day))), None)


def _newer(law: Mapping[str, Any], received: date, versions: Iterable[LineVersion]) -> list[LineVersion]:
    """The versions of a law's lines that hold for a reception; before the law, those of its first day."""
    day = max(received, date.fromisoformat(law["from"]))
    return [each for each in versions if each.law == law["id"] and each.since <= day <= each.until]


def _in_force(law: Mapping[str, Any], day: date) -> bool:
    return bool(law["from"] <= day.isoformat() <= (law["to"] or "9999-12-31"))


def _current(rows: Sequence[Any], newer: Iterable[LineVersion], kind: str) -> list[Any]:
    """The rows with their newest versions in their places; new lines come last."""
    found = {row["id"]: row for row in rows}
    for each in newer:
        if each.kind == kind:
            before = found.get(each.row["id"], {})
            # A version names no level: it keeps that of the line whose agency it did not change.
            kept = {"body": before["body"]} if "body" in before and before["agency"] == each.row["agency"] else {}
            found[each.row["id"]] = kept | dict(each.row)
    return list(found.values())


def _rows(rows: list[Any], category: str) -> tuple[RegimeRow, ...]:
    return tuple(
        RegimeRow(
            id=row["id"],
            what=f"{row['letter']}) {row['what']}" if row.get("letter") else row["what"],
            grade=row["categories"][category],
            event=row["event"],
            start=row["start"],
            time_limits=tuple(TimeLimit(**limit) for limit in row["limits"]),
            agency=row["agency"],
            papers=tuple(row["papers"]),
            source=_source(row),
            check=_check(row["check"]),
            unchecked=tuple(row["check"]),
            body=row.get("body", ""),
        )
        for row in rows
        if category in row["categories"]
    )


def _said(text: str, most: int, unit: str) -> str:
    """`không quá 60 ngày`: in the law's own units, never converted."""
    count = f"{most:02d}"
    return f"{text} {words()[unit].format(n=count)}"


def _source(row: Mapping[str, Any]) -> str:
    """The articles and how they were read; a line that was taken over before there were states says none."""
    state = row.get("source_state", "")
    return f"{row['source']} ({words()[f'state_{state}']})" if state else str(row["source"])


def _check(parts: list[str]) -> str:
    """The parts to compare with the law before applying it, as text; empty if there are none."""
    said = words()
    return said["check_parts"].format(parts=", ".join(said[f"part_{part}"] for part in parts)) if parts else ""


def row_text(row: Mapping[str, Any]) -> str:
    """A line in one text: what, from when, how long, who, and what is to be compared with the law."""
    limits = [_said(each["text"], each["most"], each["unit"]) for each in row["limits"]]
    name = f"{row['letter']}) {row['what']}" if row.get("letter") else row["what"]
    return ". ".join([name, "; ".join([row["start"], *limits]), row["agency"], _source(row), _check(row["check"])])
