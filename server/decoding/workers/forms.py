"""Check or fill the form of an office, an Excel or Word file with placeholders."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from server.decoding.workers import form_calculated, form_excel, form_word
from server.decoding.workers.form_archive import EXCEL, type_of
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
