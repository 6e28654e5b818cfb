"""The rules, each with the grade it has unless a campaign gives it another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from server.services.records.readiness import LOOK

__all__ = ["GRADES", "LOOK", "NOTE", "RULES"]
NOTE: Final = "note"
"""Ghi chú: good to know."""
GRADES: Final = (LOOK, NOTE)
"""The worst first. LOOK, cần xem: to be looked at before it counts."""

RULES: Final[Mapping[str, str]] = {
    "photo_same": LOOK,
    "photo_texture": NOTE,
    "photo_forwarded": NOTE,
    "photo_gallery": NOTE,
    "place_none": NOTE,
    "place_poor": NOTE,
    "place_far": LOOK,
    "time_window": LOOK,
    "time_ahead": LOOK,
    "time_clock": NOTE,
    "number_range": LOOK,
    "number_people": LOOK,
    "number_day": LOOK,
    "number_allocated": LOOK,
    "number_outlier": LOOK,
    "number_round": NOTE,
    "alike_figures": LOOK,
    "alike_text": NOTE,
    "twice_again": LOOK,
    "twice_officer": LOOK,
    "twice_level": NOTE,
    "code_maker": NOTE,
}
"""In the order in which they are shown."""
