"""The figures that a letter asks for: as the file says, or the usual ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from server.cli.letter import Letter
from server.models import Campaign
from server.services.figures import loading

FILE = Path(__file__).parents[2] / "docs" / "letter.example.json"


def letter(**other: Any) -> dict[str, Any]:
    return {**json.loads(FILE.read_text("utf-8")), **other}


def test_a_letter_names_its_figures() -> None:
    read = Letter().load(letter())
    assert read.campaign.figures[0] == "banners"
    assert read.campaign.figures[-1] == "hotline_units"
    with pytest.raises(ValidationError):
        Letter().load(letter(figures=["banners", "baners"]))


def codes(**of_campaign: Any) -> list[str]:
    campaign = Campaign(**{"kinds": [], "figures": [], "expected": []} | of_campaign)
    return [figure.code for figure in loading.asked(campaign)]


def test_what_is_asked_is_what_the_campaign_can_have() -> None:
    assert codes(figures=["rallies", "banners"]) == ["banners", "rallies"]
    assert codes(expected=[{"figure": "scripts", "amount": 3}]) == [
        *("banners", "banner_metres", "airings", "minutes", "scripts", "panels", "posters", "leaflets"),
        *("folded_leaflets", "mobile_sessions", "hotline_units"),
    ]
    assert codes(kinds=["banner"]) == ["banners", "banner_metres", "hotline_units"]
    assert "rallies" in codes(kinds=["event"], figures=["banners"]), "all there are where none of these can be fed"
