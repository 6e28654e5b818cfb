"""The table of a case as one form: its rows as the page shows them, and as they were sent.

Each row carries what it showed. So of a table that was sent, only the rows that somebody changed count, and when
another officer saved meanwhile, both can be shown: nothing that either of them typed is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.services.cases import acting
from server.services.cases.acting import EVENT, LINE, STEP, TableRow
from server.services.cases.showing import CaseView

_WAS = ".was"


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of the form. `tick` and `day`: what its inputs hold. `was`: what the case says of it, sent along.

    `wrong`: it was refused. `theirs`: it was changed here, and by another officer since the page was shown.
    """

    name: str
    tick: str
    day: str
    was: str
    wrong: bool
    theirs: bool


def sent_rows(form: Mapping[str, str | None]) -> list[TableRow]:
    """Return the rows of a table that was sent."""
    found = []
    for name, was in form.items():
        part, dot, id_ = name.removesuffix(_WAS).partition(".")
        if name.endswith(_WAS) and dot and part in acting.PARTS:
            tick, day = form.get(f"{part}.{id_}.tick") or "", form.get(f"{part}.{id_}.day") or ""
            found.append(TableRow(part, id_, tick, day, was or ""))
    return found


def form_rows(view: CaseView, sent: Mapping[str, str | None], refused: str) -> dict[str, FormRow]:
    """Return the rows of a case's table by `part.id`. `sent`: a form that was refused, with the names of wrong rows."""
    typed = {f"{row.part}.{row.id}": row for row in sent_rows(sent) if row.changed}
    wrong = set(refused.split())
    parts = (
        (LINE, [each.id for each in view.benefits]),
        (STEP, [each.id for each in view.steps]),
        (EVENT, view.events),
    )
    found = {}
    for part, ids in parts:
        for id_ in ids:
            name, was = f"{part}.{id_}", acting.state_of(view.data, part, id_)
            row = typed.get(name)
            if row is None:
                found[name] = FormRow(name, *_held(part, was), was, wrong=False, theirs=False)
            else:
                found[name] = FormRow(name, row.value, row.day, was, name in wrong, row.was != was)
    return found


def _held(part: str, was: str) -> tuple[str, str]:
    """The tick and the day of a row as it is. Days of benefits and duties stand beside their ticks."""
    if part != EVENT:
        return was.partition(" ")[0], ""
    return (was, "") if was == acting.UNKNOWN else ("", was)
