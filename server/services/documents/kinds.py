"""The kinds of documents, and what the function that makes one gets and returns.

KINDS.add("summary", DocumentKind(summary.make, check), place=30)      # server/capabilities/documents.py
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.points import Point
from server.core.problem_details import Problem
from server.models import Campaign
from server.services.units.scope import Scope

Choices = Mapping[str, Any]
"""What a page asked for: `freeze`, `count`, `photos`, `form`, `from`, `station`; each kind knows its own."""
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DocumentOrder:
    """A document to make. `folder`: for files; it is removed afterwards. `told`: hears how much is done.

    `last_printed`: what the last document of this kind printed, `{figure: amount}`; None if there was none.
    """

    campaign_id: str
    unit_id: str
    officer_id: str
    choices: Choices
    asked_at: int
    folder: Path
    blobs: Blobs
    told: Told
    last_printed: Mapping[str, int] | None = None
    last_printed_at: int = 0

    def scope(self, session: Session) -> Scope:
        """Return the rights, as they are now, of the person who asked."""
        return Scope(session, self.officer_id)

    def campaign(self, session: Session) -> Campaign:
        """Return the campaign. Raises Problem `not_found`."""
        found = session.get(Campaign, self.campaign_id)
        if found is None:
            raise Problem("not_found")
        return found


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A document's file, and the name that people get it under. `printed`: its figures, for the next comparison."""

    path: Path
    name: str
    printed: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """`make` is called without a transaction. `check` raises Problem for choices that it cannot be made from.

    `may`: whether this person may ask for and get it of a unit that they may see.
    """

    make: Callable[[DocumentOrder], MadeDocument]
    check: Callable[[Session, Scope, str, Choices], None] = field(
        default=lambda _session, _scope, _unit, _choices: None
    )
    may: Callable[[Scope, str], bool] = field(default=lambda _scope, _unit: True)


KINDS: Final[Point[DocumentKind]] = Point()
"""Capabilities add kinds."""


def kind(name: str) -> DocumentKind:
    """Return a kind. Raises Problem `not_found`."""
    found = dict(KINDS.named()).get(name)
    if found is None:
        raise Problem("not_found")
    return found
