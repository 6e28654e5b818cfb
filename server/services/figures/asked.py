"""Which figures a campaign's letter asks for: the first page of figures, and what a report begins with."""

from __future__ import annotations

from server.models import Campaign
from server.services.campaigns.lifecycle import kinds_of
from sync.registry import Figure
from sync.unit_figures import every_figure

USUAL = frozenset(
    (
        *("banners", "banner_metres", "airings", "minutes", "panels", "posters", "leaflets", "folded_leaflets"),
        *("mobile_sessions", "hotline_units"),
    )
)
"""What letters on the day against human trafficking name, for a campaign that does not say."""


def possible(campaign: Campaign) -> list[Figure]:
    """The figures that the campaign's kinds feed, those that count units behind them."""
    fed = {figure.code for kind in kinds_of(campaign) for figure in kind.figures}
    return [figure for figure in every_figure() if (figure.units_of or figure.code) in fed]


def asked(campaign: Campaign) -> list[Figure]:
    """Those that its letter names; for a letter that names none the usual ones and what its plan asks for.

    All of them where none of these can be fed.
    """
    wanted = set(campaign.figures) or USUAL | {each["figure"] for each in campaign.expected}
    found = [figure for figure in possible(campaign) if figure.code in wanted]
    return found or possible(campaign)
