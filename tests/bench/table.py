"""The table that a bench prints: a line for each figure, the floor beside it, and the ratio of the two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: of `floor`, `sqlite`, `postgresql`, `phone` those that were measured; `target`: what is wanted."""

    work: str
    what: str
    unit: str
    figures: Mapping[str, float] = field(default_factory=dict)
    target: str = ""

    def cells(self) -> tuple[str, ...]:
        """As text, in the order of HEADS."""
        return (
            self.work,
            f"{self.what}, {self.unit}" if self.unit else self.what,
            number(self.figures.get("floor")),
            number(self.figures.get("sqlite")),
            self._ratio("sqlite"),
            number(self.figures.get("postgresql")),
            self._ratio("postgresql"),
            number(self.figures.get("phone")),
            self.target,
        )

    def _ratio(self, name: str) -> str:
        floor = self.figures.get("floor")
        return f"{self.figures[name] / floor:.2f}" if floor and name in self.figures else ""


HEADS = ("", "figure", "floor", "SQLite", "/floor", "PostgreSQL", "/floor", "phone", "wanted")


def number(value: float | None) -> str:
    """Three digits that count, no more."""
    if value is None:
        return ""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(lines: Iterable[Line]) -> str:
    """Markdown, in columns that line up in a terminal too; those with nothing in them are left out."""
    cells = [line.cells() for line in lines]
    told = [column for column in range(len(HEADS)) if any(row[column] for row in cells)]
    rows = [tuple(row[column] for column in told) for row in (HEADS, *cells)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(told))]

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
