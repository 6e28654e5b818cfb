"""The start page, `/`: the steps from the letter to the report, and links to both front ends."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, render_template, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.desk import guard, page
from server.desk.access import code, entry
from server.desk.figures import heads
from server.desk.inputs import Inputs
from server.services.access import codes
from server.services.figures import road
from server.services.figures.road import Road
from server.services.installation import sample
from server.services.organisation import people
from server.services.review.queue import ALL
from server.services.units.scope import COORDINATOR, OFFICER, REVIEWER
from server.serving.installation import installed

bp = Blueprint("home", __name__)
bp.before_request(guard.check_form)
bp.before_request(page.before)


class YearAsked(Inputs):
    """The year of the units whose sample is shown."""

    year: str


@bp.get("/")
def door() -> str:
    """Show the start page; in a demo with figures for each step, and the role that does it, for one of its trees."""
    with reading() as database:
        trees = sample.trees(database) if g.demo else []
        asked = [tree for tree in trees if str(tree.valid_from.year) == YearAsked.asked().year] or trees
        roles = people.one_of_each_role(database, asked[0].id) if asked else []
        way = road.road(database, asked[0].id) if asked else None
        return render_template(
            "desk/campaigns/home.html",
            roles=roles,
            trees=trees,
            tree=asked[0] if asked else None,
            steps=_steps(way, {role: officer.username for officer, _, role in roles}),
            road=way,
            due=heads.due(way.campaign, way.unit) if way else "",
        )


@dataclass(frozen=True, slots=True)
class RoadStep:
    """One step; in a demo one click signs in as `username` and opens `page`."""

    name: str
    icon: str
    role: str
    username: str
    page: str


def _steps(way: Road | None, usernames: dict[str, str]) -> list[RoadStep]:
    pages = (
        ("letter", "letter", COORDINATOR, url_for("letter.show", campaign=way.campaign.id) if way else ""),
        ("records", "phone", OFFICER, url_for("queue.show", state=ALL)),
        ("review", "counted", REVIEWER, url_for("queue.show")),
        ("report", "report", COORDINATOR, url_for("report.show")),
    )
    return [RoadStep(name, icon, role, usernames.get(role, "") if way else "", at) for name, icon, role, at in pages]


@bp.post("/demo/sign-in/<username>")
def demo(username: str) -> Response:
    """Sign in as a sample person."""
    return entry.enter(entry.demo_officer(username), needs_factor=False)


@bp.post("/demo/code/<username>")
def demo_code(username: str) -> Response:
    """Make a code for a sample person's phone, as the district would read it over the telephone."""
    officer = entry.demo_officer(username)
    with writing() as database:
        made = codes.make_code(database, officer, None, installed().keyring)
    return code.keep({officer: made}, url_for("home.demo_shown", officer=officer))


@bp.get("/demo/code/<id:officer>")
def demo_shown(officer: str) -> Response:  # noqa: ARG001  # the code is kept for this very address
    """Show that code once, with a link to the app."""
    return code.show("desk/access/code.html", back=url_for("home.door"), app=True)
