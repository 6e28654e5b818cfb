"""The runbook at the desk: the paper's own words, for whoever oversees the installation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.desk.installation.runbook import PAPERS, parts_of
from support.clients.desk import MakeDesk
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

DOCS = Path(__file__).parents[2] / "docs"


def test_it_is_for_administrators_and_coordinators_of_the_top_unit(world: World, desk: MakeDesk) -> None:
    assert world.officers
    for username, status in (("quantri", 200), ("tinh", 200), ("xa1", 403), ("huyen", 403)):
        one = desk(username)
        one.get("/desk/runbook")
        assert one.status == status, username
        one.get("/desk/people")
        assert ("/desk/runbook" in one.html) == (status == 200)


def test_it_has_each_command_and_each_part_of_the_paper(world: World, desk: MakeDesk) -> None:
    assert world.officers
    one = desk("quantri")
    for language, name in PAPERS.items():
        one.get("/desk/people")
        one.post(one.form("/desk/language"), language=language)
        one.get("/desk/runbook")
        paper = (DOCS / name).read_text("utf-8")
        for command in re.findall(r"`(sudo [^`]+)`", paper):
            assert command in one.text, command
        for heading in re.findall(r"^#+ (.+)$", paper, re.MULTILINE):
            assert heading in one.text, heading
        assert "](" not in one.text
        assert "```" not in one.text


def test_what_a_paper_says_is_text() -> None:
    table = "| a | b |\n| --- | --- |\n| c | d |\n"
    title, *parts = parts_of(f"# T <b>\n\nOne **two**\nthree `a<b`.\n\n1. x\n2. y\n\n{table}\n```\nls <x>\n```\n")
    assert (title.form, title.lines) == ("heading", [[("", "T <b>")]])
    assert [part.form for part in parts] == ["text", "steps", "table", "code"]
    assert parts[0].lines == [[("", "One "), ("strong", "two"), ("", " three "), ("code", "a<b"), ("", ".")]]
    assert parts[1].lines == [[("", "x")], [("", "y")]]
    assert parts[2].cells == [[[("", "a")], [("", "b")]], [[("", "c")], [("", "d")]]]
    assert parts[3].lines == [[("", "ls <x>")]]
