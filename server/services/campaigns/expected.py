"""How much of a figure a campaign expects: of every commune, of a class of them (wards, say), of one unit alone.

A row of `Campaign.expected` is `{figure, amount}`, in digits (SPEC F-17). `classes` (`{class: amount}`) and `units`
(`{unit id: amount}`) may say otherwise for some, the unit before its class. An amount of 0 expects nothing. The form
has those as lines of text, "Phường; Băng rôn; 3", which may be pasted from a spreadsheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import grouped, one_of
from server.models import Unit
from server.services.units.tree import subtree
from sync import amount
from sync.amount import Amount
from sync.figures import usable
from sync.registry import KINDS
from sync.text import fold

CLASSES: Final = {"xa": "Xã", "phuong": "Phường", "thi_tran": "Thị trấn", "dac_khu": "Đặc khu"}
"""Classes of communes, by the word that their names begin with."""
MOST_LINES: Final = 2000
Rows = Iterable[Mapping[str, Any]]
UnitNames = Mapping[str, list[str]]
"""Ids by folded name and by code."""
_CODE: Final = re.compile(r"\(([^()]{1,20})\)\s*$")
_PARTS: Final = re.compile(r"[;\t]")


def class_of(name: str) -> str:
    """Return the class of the commune of that name; empty for another unit."""
    folded = fold(name)
    return next((code for code, word in CLASSES.items() if folded.startswith(f"{fold(word)} ")), "")


def of_unit(rows: Rows, unit_id: str, name: str) -> dict[str, Amount]:
    """Return what is expected of a unit, by figure; figures of which nothing is are left out."""
    kind = class_of(name)
    found = {
        row["figure"]: KINDS.amount(
            row["figure"], int(row.get("units", {}).get(unit_id, row.get("classes", {}).get(kind, row["amount"])))
        )
        for row in rows
    }
    return {figure: planned for figure, planned in found.items() if planned}


def names(session: Session, unit_id: str) -> UnitNames:
    """Return the units below that one by what a person may call them."""
    below = [each for each in subtree(session, [unit_id]) if each != unit_id]
    columns = select(Unit.id, Unit.name, Unit.code)
    theirs = session.execute(columns.where(one_of(Unit.id, below), Unit.merged_at.is_(None)))
    return grouped((said, id_) for id_, name, code in theirs for said in (fold(name), code))


def read(text: str, units: UnitNames) -> tuple[list[dict[str, Any]], int]:
    """Read lines of "unit or class; figure; amount" into rows without an amount for all.

    The second value is the number of the first line that says nothing known, or that one name is of several units; 0 if
    there is none.
    """
    found: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in _PARTS.split(line.strip())]
        if len(parts) != 3 or number > MOST_LINES:  # whose, what, how much
            return [], number
        where, figure = _where(parts[0], units), _figure(parts[1])
        planned = typed(figure, parts[2]) if where is not None and figure else None
        if where is None or planned is None:
            return [], number
        row = found.setdefault(figure, {"figure": figure, "amount": 0})
        row.setdefault(where[0], {})[where[1]] = planned
    return [found[code] for code in _codes() if code in found], 0


def typed(figure: str, text: str) -> int | None:
    """Return the digits of a typed amount of a figure (SPEC F-18); None for any text that is none."""
    scale = KINDS.amount(figure, 0).scale
    try:
        found = amount.read(text, scale)
    except amount.Unread:
        return None
    return found if found is not None and usable(found, scale) == found else None


def as_typed(figure: str, digits: int) -> str:
    """Return the amount as it may be typed again."""
    return KINDS.amount(figure, int(digits)).text(",")


def lines(session: Session, rows: Rows) -> list[str]:
    """Return what `read` reads: first the classes, then the units in their order."""
    known = list(rows)
    labels = {figure.code: figure.label["vi"] for figure in KINDS.figures()}
    ids = {id_ for row in known for id_ in row.get("units", {})}
    shown = select(Unit.id, Unit.name, Unit.code).where(Unit.id.in_(ids)).order_by(Unit.sort_key, Unit.code)
    return [
        *(
            f"{word}; {labels[row['figure']]}; {as_typed(row['figure'], row['classes'][code])}"
            for code, word in CLASSES.items()
            for row in known
            if row["figure"] in labels and code in row.get("classes", {})
        ),
        *(
            f"{name} ({code}); {labels[row['figure']]}; {as_typed(row['figure'], row['units'][id_])}"
            for id_, name, code in session.execute(shown)
            for row in known
            if row["figure"] in labels and id_ in row.get("units", {})
        ),
    ]


def merged(all_alike: Mapping[str, int], own: Rows) -> list[dict[str, Any]]:
    """Return the plan of all units, then the plans of single classes or units."""
    others = {row["figure"]: row for row in own}
    return [
        {**others.get(code, {}), "figure": code, "amount": all_alike.get(code, 0)}
        for code in _codes()
        if code in all_alike or code in others
    ]


def _codes() -> Iterator[str]:
    return iter(dict.fromkeys(figure.code for figure in KINDS.figures()))


def _where(typed: str, units: UnitNames) -> tuple[str, str] | None:
    """`("classes", class)` or `("units", id)`; None for what is neither, or several units."""
    folded = fold(typed)
    for code, word in CLASSES.items():
        if folded == fold(word):
            return "classes", code
    named = _CODE.search(typed)
    found = units.get(named[1].strip() if named else typed) or units.get(folded) or []
    return ("units", found[0]) if len(found) == 1 else None


def _figure(typed: str) -> str:
    folded = fold(typed)
    named = (
        figure.code
        for figure in KINDS.figures()
        if typed == figure.code or folded in {fold(label) for label in (*figure.label.values(), *figure.also)}
    )
    return next(named, "")
