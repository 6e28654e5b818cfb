"""Which figures a campaign's letter asks for: the first page of figures, and what a report begins with."""

from __future__ import annotations

from server.models import Campaign
from server.services.campaigns.lifecycle import kinds_of
from sync.figures import every_figure
from sync.registry import Figure

USUAL = frozenset(
    (
        *("banners", "banner_metres", "airings", "minutes", "panels", "posters", "leaflets", "folded_leaflets"),
        *("mobile_sessions", "hotline_units"),
    )
)
"""The figures that letters on the day against human trafficking name; used if a campaign names none."""


def possible(campaign: Campaign) -> list[Figure]:
    """The figures that the campaign's kinds feed, then those that count units."""
    fed = {figure.code for kind in kinds_of(campaign) for figure in kind.figures}
    return [figure for figure in every_figure() if (figure.units_of or figure.code) in fed]


def asked(campaign: Campaign) -> list[Figure]:
    """The figures that the letter names; if it names none, the usual ones and those in its plan.

    All possible figures if none of these can be fed.
    """
    wanted = set(campaign.figures) or USUAL | {each["figure"] for each in campaign.expected}
    found = [figure for figure in possible(campaign) if figure.code in wanted]
    return found or possible(campaign)
