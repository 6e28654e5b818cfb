"""A tree of units from a CSV file; whatever is wrong with the file is said in one sentence with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from server.core.shell_words import t
from server.services.organisation.unit_changes import UnitRow
from sync.text import normal

BUILT_IN = {"hung-yen-2021": date(2021, 1, 1), "hung-yen-2025": date(2025, 7, 1)}
"""Lists that come with Loa, and since when they hold."""
COLUMNS = {"code": 16, "name": 200, "level": 20, "parent_code": 16, "short_name": 100}
"""The columns, and how long a value may be."""


class BadList(ValueError):  # noqa: N818  # it reads as the sentence it prints
    """The file is no list of units; the message says where and why."""


@dataclass(frozen=True, slots=True)
class UnitList:
    """Units in the order of the file, in force from a day on."""

    rows: list[UnitRow]
    valid_from: date


def read(named: str, default: date) -> UnitList:
    """The list that comes with Loa under this name, or the file at this path, then valid from `default`."""
    if named in BUILT_IN:
        return UnitList(list(_rows(Path(__file__).with_name(f"{named}.csv"))), BUILT_IN[named])
    path = Path(named)
    if not path.is_file():
        raise BadList(t("{named} is neither a file nor one of {known}.", named=named, known=", ".join(BUILT_IN)))
    try:
        return UnitList(list(_rows(path)), default)
    except UnicodeDecodeError as error:
        raise BadList(t("{named} is not UTF-8 text; save it as CSV UTF-8.", named=named)) from error


def _rows(path: Path) -> Iterator[UnitRow]:
    with path.open(encoding="utf-8-sig", newline="") as file:  # Excel puts a byte order mark
        table = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
        if missing:
            raise BadList(
                t(
                    "{name} lacks the column {column}; needed are {columns}.",
                    name=path.name,
                    column=missing[0],
                    columns=",".join(COLUMNS),
                )
            )
        above: set[str] = set()
        for raw in table:
            row = UnitRow(**{name: normal(raw[name] or "") for name in COLUMNS})
            reason = _wrong(row, above)
            if reason:
                raise BadList(t("{name}, line {line}: {reason}.", name=path.name, line=table.line_num, reason=reason))
            above.add(row.code)
            yield row
        if not above:
            raise BadList(t("{name} holds no units.", name=path.name))


def _wrong(row: UnitRow, above: set[str]) -> str:
    for name, longest in COLUMNS.items():
        value = getattr(row, name)
        if not value and name != "parent_code":
            return t("{name} is empty", name=name)
        if len(value) > longest:
            return t("{name} is longer than {longest}", name=name, longest=longest)
    if row.code in above:
        return t("the code {code} stands twice", code=row.code)
    if row.parent_code and row.parent_code not in above:
        return t("the unit {above} above it does not stand before it", above=row.parent_code)
    if not row.parent_code and above:
        return t("only the first unit has nothing above it")
    return ""
