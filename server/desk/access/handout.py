"""One page to hand out to a unit's officers: how to get and use the phone app, in the words of its own help."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import segno
from flask import render_template
from sqlalchemy.orm import Session

from server.desk.guard import guarded
from server.desk.shapes import reads
from server.services.organisation import people
from server.services.units.scope import Scope
from server.serving.every_request import language
from server.serving.installation import installed

bp = guarded("handout")
TOPICS = ("enrol", "form", "sync", "record", "storage")
"""The help topics that fit on one page, in the order of use."""
PICTURES = {name: f"guide/{name}.png" for name in ("enrol", "form", "sync", "record")}
"""The screen of a topic, in the desk's static files; the tour takes them (`tests/support/tour/guide.py`)."""
_HELP = Path(__file__).parents[3] / "sync"


@cache
def topics(lang: str) -> dict[str, Any]:
    """Return the phone's help texts by screen."""
    help_texts: dict[str, Any] = json.loads((_HELP / f"help.{lang}.json").read_text("utf-8"))
    return help_texts


@bp.get("/people/<id:unit>/handout")
@reads
def show(database: Session, scope: Scope, unit: str) -> str:
    """Show the page with the address as a QR code: it contains no enrolment code, so it may hang on a wall."""
    address = f"{installed().settings.public_url}/app/"
    place = people.staffed(database, scope, unit)
    return render_template(
        "desk/access/handout.html",
        unit=place.name,
        address=address,
        picture=segno.make(address, error="m").svg_data_uri(border=0),
        topics=[topics(language())[name] | {"picture": PICTURES.get(name)} for name in TOPICS],
    )
