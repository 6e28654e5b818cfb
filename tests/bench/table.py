"""The table that a bench prints: a line for each figure, the floor beside it, and the ratio of the two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. `target` is what it is held against, as text."""

    work: str
    what: str
    unit: str
    floor: float | None = None
    sqlite: float | None = None
    postgresql: float | None = None
    target: str = ""

    def cells(self) -> tuple[str, ...]:
        """As text, in the order of HEADS."""
        return (
            self.work,
            f"{self.what}, {self.unit}" if self.unit else self.what,
            number(self.floor),
            number(self.sqlite),
            self._ratio(self.sqlite),
            number(self.postgresql),
            self._ratio(self.postgresql),
            self.target,
        )

    def _ratio(self, value: float | None) -> str:
        return f"{value / self.floor:.2f}" if value is not None and self.floor else ""


HEADS = ("", "figure", "floor", "SQLite", "/floor", "PostgreSQL", "/floor", "wanted")


def number(value: float | None) -> str:
    """Three digits that count, no more."""
    if value is None:
        return ""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(lines: Iterable[Line]) -> str:
    """Markdown, in columns that line up in a terminal too."""
    rows = [HEADS, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]

    def line(row: tuple[str, ...]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"

    rule = "| " + " | ".join("-" * max(3, width) for width in widths) + " |"
    return "\n".join([line(rows[0]), rule, *(line(row) for row in rows[1:])])


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: Iterable[float]) -> float:
    """The median: timings on a shared machine have long tails."""
    return median(list(values))
