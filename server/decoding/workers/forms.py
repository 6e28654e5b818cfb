"""Check or fill the form of an office, an Excel or Word file with placeholders."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Final

from server.decoding.limits import Unfit
from server.decoding.workers import form_archive, form_calculated, form_excel, form_visible, form_word
from server.decoding.workers.form_archive import EXCEL, WORD, type_of
from server.decoding.workers.form_excel import Value

Row = Mapping[str, Value]


def check(file: BinaryIO, known: Sequence[str], rows: Sequence[Row], head: Row) -> str:
    """Return the type of a form that can be filled. `known`: every placeholder; `rows`, `head`: examples."""
    kind = type_of(file)
    file.seek(0)
    if kind == EXCEL:
        form_excel.check(file, frozenset(known))
    else:
        form_word.fill(file, io.BytesIO(), frozenset(known), rows, head)
    return kind


def fill(file: BinaryIO, target: BinaryIO, known: Sequence[str], rows: Sequence[Row], head: Row) -> None:
    """Fill a form. `rows`: for each unit its values; `head`: those of the whole."""
    kind = type_of(file)
    file.seek(0)
    if kind != EXCEL:
        form_word.fill(file, target, frozenset(known), rows, head)
        return
    with tempfile.TemporaryFile() as plain:
        form_excel.fill(file, plain, frozenset(known), rows, head)
        form_calculated.add(plain, target)


def check_report(file: BinaryIO, examples: Sequence[Mapping[str, Any]], needed: Sequence[str]) -> list[str]:
    """Return the placeholders that a unit's own Word template of a report uses.

    `examples`: arguments of `fill`, each with which it must work: also a report of a unit that said nothing. `needed`:
    placeholders that each template has. Raises Unfit, with the tag and the words around it.
    """
    if type_of(file) != WORD:
        raise Unfit("template_not_word")
    used = form_word.check_names(file, frozenset(examples[0]["known"]))
    if lacking := next((name for name in needed if name not in used), None):
        raise Unfit("template_lacks", f"{{{{ {lacking} }}}}")
    for each in examples:
        _fill_report(file, io.BytesIO(), each["known"], each["rows"], each["head"], _SOME_TIME, needed)
    return sorted(used)


def fill_report(
    file: BinaryIO,
    target: BinaryIO,
    known: Sequence[str],
    rows: Sequence[Row],
    head: Row,
    at: Sequence[int],
    needed: Sequence[str],
) -> None:
    """Fill a unit's own Word template of a report. `at`: on each part, so that equal data has equal bytes.

    Raises Unfit like `check_report`, also if what was filled does not show a placeholder of `needed`.
    """
    type_of(file)
    made = io.BytesIO()
    _fill_report(file, made, known, rows, head, at, needed)
    shutil.copyfileobj(form_archive.dated(made, at), target)


_SOME_TIME: Final = (2021, 1, 1, 0, 0, 0)


def _fill_report(  # the file, what it is filled with and when, and what it has to show
    file: BinaryIO,
    target: BinaryIO,
    known: Sequence[str],
    rows: Sequence[Row],
    head: Row,
    at: Sequence[int],
    needed: Sequence[str],
) -> None:
    year, month, day, hour, minute, second = at
    moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - as a Word file has it
    form_word.fill_named(file, target, frozenset(known), rows, head, moment)
    shown = form_visible.text_of(target)
    for name in needed:
        if form_visible.plain(str(head[name])) not in shown:
            raise Unfit("template_lacks", f"{{{{ {name} }}}}")
