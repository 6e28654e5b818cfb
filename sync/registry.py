"""Kinds of record, one JSON file each (`kinds/*.json`). They are found by a glob, so a new kind is one new file.

Everything derives from here: the server's checks, the app's forms, the desk's views, the report's figures, the tests.

`follows` says what is set beside a field: a file's title, its answer to a yes or no, who answered (SPEC F-2, F-25).
Client and server run the same vectors (sync/vectors/answers.json).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from sync.amount import Amount
from sync.values import Value

KINDS_DIR: Final = Path(__file__).parent / "kinds"
Label = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. `min`, `max` and `required` are hints for people (SPEC V-3); F-9 has the types."""

    name: str
    type: str
    label: Label
    required: bool
    max_length: int
    min: int | None
    max: int | None
    choices: tuple[Mapping[str, Any], ...]
    unit: Label | None
    multiline: bool
    retired: bool
    default: Any = None
    suggest: str | None = None
    files: str | None = None
    """Of a `file` field: the use of the campaign files it offers, `script` or `design` (SPEC F-2)."""
    fills: str | None = None
    """The text field that gets the file's title."""
    answers: str | None = None
    """The yes or no that the file may answer for the records that use it (SPEC F-25)."""
    said_by: str | None = None
    """Of a yes or no with three answers: the field that says who gave it (SPEC F-25)."""
    scale: int = 0
    """Of an integer that measures: how many of its digits people read behind the comma, in `unit` (SPEC F-17)."""
    replaces: Mapping[str, int] = field(default_factory=dict)
    """The retired field that this one stands for, with the factor from its values (SPEC F-19)."""


@dataclass(frozen=True, slots=True)
class Register:
    """A group of fields by day or figure, like `aired/20210721`: type of their values, and its label (SPEC F-3)."""

    type: str
    label: Label
    unit: Label | None


@dataclass(frozen=True, slots=True)
class Confirm:
    """How a kind's schedule is confirmed day by day: names of its fields and registers (SPEC F-20, F-41)."""

    schedule: str
    when: str
    """The marker: true if only confirmed days count."""
    register: str
    hours: str = ""
    """The text with the times of day of every day; empty if the kind has none."""
    at: str = ""
    """The register with the time of each airing of one day."""

    def field(self, day: date) -> str:
        """The field that confirms a day: `aired/20210721`."""
        return f"{self.register}/{day:%Y%m%d}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One entry of a report figure: the product of `terms` (empty = 1), for records that match `where`.

    A term is the first of its fields that holds a value, times its factor. With `distinct` the entry counts different
    texts instead: the first of these fields that holds one (SPEC F-4, F-5, F-17).
    """

    code: str
    label: Label
    unit: Label
    rule: Label
    terms: tuple[Mapping[str, int], ...]
    where: Mapping[str, Any]
    distinct: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Labels of earlier versions, by which people's own files still name it."""
    units_of: str = ""
    """The figure to count units of: each unit that has any of it counts (SPEC F-8)."""
    scale: int = 0
    """Decimal digits of its amounts: 1250 is 12.5 with scale 2 (SPEC F-17)."""

    def amount(self, digits: int) -> Amount:
        """The amount that is stored as these digits."""
        return Amount(digits, self.scale)

    @property
    def adds_up(self) -> bool:
        """False if units together may have less than their sum: the figure counts distinct values, or units."""
        return not (self.distinct or self.units_of)


@dataclass(frozen=True, slots=True)
class Check:
    """Something about a record that is to be looked at (SPEC F-26). `rule`: the rule of the server's hints.

    `fields`: what it is about, in the order that its type gives them. `says`: its sentence, if its type's is not apt.
    """

    id: str
    rule: str
    type: str
    fields: tuple[str, ...]
    day: str
    """The field whose days are common to records that say the same."""
    needs: tuple[str, ...]
    """Fields without which two records are not the same by saying the same."""
    enough: int
    """Least number of amounts to compare."""
    times: float
    """How many times the usual distance is far."""
    where: Mapping[str, Any]
    """Only records that match it are looked at, as in a figure (F-11)."""
    asks: bool
    """False: the phone does not ask its officer; it would ask too often."""
    says: Label | None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. `source` is the file as read, which is sent to clients."""

    name: str
    prefix: str
    label: Label
    title: str
    order: int
    fields: tuple[Field, ...]
    figures: tuple[Figure, ...]
    photos_required: bool
    documents: int
    """Most PDF files of a record; 0 for a kind that takes none (SPEC S-13)."""
    registers: Mapping[str, Register]
    """By the part of the field name before the slash."""
    confirm: Confirm | None
    checks: tuple[Check, ...]
    act: bool
    """Its records hold a unit's statements, not an activity: never listed, reviewed or summed (SPEC F-6)."""
    source: Mapping[str, Any]
    by_name: Mapping[str, Field]
    """The fields."""
    found_by: tuple[Field, ...]
    """Fields by which a record is found: its texts, its day, its place and its slogan."""
    yes_or_no: tuple[tuple[Field, str], ...]
    """Fields that have three answers and are asked, each with the one that says who answered (SPEC F-25)."""

    def register(self, name: str) -> Register | None:
        """The register that a field like `aired/20210721` belongs to."""
        before, slash, _ = name.partition("/")
        return self.registers.get(before) if slash else None

    def day_to_come(self, values: Mapping[str, Value], today: date) -> tuple[str, int] | None:
        """F-22: of the fields that confirm a day after `today`, the one with the last day, and how many days ahead."""
        if not self.registers:
            return None
        late = [
            ((date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}") - today).days, name)
            for name, value in values.items()
            if value is not None and (register := self.register(name)) and register.type == "times"
            for day in (name.partition("/")[2],)
        ]
        ahead, name = max(late, default=(0, ""))
        return (name, ahead) if ahead > 0 else None

    def check(self, id_: str) -> Check | None:
        """The check of that id; None if this kind does not have it."""
        return next((check for check in self.checks if check.id == id_), None)

    @property
    def answerers(self) -> frozenset[str]:
        """Fields that say who answered a yes or no; no form and no list asks for them by themselves (SPEC F-25)."""
        return frozenset(each.said_by for each in self.fields if each.said_by)

    def field(self, name: str) -> Field | None:
        """The field of that name; None if this kind does not have it."""
        return self.by_name.get(name)


_FOUND_BY: Final = ("text", "date", "schedule", "place", "slogan")


def parse_kind(source: Mapping[str, Any]) -> Kind:
    """A kind from its JSON. Raises KeyError or TypeError if the file does not have the right form."""
    fields = tuple(_field(row) for row in source["fields"])
    return Kind(
        name=source["kind"],
        prefix=source["prefix"],
        label=source["label"],
        title=source["title"],
        order=source["order"],
        fields=fields,
        figures=tuple(_figure(row) for row in source["figures"]),
        photos_required=source["photos"]["required"],
        documents=source.get("documents", {}).get("max", 0),
        registers={name: _register(row) for name, row in source.get("registers", {}).items()},
        confirm=Confirm(**source["confirm"]) if "confirm" in source else None,
        checks=tuple(_check(row) for row in source.get("checks", ())),
        act=source.get("act", False),
        source=source,
        by_name={each.name: each for each in reversed(fields)},
        found_by=tuple(each for each in fields if each.type in _FOUND_BY),
        yes_or_no=tuple((each, each.said_by) for each in fields if each.said_by and not each.retired),
    )


def _field(row: Mapping[str, Any]) -> Field:
    measure = row.get("measure", {})
    return Field(
        name=row["name"],
        type=row["type"],
        label=row["label"],
        required=row.get("required", False),
        max_length=row.get("max_length", 2000),
        min=row.get("min"),
        max=row.get("max"),
        choices=tuple(row.get("choices", ())),
        unit=measure.get("unit", row.get("unit")),
        multiline=row.get("multiline", False),
        retired=row.get("retired", False),
        default=row.get("default"),
        suggest=row.get("suggest"),
        files=row.get("files"),
        fills=row.get("fills"),
        answers=row.get("answers"),
        said_by=row.get("said_by"),
        scale=measure.get("scale", 0),
        replaces=row.get("replaces", {}),
    )


def _register(row: Mapping[str, Any]) -> Register:
    return Register(type=row["type"], label=row["label"], unit=row.get("unit"))


def _check(row: Mapping[str, Any]) -> Check:
    return Check(
        id=row["id"],
        rule=row.get("rule", row["id"]),
        type=row["type"],
        fields=tuple(row.get("fields", ())),
        day=row.get("day", ""),
        needs=tuple(row.get("needs", ())),
        enough=row.get("enough", 0),
        times=row.get("times", 0),
        where=row.get("where", {}),
        asks=row.get("asks", True),
        says=row.get("says"),
    )


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(
        code=row["code"],
        label=row["label"],
        unit=row["unit"],
        rule=row["rule"],
        terms=tuple(row["terms"] if "terms" in row else ({path: 1} for path in row.get("product", ()))),
        where=row.get("where", {}),
        distinct=tuple(row.get("distinct", ())),
        also=tuple(row.get("also", ())),
        scale=row.get("scale", 0),
    )


class Registry(Mapping[str, Kind]):
    """The kinds by name, in the order of their buttons."""

    def __init__(self, kinds: list[Kind]) -> None:
        """`kinds` in any order."""
        self._kinds = {kind.name: kind for kind in sorted(kinds, key=lambda kind: (kind.order, kind.name))}
        self._scales = {figure.code: figure.scale for kind in kinds for figure in kind.figures}

    def __getitem__(self, name: str) -> Kind:
        """The kind of that name; KeyError if there is none."""
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        """Names, in order."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._kinds)

    def recorded(self) -> list[Kind]:
        """The kinds of activity: what people record, list and review."""
        return [kind for kind in self.values() if not kind.act]

    def acts(self) -> list[str]:
        """Names of the other kinds, whose records hold a unit's statements (SPEC F-6)."""
        return [kind.name for kind in self.values() if kind.act]

    def is_act(self, name: str) -> bool:
        """True for one of these; False also for a kind that no file has any more."""
        kind = self._kinds.get(name)
        return kind is not None and kind.act

    def amount(self, code: str, digits: int) -> Amount:
        """The amount that is stored as these digits of a figure; of one that no file has any more, a whole number."""
        return Amount(digits, self._scales.get(code, 0))

    def figures(self) -> tuple[Figure, ...]:
        """The first entry of every figure, in the order of the kinds that feed them; those that all feed come last."""
        seen: dict[str, Figure] = {}
        fed: dict[str, set[str]] = {}
        for kind in self.values():
            for figure in kind.figures:
                seen.setdefault(figure.code, figure)
                fed.setdefault(figure.code, set()).add(kind.name)
        return tuple(sorted(seen.values(), key=lambda figure: len(fed[figure.code]) == len(self.recorded())))


def load(folder: Path = KINDS_DIR) -> Registry:
    """All kinds of a folder."""
    return Registry([parse_kind(json.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.json"))])


KINDS: Final = load()


PERSON: Final = "person"
FILE: Final = "file"
OLD: Final = "old"


@dataclass(frozen=True, slots=True)
class Giving:
    """What a file of a campaign gives to the records that use it."""

    title: str
    hotline: bool | None = None


def follows(kind: Kind, field: Field, value: Value, now: Mapping[str, Value], file: Giving | None) -> dict[str, Value]:
    """Return what else is set where a person gives a field this value. `now`: the values before."""
    if field.said_by:
        return {field.said_by: None if value is None else PERSON}
    found: dict[str, Value] = {field.fills: file.title} if field.fills and file and file.title else {}
    asked = kind.field(field.answers or "")
    if asked is None or asked.said_by is None or now.get(asked.said_by) == PERSON:
        return found
    if file and file.hotline is not None:
        return found | {asked.name: file.hotline, asked.said_by: FILE}
    return found | ({asked.name: None, asked.said_by: None} if now.get(asked.said_by) == FILE else {})


def answered_by(field: Field, values: Mapping[str, Value]) -> str:
    """Return FILE, or OLD for a yes that nobody gave: an app of 3 or below began with it. Else empty."""
    value, by = values.get(field.name), values.get(field.said_by or "")
    if field.said_by is None or value is None:
        return ""
    if by == FILE:
        return FILE
    return OLD if value is True and by is None else ""
