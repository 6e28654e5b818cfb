"""Typed amounts as statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from server.core.problem_details import Problem
from server.desk.numerals import made_number
from server.services.totals.entering import Statement
from server.services.totals.in_force import Reach, TotalSource
from sync.amount import Unread, read
from sync.registry import KINDS

AMOUNT, NIL, SHOWN = "amount.", "nil.", "shown."
REACHES: Final = tuple(Reach)
SOURCES: Final = tuple(TotalSource)


def statements(form: Mapping[str, str]) -> list[Statement]:
    """Return the statements of a form; empty fields make none. Raises Problem for a value that is no amount."""
    return list(_said(form))


def _said(form: Mapping[str, str]) -> Iterator[Statement]:
    codes = dict.fromkeys(
        name.partition(".")[2]
        for name in form
        if name.startswith((AMOUNT, NIL))  # in the order of the page
    )
    for code in codes:
        typed, is_nil = form.get(AMOUNT + code, "").strip(), NIL + code in form
        if not typed and not is_nil:
            continue
        yield Statement(
            figure=code,
            amount=amount(typed, code) if typed else 0,
            shown=made_number(form.get(SHOWN + code, "0"), SHOWN + code),
            reach=form.get("reach", Reach.WHOLE),
            is_nil=is_nil,
            source=form.get("source", TotalSource.PHONE),
            note=form.get("note", ""),
            reason=form.get("reason", ""),
        )


def amount(text: str, code: str) -> int:
    """Return the digits of an amount of this figure (SPEC F-17, F-18). Raises Problem `total_amount`."""
    try:
        found = read(text, KINDS.amount(code, 0).scale)
    except Unread as unread:
        raise Problem("total_amount", code) from unread
    if found is None:
        raise Problem("total_amount", code)
    return found


def shown(form: Mapping[str, str]) -> dict[str, int]:
    """Return the number of each figure's last step, as the page had it."""
    return {name.removeprefix(SHOWN): made_number(text, name) for name, text in form.items() if name.startswith(SHOWN)}
