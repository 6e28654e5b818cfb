"""Every route of the desk: closed to strangers, no form of another site, and a way out on every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support.world.world import World

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
OPEN = {"/", "/enrol", "/desk/sign-in", "/desk/sign-out", "/desk/language", "/desk/static/x", "/desk/welcome/x"}
"""For anybody. `/demo/` is for anybody where the data are a sample, and not there elsewhere."""


def routes(world: World, method: str) -> Iterator[str]:
    for rule in world.app.url_map.iter_rules():
        if method in (rule.methods or ()) and not rule.rule.startswith(("/api/", "/app", "/.well-known/")):
            path = re.sub(r"<id:\w+>", "a" * 16, rule.rule)
            yield re.sub(r"<[^>]*>", "x", path)


def test_without_a_session_every_route_leads_to_the_sign_in(world: World, desk: MakeDesk) -> None:
    one, asked = desk(), 0
    for path in routes(world, "GET"):
        if path not in OPEN and not path.startswith("/demo/"):
            answer = one.http.get(path)
            assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/desk/sign-in"), path
            asked += 1
    assert asked > 25


def test_a_form_without_the_page_s_token_is_refused_on_every_route(world: World, desk: MakeDesk) -> None:
    """Also with a session: a browser sends its cookie along with what another site has it send."""
    one, asked = desk("quantri"), 0
    for path in routes(world, "POST"):
        assert one.http.post(path, data={"x": "y"}).status_code == 400, path
        asked += 1
    assert asked > 20


@pytest.mark.parametrize("path", ["queue", "figures", "people", "report", "rescue", "records/new", "checklist", "jobs"])
def test_every_page_has_its_way_out(desk: MakeDesk, path: str) -> None:
    one = desk("tinh")
    one.get(f"/desk/{path}")
    assert one.status == 200
    assert one.has_form("/desk/sign-out")


def test_who_signs_in_again_ends_the_session_before(desk: MakeDesk) -> None:
    """Also another person's at the same browser: no copy of its cookie is worth anything then."""
    one = desk()
    one.sign_in("huyen")
    before = one.http.get_cookie("session")
    one.sign_in("tinh")
    after = one.http.get_cookie("session")
    assert "Cán bộ tổng hợp tỉnh" in one.get("/desk/queue")
    assert before.value != after.value
    one.http.set_cookie("session", before.value)
    one.get("/desk/queue")
    assert one.status == 303
    one.http.set_cookie("session", after.value)
    one.get("/desk/queue")
    assert one.status == 200
