"""The desk's README lists every route, and no other, each with its purpose; and says how many are pages."""

from __future__ import annotations

import re
from pathlib import Path

from server import desk
from support.browsers.desk_pages import pages
from support.world.world import World

MOST_PAGES = 65
"""So many pages a person can learn; more is a page that should have been a part of another."""


def test_every_route_is_listed(world: World) -> None:
    readme = (Path(desk.__file__).parent / "README.md").read_text("utf-8")
    parts = {re.sub(r"<[^>]*>", "<>", rule.rule) for rule in world.app.url_map.iter_rules()}
    mine = {rule for rule in parts if rule.startswith(("/desk", "/demo")) or rule == "/"}
    listed = re.sub(r"<[^>]*>", "<>", readme)
    for rule in mine:
        short = rule.rpartition("/")[2]
        assert f"{rule}`" in listed or f"{rule}?" in listed or f"`.../{short}`" in listed, rule
    for rule in re.findall(r"`(?:[A-Z, ]+ )?(/d[^`?]*)", listed):
        assert rule in mine, rule


def test_every_route_has_a_purpose_and_the_pages_are_counted(world: World) -> None:
    readme = (Path(desk.__file__).parent / "README.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in readme.splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert not [row for row in rows if len(row) < 2 or len(row[1]) < 12]
    said = re.search(r"(\d+) of them are pages", readme)
    assert said
    assert int(said[1]) == len(pages(world.app)) <= MOST_PAGES


def test_each_page_that_takes_a_file_says_which() -> None:
    folder = Path(desk.__file__).parent
    taken: dict[str, set[str]] = {}
    for path in (folder / "templates" / "desk").rglob("*.html"):
        for accepted in re.findall(r'type="file"[^>]*?accept="((?:[^"{]|{%.*?%})*)"', path.read_text("utf-8")):
            kinds = re.findall(r"(?<![\w.])\.(\w+)|(?:image|application)/(\w+)(?![\w.-])", accepted)
            name = str(path.relative_to(folder / "templates" / "desk").with_suffix(""))
            taken.setdefault(name, set()).update(ending or mime for ending, mime in kinds)
    rows = re.findall(r"^\| (\w+/\w+) \| ([\w, ]+) \| \d", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    assert {name: set(kinds.split(", ")) for name, kinds in rows} == taken
