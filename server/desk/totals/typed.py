"""Typed amounts as statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from server.core.problem_details import Problem
from server.services.totals.entering import Statement
from server.services.totals.said import Reach, TotalSource

AMOUNT, NIL, SHOWN = "amount.", "nil.", "shown."
_NUMBER: Final = re.compile(r"\d{1,3}(?:[. ]\d{3})+|\d{1,12}")
REACHES: Final = tuple(Reach)
SOURCES: Final = tuple(TotalSource)


def statements(form: Mapping[str, str]) -> list[Statement]:
    """Return what a form says; fields left empty say nothing. Raises Problem for what is no amount."""
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
            shown=number(form.get(SHOWN + code, "0"), SHOWN + code),
            reach=form.get("reach", Reach.WHOLE),
            is_nil=is_nil,
            source=form.get("source", TotalSource.PHONE),
            note=form.get("note", ""),
            reason=form.get("reason", ""),
        )


def amount(text: str, code: str) -> int:
    """Return a whole number, with or without dots. Raises Problem `total_amount`."""
    if not _NUMBER.fullmatch(text):
        raise Problem("total_amount", code)
    return int(text.replace(".", "").replace(" ", ""))


def shown(form: Mapping[str, str]) -> dict[str, int]:
    """Return the number of each figure's last step, as the page had it."""
    return {name.removeprefix(SHOWN): number(text, name) for name, text in form.items() if name.startswith(SHOWN)}


def number(text: str, field: str) -> int:
    """Return a number that the page made. Raises Problem if it is none."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):  # fits the column
        raise Problem("bad_request", field)
    return int(text)
