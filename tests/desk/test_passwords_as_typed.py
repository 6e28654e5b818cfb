"""A password counts as it was typed, of any length and any signs, and no page stands in a password manager's way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.core.db import writing
from server.services.access.welcome import make_welcome
from support.clients.desk import MakeDesk
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

DESK = Path(__file__).parents[2] / "server" / "desk"
LONG = " Ầ" + "ông đi chợ " * 18
"""200 characters, with a blank at each end; far longer than where older hashes cut (72 bytes)."""


@pytest.mark.parametrize("chosen", [LONG, "zqxvkjwpmb", "7302 9415 8826", "ｋｈó đoán 🌾🌾 tre mọc"], ids=len)
def test_it_counts_as_it_was_typed(world: World, desk: MakeDesk, chosen: str) -> None:
    with world.app.app_context(), writing() as session:
        token = make_welcome(session, world.officers["huyen"])
    one = desk()
    one.get(f"/desk/welcome/{token}")
    assert one.post(one.form(token), password=chosen, again=chosen).status_code == 303
    wrong = {chosen[:-1], chosen + " ", chosen[:72], chosen.strip(), chosen.upper(), chosen.lower()} - {chosen}
    assert [typed for typed in sorted(wrong) if desk().sign_in("huyen", typed).status_code != 403] == []
    assert desk().sign_in("huyen", chosen).status_code == 303


def test_a_password_is_masked_and_a_manager_may_fill_it_in() -> None:
    found = 0
    for template in DESK.rglob("*.html"):
        for tag in re.findall(r"<input[^>]*>", template.read_text("utf-8")):
            if re.search(r'name="(password|again|current\w*|new\w*|proof)"', tag) and "one-time-code" not in tag:
                assert 'type="password"' in tag, template.name
                # A browser on an office's computer keeps no passphrase of cases.
                filled = "off" if template.name == "case_key.html" else "(current|new)-password"
                assert re.search(f'autocomplete="{filled}"', tag), template.name
                found += 1
    assert found >= 7
    paths = [path for path in (DESK / "static").glob("*.js") if path.name != "computer_photos.js"]  # no password there
    assert [path.name for path in paths if "paste" in path.read_text("utf-8")] == []
    assert "computer_photos.js" not in "".join(
        path.read_text("utf-8")
        for path in (DESK / "templates").rglob("*.html")
        if "password" in path.read_text("utf-8")
    )
