"""The placeholders of a form, by the codes of figures and by Vietnamese words without marks; and what fills them.

{{don_vi}}  {{stt}}  {{bang_ron}}  {{banners}}        in the row that is repeated for each unit, and
{{tong.bang_ron}}  {{chien_dich}}  {{ngay_chot}}      anywhere
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sync.text import fold
from sync.unit_figures import every_figure

Value = int | float | str
TOTAL: Final = "tong."
UNIT_NAMES: Final = ("stt", "don_vi")
HEAD_NAMES: Final = ("don_vi_bao_cao", "chien_dich", "so_lieu", "dia_danh")


@dataclass(frozen=True, slots=True)
class FormValues:
    """`rows`: for each unit right below, its values; for a unit alone, its own. `head`: those of the whole."""

    rows: tuple[Mapping[str, Value], ...]
    head: Mapping[str, Value]


def word_of(label: str) -> str:
    """Return a label as a placeholder: small letters without marks, underscores for all else."""
    return re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")


def figure_names() -> dict[str, str]:
    """Return the code of each figure by its placeholders: the code itself, and its label in words."""
    found: dict[str, str] = {}
    for figure in every_figure():
        for name in (figure.label["vi"], *figure.also):
            found.setdefault(word_of(name), figure.code)
    return found | {figure.code: figure.code for figure in every_figure()}


def known() -> set[str]:
    """Return every placeholder that there is."""
    figures = figure_names()
    return {*UNIT_NAMES, *HEAD_NAMES, *figures, *(f"{TOTAL}{name}" for name in figures)}


def example() -> FormValues:
    """Return values for every placeholder, with which a form is tried."""
    row: dict[str, Value] = {"stt": 1, "don_vi": "Xã A", **dict.fromkeys(figure_names(), 1)}
    head: dict[str, Value] = {f"{TOTAL}{name}": 1 for name in figure_names()}
    head |= {"don_vi_bao_cao": "Huyện B", "chien_dich": "C", "so_lieu": "D", "dia_danh": "E"}
    return FormValues((row,), head)
