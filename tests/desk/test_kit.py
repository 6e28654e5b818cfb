"""The kit: every part of the pages in both themes, where the data are a sample."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server import desk as package
from server.core.db import writing
from server.models import Meta
from server.models.installation import DEMO
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")
STATIC = Path(package.__file__).parent / "static"
TEMPLATES = Path(package.__file__).parent / "templates"
TOKENS = STATIC / "tokens.css"
NAMED = re.compile(r"^(?:const|let|class|(?:async )?function\*?) (\w+)", re.MULTILINE)
TABLE = re.compile(r"<table(?:{%.*?%}|{{.*?}}|[^>])*>")
TOKEN = re.compile(r"(--[\w-]+): ([^;]+);")


def test_it_is_not_there_where_the_data_are_real(desk: Callable[..., Any]) -> None:
    one = desk("quantri")
    for path in ("/desk/kit", "/desk/kit/themes.css"):
        one.get(path)
        assert one.status == 404, path


def test_a_sample_shows_every_part_in_both_themes(world: World, desk: Callable[..., Any]) -> None:
    with world.app.app_context(), writing() as session:
        session.add(Meta(key=DEMO, value="1"))
    one = desk()
    page = one.get("/desk/kit")
    for part in ('<button type="button">', 'class="quiet"', 'class="danger"', 'class="plain"', "<dialog", "<table"):
        assert page.count(part) >= 2, part
    for part in ("notice good", "notice bad", "card empty", "aria-invalid", 'class="tabs"', 'class="chip"'):
        assert page.count(part) == 2, part
    assert (page.count('class="day"'), page.count('class="night"')) == (1, 1)


def test_its_themes_are_those_of_every_page(world: World) -> None:
    with world.app.app_context(), writing() as session:
        session.add(Meta(key=DEMO, value="1"))
    sheet = world.app.test_client().get("/desk/kit/themes.css").get_data(as_text=True)
    day, _, night = TOKENS.read_text("utf-8").partition("@media screen and")
    of_day, of_night = (dict(TOKEN.findall(part.partition(".night")[n])) for n, part in ((0, sheet), (2, sheet)))
    assert of_day == dict(TOKEN.findall(day))
    assert of_night == dict(TOKEN.findall(day)) | dict(TOKEN.findall(night.partition("@media (max-width")[0]))
    assert of_day["--paper"] != of_night["--paper"]


def test_no_other_script_names_what_the_script_of_every_page_names() -> None:
    """They are no modules: a name that both declare stops the second one."""
    names = {file.name: set(NAMED.findall(file.read_text("utf-8"))) for file in STATIC.glob("*.js")}
    ours = names.pop("desk.js")
    assert {"step", "keepPlace"} <= ours
    assert len(names) > 8
    assert {name: both for name, theirs in names.items() if (both := ours & theirs)} == {}


def test_every_table_has_a_name() -> None:
    """So that who goes from table to table by ear hears which one it is."""
    tables = {
        (file.name, each): bool(re.search(r'aria-label(ledby)?="[^"]', each))
        for file in TEMPLATES.rglob("*.html")
        for each in TABLE.findall(file.read_text("utf-8"))
    }
    assert len(tables) > 40
    assert [name for name, named in tables.items() if not named] == []
