"""The lines above a table of figures: time, days left, which units have reported, and what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from server.core.clock import today
from server.desk.figures.switches import EVERY, LETTER, Tab, View
from server.desk.formats import near_day, near_moment
from server.desk.words import label, t, word
from server.models import Campaign, Unit
from server.services.figures.loading import Coverage
from server.services.records.late import due_before


@dataclass(frozen=True, slots=True)
class FiguresHead:
    """The parts of the line, in order."""

    as_of: str
    due: str
    reported: str
    sealed: str

    def __str__(self) -> str:
        return f"{self.as_of} · {self.due} · {self.reported} · {self.sealed}"


def head(campaign: Campaign, unit: Unit, covered: Coverage, at_ms: int) -> FiguresHead:
    """Return the line as of a time in ms."""
    return FiguresHead(
        t("figures.as_of", at=near_moment(at_ms)),
        due(campaign, unit),
        reported(unit, covered),
        sealed(unit, covered),
    )


def due(campaign: Campaign, unit: Unit) -> str:
    """Return the last day in time for this unit's level, as phones show it, and the days left."""
    before = due_before(campaign, unit.level)
    left = (before - today()).days
    said = t("figures.left", days=left) if left > 1 else t("figures.last_day" if left == 1 else "figures.over")
    return t("figures.due_before", day=near_day(before - timedelta(days=1)), left=said)


def reported(unit: Unit, covered: Coverage) -> str:
    """Return how many of the lowest units have figures, or whether this one has."""
    if _alone(unit, covered):
        return t("figures.has" if covered.reporting else "figures.has_none")
    return t(
        "figures.reported",
        have=covered.reporting,
        units=covered.units,
        level=level(covered),
        silent=covered.silent,
    )


def sealed(unit: Unit, covered: Coverage) -> str:
    """Return how many of these units have confirmed and sent their figures."""
    if _alone(unit, covered):
        return t("figures.sent" if covered.sealed else "figures.not_sent")
    return t("figures.sealed", sealed=covered.sealed, units=covered.units)


def shown(tab: Tab, view: View, *, deep: bool) -> str:
    """Return in words what a file or a printed sheet shows."""
    parts = [tab_name(tab), t("figures.with_waiting" if view.included else "figures.apart")]
    return " · ".join([*parts, *([t("figures.every_unit")] if deep else [])])


def tab_name(tab: Tab) -> str:
    """Return the label of a tab."""
    if tab.group and tab.group.kind:
        return label(tab.group.kind.label)
    return t({LETTER: "figures.by_letter", EVERY: "figures.every"}[tab.name], count=len(tab.figures))


def _alone(unit: Unit, covered: Coverage) -> bool:
    return covered.units == 1 and covered.level == unit.level


def level(covered: Coverage) -> str:
    """Return what the lowest units are called."""
    return word("levels", covered.level) if covered.level else t("figures.units")
