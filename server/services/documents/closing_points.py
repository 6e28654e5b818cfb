"""The point where others add files to a campaign's closing file: a signed PDF, a plan, a decision.

CLOSING.add("signed", files)      # server/capabilities/…: (session, campaign, unit) -> files
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from server.core.points import Point
from server.models import Campaign


@dataclass(frozen=True, slots=True)
class ClosingFile:
    """A file of a campaign. `name`: its path in the archive, below its folder. `blob`: the key of its bytes."""

    name: str
    blob: str


Files = Callable[[Session, Campaign, str], Iterable[ClosingFile]]
CLOSING: Final[Point[Files]] = Point()
"""Capabilities add files; the name of the part is the folder in the archive."""
