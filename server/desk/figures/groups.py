"""Figures under headings: one heading for each kind, and one for figures that several kinds feed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.desk.words import label, t
from sync.registry import KINDS, Figure, Kind


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """Figures under one heading; without a kind: those that several kinds feed, or that count units."""

    kind: Kind | None
    figures: list[Figure]

    @property
    def name(self) -> str:
        """Return the kind's name, or `shared`."""
        return self.kind.name if self.kind else "shared"

    @property
    def heading(self) -> str:
        """Return the heading in the language of the request."""
        return label(self.kind.label) if self.kind else t("figures.shared")


def groups(figures: Iterable[Figure]) -> list[FigureGroup]:
    """Return the groups in the order of the kinds, the shared one last."""
    found: dict[str, FigureGroup] = {}
    for figure in figures:
        feeding = [kind for kind in KINDS.values() if any(each.code == figure.code for each in kind.figures)]
        group = FigureGroup(feeding[0] if len(feeding) == 1 else None, [])
        found.setdefault(group.name, group).figures.append(figure)
    return sorted(found.values(), key=lambda group: group.kind is None)
