"""Check or fill the form of an office, an Excel or Word file with placeholders."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from server.decoding.limits import Unfit
from server.decoding.workers import form_archive, form_calculated, form_excel, form_word
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
        form_word.fill_named(file, io.BytesIO(), frozenset(each["known"]), each["rows"], each["head"])
    return sorted(used)


def fill_report(
    file: BinaryIO, target: BinaryIO, known: Sequence[str], rows: Sequence[Row], head: Row, at: Sequence[int]
) -> None:
    """Fill a unit's own Word template of a report. `at`: on each part, so that equal data has equal bytes."""
    type_of(file)
    made = io.BytesIO()
    form_word.fill(file, made, frozenset(known), rows, head)
    shutil.copyfileobj(form_archive.dated(made, at), target)
