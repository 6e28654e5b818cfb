"""Every route of the desk: closed to strangers, no form of another site, and a way out on every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection, event

from server.core.db import db
from server.desk import where
from server.errors import status_of
from server.rights import HOLDER, Way, calls, row_of
from server.services.units.scope import ADMIN
from support.clients.desk import MakeDesk
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

OPEN = {"/", "/enrol", "/desk/sign-in", "/desk/sign-out", "/desk/language", "/desk/static/x"}
OPEN |= {"/desk/welcome/x", "/desk/exports/link/x.csv", "/metrics", "/desk/kit", "/desk/kit/themes.css"}
"""For anybody; `/metrics` on this machine alone (test_checks.py). `/demo/` and the kit are for anybody where the data
are a sample, and not there elsewhere. `/class/` is for who has the address of a training day (test_training.py)."""


def addresses(world: World) -> Iterator[tuple[tuple[str, str], str]]:
    for rule in world.app.url_map.iter_rules():
        if not rule.rule.startswith(("/api/", "/app", "/.well-known/")):
            path = re.sub(r"<[^>]*>", "x", re.sub(r"<id:\w+>", "a" * 16, rule.rule))
            yield from (((rule.endpoint, method), path) for method in rule.methods or ())


def routes(world: World, method: str) -> Iterator[str]:
    return (path for (_, its), path in addresses(world) if its == method)


def test_no_page_reads_its_frame_twice(world: World) -> None:
    """What reads it: `guarded` itself, or `page.before` of pages without it."""
    before = {name: [each.__qualname__ for each in found] for name, found in world.app.before_request_funcs.items()}
    reading = {name: [each for each in found if each in ("before", "_frame")] for name, found in before.items() if name}
    assert len(reading) > 50
    assert {name: found for name, found in reading.items() if len(found) > 1} == {}


def test_without_a_session_every_route_leads_to_the_sign_in(world: World, desk: MakeDesk) -> None:
    one, asked = desk(), 0
    for path in routes(world, "GET"):
        if path not in OPEN and not path.startswith(("/demo/", "/class/")):
            answer = one.http.get(path)
            assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/desk/sign-in"), path
            asked += 1
    assert asked > 25


@pytest.mark.slow
def test_a_form_without_the_page_s_token_is_refused_on_every_route(world: World, desk: MakeDesk) -> None:
    """Also with a session: a browser sends its cookie along with what another site has it send.

    Whoever has none of the roles of a route does not come that far.
    """
    one, asked = desk("quantri"), 0
    for route, method in calls(world.app):
        row = row_of(route, method)
        if method != "POST" or row.way is Way.DEVICE or route == "enrolment.Enrolment":
            continue
        path = next(path for rule, path in addresses(world) if rule == (route, method))
        comes_in = not row.who or not {"", ADMIN, HOLDER}.isdisjoint(row.who)
        wanted = 400 if comes_in else status_of(row.others)
        assert one.http.post(path, data={"x": "y"}).status_code == wanted, path
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
    before = one.cookie("session")
    one.sign_in("tinh")
    after = one.cookie("session")
    assert "Cán bộ tổng hợp tỉnh" in one.get("/desk/queue")
    assert before != after
    one.http.set_cookie("session", before)
    one.get("/desk/queue")
    assert one.status == 303
    one.http.set_cookie("session", after)
    one.get("/desk/queue")
    assert one.status == 200


@pytest.mark.slow
def test_what_is_sent_twice_is_judged_and_used_as_one(world: World, desk: MakeDesk) -> None:
    """The first value counts for the question of rights and for the page; a query does not fill in for a form."""
    one, own, foreign = desk("huyen"), world.units["331"], world.units["333"]
    for page in ("figures", "queue", "report", "figures/give", "figures.csv"):
        rest = f"campaign={world.campaign}&unit={own}&unit={foreign}"
        assert "Phù Cừ" not in one.get(f"/desk/{page}?{rest}"), page
        assert one.status == 200, page
        one.get(f"/desk/{page}?campaign={world.campaign}&unit={foreign}&unit={own}")
        assert one.status == 404, page
    two = desk()
    two.get("/desk/sign-in?username=tinh&password=x")
    form = two.form("/desk/sign-in")
    form.action += "?username=tinh&next=//evil.example"
    assert two.post(form, username=["huyen", "tinh"], password=[PASSWORD, "x"]).status_code == 303
    assert two.location == "/desk/"
    assert "Người duyệt huyện Kim Động" in two.get("/desk/queue")


def test_a_page_takes_few_transactions(world: World, desk: MakeDesk) -> None:
    """The session, its officer, what every page shows, and the page's own."""
    one = desk("huyen")
    one.get("/desk/account")
    begun: list[Connection] = []

    def note(connection: Connection) -> None:
        begun.append(connection)

    with world.app.app_context():
        event.listen(db.engine, "begin", note)
        one.get("/desk/account")
        event.remove(db.engine, "begin", note)
    assert one.status == 200
    assert 1 < len(begun) <= 4


def test_each_form_leads_back_to_a_page_of_its_own(world: World) -> None:
    """After an ended session, or another proof, nobody is at the start for want of a line in where.py."""
    app, lost = world.app, []
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or row_of(rule.endpoint, "POST").way is not Way.DESK:
            continue
        with app.test_request_context(re.sub(r"<[^>]*>", "a" * 16, rule.rule), method="POST"):
            to = app.url_map.bind("localhost").match(urlsplit(where.here()).path)[0]
        lost += [rule.endpoint] if to == "start.show" else []
    assert lost == []


@pytest.mark.parametrize("act", ["edit", "save", "settle"])
def test_a_text_that_is_written_in_place_leads_back_to_the_page_of_the_report(world: World, act: str) -> None:
    here = {"campaign": world.campaign, "unit": world.units["331"]}
    paper = "a" * 16
    for sent, page in (
        (here | {"here": "1"}, f"/desk/report?campaign={here['campaign']}&unit={here['unit']}"),
        ({"paper": paper, "here": "1"}, f"/desk/papers/{paper}"),
        (here, f"/desk/texts?campaign={here['campaign']}&unit={here['unit']}"),
        ({"paper": paper}, f"/desk/texts?paper={paper}"),
    ):
        with world.app.test_request_context(f"/desk/texts/{act}", method="POST", data=sent):
            assert where.here() == page
