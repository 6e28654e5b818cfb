"""Two records whose photos look alike, side by side."""

from __future__ import annotations

from flask import render_template

from server.core.db import reading
from server.core.problem_details import Problem
from server.desk import page
from server.desk.guard import guarded, officer_id
from server.services.hints.reading import pair_of
from server.services.review import dossier
from server.services.review.dossier import Dossier
from server.services.units.scope import Scope

bp = guarded("alike")
bp.before_request(page.before)


@bp.get("/records/<id:record>/alike/<id:other>")
def show(record: str, other: str) -> str:
    """Show the photos and facts of both. Answers 404 if they are not known to look alike, or are out of reach."""
    with reading() as session:
        scope = Scope(session, officer_id())
        here, there = (dossier.read(session, scope, id_) for id_ in (record, other))
        pair = pair_of(session, record, other)
        if not pair:
            raise Problem("not_found")
        sides = [_side(each, key) for each, key in zip((here, there), pair, strict=True)]
        return render_template("desk/hints/alike.html", sides=sides)


def _side(it: Dossier, key: str) -> tuple[Dossier, str, str]:
    """Return the record, the photo's key, and the size that can be shown: `full`, `thumb` or none."""
    photo = next((each for each in it.photos if each.key == key), None)
    size = photo.state if photo and photo.state in ("full", "thumb") else ""
    return it, key, size
