"""Which figures a page or a file shows, and how: all of it is in the URL, so that both show the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from server.desk.figures.groups import FigureGroup, groups
from server.desk.inputs import Inputs, among, flag
from server.models import Campaign
from server.services.figures import loading
from sync.figures import every_figure
from sync.registry import KINDS, Figure

LETTER, EVERY = "letter", "all"


def _tabs() -> tuple[str, ...]:
    return (EVERY, *KINDS)


def _figures() -> set[str]:
    return {each.code for each in every_figure()}


class View(Inputs):
    """`tab`: the letter's figures, a kind, or all. `included`: the number includes what waits. `deep`: each unit.

    `figure`: the one that a narrow screen and charts show. `chart`: charts in place of the table. `prior`: the previous
    period is shown, too. `quick`: a text to paste.
    """

    campaign: str
    unit: str
    tab: Annotated[str, among(_tabs)] = LETTER
    included: Annotated[bool, flag("with_waiting", "count")]
    deep: Annotated[bool, flag("every", "reach")]
    figure: Annotated[str, among(_figures)]
    chart: Annotated[bool, flag("1")]
    prior: Annotated[bool, flag("1")]
    quick: Annotated[bool, flag("1")]


@dataclass(frozen=True, slots=True)
class Tab:
    """One selection of figures. `group` is a kind's; None for the letter's figures, and for all."""

    name: str
    group: FigureGroup | None
    figures: list[Figure]


def tabs(campaign: Campaign) -> list[Tab]:
    """Return the tabs: the letter's figures, each kind that has figures of its own, and all figures."""
    every = loading.possible(campaign)
    kinds = [Tab(group.name, group, group.figures) for group in groups(every) if group.kind]
    return [Tab(LETTER, None, loading.asked(campaign)), *kinds, Tab(EVERY, None, every)]


def chosen(campaign: Campaign, view: View) -> Tab:
    """Return the tab asked for; the letter's for a kind that the campaign does not have."""
    found = tabs(campaign)
    return next((tab for tab in found if tab.name == view.tab), found[0])
