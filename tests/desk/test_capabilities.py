"""A capability joins by one file: pages, menu, command, jobs, parts for others; only the table of rights names it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from server import capabilities, rights
from server.application import create_app
from server.core.db import db
from server.core.points import Point
from server.desk import page
from server.registration import CAPABILITIES, collect
from server.serving.installation import installed
from support.world.world import World

FILE = """
import click
from server.desk.guard import guarded
from server.desk.menu import MenuEntry
from server.desk.page import NOTICES, Notice
from flask import render_template

bp = guarded("lamps")


@bp.get("/lamps")
def show():
    return render_template("desk/no_campaign.html")


@click.command()
def lamps():
    click.echo("lit")


def register(add):
    add.menu(MenuEntry("nav.sign_out", "lamps.show", place=5, shown=lambda me, _notices: me.manages))
    add.pages(bp, under="nav.sign_out")
    add.command(lamps)
    add.jobs(lambda app, jobs: jobs.register("lamps.light", lambda attempt, ids: None))
    NOTICES.add("lamps", Notice("desk/access/wrong_codes_notice.html", lambda read, me, _: None if me.manages else 111))
"""


@pytest.fixture
def lamps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One more file in the folder of capabilities: for applications made by this test, so ask for `world` before."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "lamps.py").write_text(FILE, "utf-8")
    monkeypatch.setattr(capabilities, "__path__", [*capabilities.__path__, str(tmp_path / "more")])
    monkeypatch.setattr(page.NOTICES, "_parts", dict(vars(page.NOTICES)["_parts"]))
    row = rights.RouteRow(rights.DESK, rights.GET, rights.ACCOUNT, "", rights.HIDDEN, "lamps.show")
    monkeypatch.setattr(rights, "TABLE", (*rights.TABLE, row))
    monkeypatch.delitem(sys.modules, f"{CAPABILITIES}.lamps", raising=False)


@pytest.fixture
def another() -> Iterator[Callable[[World], Flask]]:
    """A second application on a world's database."""
    made: list[Flask] = []

    def make(world: World) -> Flask:
        made.append(create_app(installed(world.app).settings))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.mark.usefixtures("world", "lamps")
@pytest.mark.slow
def test_a_file_and_its_rights_are_all_it_takes(
    world: World, desk: Callable[..., Any], another: Callable[[World], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = another(world)
    assert "lamps.light" in installed(app).jobs.kinds
    monkeypatch.setattr(world, "app", app)
    manager = desk("tinh")
    manager.get("/desk/lamps")
    assert manager.status == 200
    assert '<a href="/desk/lamps" aria-current="page">' in manager.html
    assert "111" not in manager.text
    officer = desk("xa1")
    officer.get("/desk/figures")
    assert 'href="/desk/lamps"' not in officer.html
    assert "111" in officer.text


@pytest.mark.usefixtures("lamps")
def test_its_command_is_one_of_loa() -> None:
    [command] = [command for command in collect().commands if command.name == "lamps"]
    assert CliRunner().invoke(command).output == "lit\n"


def test_parts_come_by_place_and_a_name_is_there_once() -> None:
    point: Point[str] = Point()
    point.add("b", "first b")
    point.add("a", "a", place=2)
    point.add("c", "c", place=1)
    point.add("b", "b", place=1)
    assert point.named() == [("b", "b"), ("c", "c"), ("a", "a")]
