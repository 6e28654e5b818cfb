"""No page is loaded before somebody asks for it: it would be logged, spend its notice, or be a download."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from server import desk as package
from server.core.db import reading
from server.models import AuditLine, DeskSession
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")
DESK = Path(package.__file__).parent
MARKS = re.compile(r"""rel=["'](?:prefetch|prerender|next prefetch)|speculationrules|Speculation-Rules""")
AHEAD = {"Sec-Purpose": "prefetch;prerender"}


def kept(world: World) -> tuple[object, ...]:
    """What looking at a page may change: the log, and when a session was last used."""
    with world.app.app_context(), reading() as session:
        lines = session.scalar(select(func.count()).select_from(AuditLine))
        return lines, sorted(session.scalars(select(DeskSession.seen_at)))


def addresses(world: World) -> list[str]:
    """An address of each page and file of the desk, of objects that are not there."""
    rules = [rule for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    ours = [rule.rule for rule in rules if rule.rule.startswith(("/desk/", "/demo/", "/class/"))]
    return [re.sub(r"<[^>]*>", "x", re.sub(r"<id:\w+>", "a" * 16, path)) for path in ours if "static" not in path]


def test_no_template_and_no_script_has_pages_loaded_ahead() -> None:
    files = [*DESK.glob("templates/**/*.html"), *DESK.glob("static/*.js"), *DESK.rglob("*.py")]
    assert len(files) > 150
    assert not [file.name for file in files if MARKS.search(file.read_text("utf-8"))]


def test_every_route_refuses_a_browser_that_asks_ahead(world: World, desk: Callable[..., Any]) -> None:
    one = desk("quantri")
    http: FlaskClient = one.http
    before, asked = kept(world), 0
    for path in addresses(world):
        for method in ("GET", "HEAD"):
            answer = http.open(path, method=method, headers=AHEAD)
            assert (answer.status_code, answer.data, answer.headers.get("Set-Cookie")) == (503, b"", None), path
            asked += 1
    assert asked > 180
    assert kept(world) == before
    assert http.get("/desk/people").status_code == 200
    assert kept(world) != before, "asked for by a person, that page is logged"


def test_the_notice_of_an_act_waits_for_who_did_it(desk: Callable[..., Any]) -> None:
    one = desk("huyen")
    with one.http.session_transaction() as session:
        session["_flashes"] = [("message", "Đã lưu.")]
    assert one.http.get("/desk/queue", headers=AHEAD).status_code == 503
    assert "Đã lưu." in one.http.get("/desk/queue").get_data(as_text=True)
    assert "Đã lưu." not in one.http.get("/desk/queue").get_data(as_text=True)


def test_styles_may_be_fetched_ahead(world: World) -> None:
    assert world.app.test_client().get("/desk/static/desk.css", headers=AHEAD, buffered=True).status_code == 200
