"""The start page, `/`: the steps from the letter to the report, and links to both front ends."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.desk.access import code, entry
from server.desk.campaigns import tour
from server.desk.figures import heads
from server.desk.inputs import Inputs
from server.desk.page import public
from server.services.access import codes
from server.services.figures import road
from server.services.installation import sample
from server.services.organisation import people
from server.serving.installation import installed

bp = public("home")


class YearAsked(Inputs):
    """The year of the units whose sample is shown."""

    year: str


@bp.get("/")
def door() -> str:
    """Show the start page; in a demo with figures for each step, and the role that does it, for one of its trees."""
    codes = code.taken()
    with reading() as database:
        trees = sample.trees(database) if g.demo else []
        asked = [tree for tree in trees if str(tree.valid_from.year) == YearAsked.asked().year] or trees
        roles = people.one_of_each_role(database, asked[0].id) if asked else []
        way = road.road(database, asked[0].id) if asked else None
        shown = {each.year: each for each in sample.shown(database)} if asked else {}
        return render_template(
            "desk/campaigns/home.html",
            roles=roles,
            trees=trees,
            tree=asked[0] if asked else None,
            steps=tour.steps(shown.get(asked[0].valid_from.year) if asked else None),
            passphrase=sample.CASE_PASSPHRASE,
            road=way,
            due=heads.due(way.campaign, way.unit) if way else "",
            codes=codes,
        )


@bp.post("/demo/sign-in/<username>")
def demo(username: str) -> Response:
    """Sign in as a sample person."""
    return entry.enter(entry.demo_officer(username), needs_factor=False)


@bp.post("/demo/code/<username>")
def demo_code(username: str) -> Response:
    """Make a code for a sample person's phone, as the district would read it over the telephone; shown once."""
    officer = entry.demo_officer(username)
    with writing() as database:
        made = codes.make_code(database, officer, None, installed().keyring)
    return code.keep({officer: made}, url_for("home.door", year=YearAsked.sent().year or None))


@bp.post("/demo/phone/<username>")
def demo_phone(username: str) -> Response:
    """Open the phone app with a fresh code of a sample person: a phone to try out, in this browser."""
    officer = entry.demo_officer(username)
    with writing() as database:
        made = codes.make_code(database, officer, None, installed().keyring)
    return redirect(f"{url_for('enrol_page.show')}#{made}", 303)
