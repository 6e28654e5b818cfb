"""A table of texts in an annex: heads and lines as they are printed, for what is no grid of figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlainLine:
    """One line; `strong`: a total or the head of a part."""

    cells: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A table across a portrait page. `widths`: of its columns in mm; `numbers`: places of right-aligned columns."""

    heads: tuple[str, ...]
    widths: tuple[int, ...]
    lines: tuple[PlainLine, ...]
    numbers: tuple[int, ...] = ()
    title: str = ""
