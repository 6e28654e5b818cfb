"""Which figures a page or a file shows, and how: all of it is in the URL, so that both show the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.desk.figures.groups import FigureGroup, groups
from server.models import Campaign
from server.services.figures import asked
from sync.figures import every_figure
from sync.registry import KINDS, Figure

LETTER, EVERY = "letter", "all"


@dataclass(frozen=True, slots=True)
class View:
    """`tab`: the letter's figures, a kind, or all. `included`: the number includes what waits. `deep`: each unit.

    `figure`: the one that a narrow screen shows.
    """

    campaign: str = ""
    unit: str = ""
    tab: str = LETTER
    included: bool = False
    deep: bool = False
    figure: str = ""
    prior: bool = False
    """True if the previous period is shown, too."""

    def args(self, **other: Any) -> dict[str, Any]:
        """Return the arguments of `url_for` for this view with `other` changed; defaults are left out."""
        new = replace(self, **other)
        found = {
            "campaign": new.campaign,
            "unit": new.unit,
            "tab": "" if new.tab == LETTER else new.tab,
            "count": "with_waiting" if new.included else "",
            "reach": "every" if new.deep else "",
            "figure": new.figure,
            "prior": "1" if new.prior else "",
        }
        return {name: value for name, value in found.items() if value}


def read(args: Mapping[str, str]) -> View:
    """Return the view in a query string; unknown values are ignored."""
    tab, figure = args.get("tab", LETTER), args.get("figure", "")
    return View(
        campaign=args.get("campaign", ""),
        unit=args.get("unit", ""),
        tab=tab if tab in (EVERY, *KINDS) else LETTER,
        included=args.get("count") == "with_waiting",
        deep=args.get("reach") == "every",
        figure=figure if figure in {each.code for each in every_figure()} else "",
        prior=args.get("prior") == "1",
    )


@dataclass(frozen=True, slots=True)
class Tab:
    """One selection of figures. `group` is a kind's; None for the letter's figures, and for all."""

    name: str
    group: FigureGroup | None
    figures: list[Figure]


def tabs(campaign: Campaign) -> list[Tab]:
    """Return the tabs: the letter's figures, each kind that has figures of its own, and all figures."""
    every = asked.possible(campaign)
    kinds = [Tab(group.name, group, group.figures) for group in groups(every) if group.kind]
    return [Tab(LETTER, None, asked.asked(campaign)), *kinds, Tab(EVERY, None, every)]


def chosen(campaign: Campaign, view: View) -> Tab:
    """Return the tab asked for; the letter's for a kind that the campaign does not have."""
    found = tabs(campaign)
    return next((tab for tab in found if tab.name == view.tab), found[0])
