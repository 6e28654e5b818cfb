"""Figures that count units instead of activities: a unit counts once if it has any of another figure (SPEC F-8)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from sync.registry import KINDS, Figure

_FILE: Final = Path(__file__).parent / "unit_figures.json"


def _parse(row: dict[str, Any]) -> Figure:
    return Figure(row["code"], row["label"], row["unit"], row["rule"], terms=(), where={}, units_of=row["of"])


UNIT_FIGURES: Final = tuple(_parse(row) for row in json.loads(_FILE.read_text("utf-8")))


def every_figure() -> tuple[Figure, ...]:
    """All figures: first those that kinds feed, then those that count units."""
    return (*KINDS.figures(), *UNIT_FIGURES)
