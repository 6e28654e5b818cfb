"""Two records whose photos look alike, side by side: the copy turned, mirrored and cut as its original lies."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from flask import render_template, send_file
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.desk.guard import guarded, officer_id
from server.models import Photo
from server.services.hints.reading import pair_of
from server.services.likeness import laying
from server.services.likeness.laying import Laying
from server.services.photos import photo_index
from server.services.review import dossier
from server.services.review.dossier import Dossier
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("alike")


@dataclass(frozen=True, slots=True)
class AlikeSide:
    """A record, its photo's key, and the size that can be shown: `full`, `thumb` or none.

    `blob`: its key in the store, if it is there in full. `is_later`: the copy, as far as one can tell.
    """

    it: Dossier
    key: str
    size: str
    blob: str
    is_later: bool


@bp.get("/records/<id:record>/alike/<id:other>")
def show(record: str, other: str) -> str:
    """Show the photos and facts of both. Answers 404 if they are not known to look alike, or are out of reach."""
    with reading() as session:
        sides = _sides(session, record, other)
        return render_template("desk/hints/alike.html", sides=sides, how=_how(session, sides))


@bp.get("/records/<id:record>/alike/<id:other>/photo")
def laid(record: str, other: str) -> Response:
    """Send the photo that lies otherwise, laid as the other; 404 if they lie alike, or it is damaged."""
    with reading() as session:
        sides = _sides(session, record, other)
        how = _how(session, sides)
        if how is None:
            raise Problem("not_found")
        frame = session.get_one(Photo, sides[1 - how.which].blob)
        size = frame.width, frame.height
    file = installed().blobs.open(sides[how.which].blob)
    if file is None:
        raise Problem("not_found")
    try:
        with file:
            made = laying.picture(file, how, size)
    except (OSError, Unfit) as damaged:
        raise Problem("not_found") from damaged
    response = send_file(BytesIO(made), "image/jpeg")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _sides(session: Session, record: str, other: str) -> list[AlikeSide]:
    scope = Scope(session, officer_id())
    here, there = (dossier.read(session, scope, id_) for id_ in (record, other))
    pair = pair_of(session, record, other)
    if not pair:
        raise Problem("not_found")
    came = [each.history[-1].stamp.received_at for each in (here, there)]
    later = 0 if came[0] >= came[1] else 1
    return [
        _side(session, scope, each, key, is_later=nth == later)
        for nth, (each, key) in enumerate(zip((here, there), pair, strict=True))
    ]


def _side(session: Session, scope: Scope, it: Dossier, key: str, *, is_later: bool) -> AlikeSide:
    photo = next((each for each in it.photos if each.key == key), None)
    size = photo.state if photo and photo.state in ("full", "thumb") else ""
    found = photo_index.find(session, scope, it.record.id, key, "full") if size == "full" else []
    return AlikeSide(it, key, size, found[0].key if found else "", is_later)


def _how(session: Session, sides: list[AlikeSide]) -> Laying | None:
    hashes = [each.blob for each in sides]
    if not all(hashes) or hashes[0] == hashes[1]:
        return None
    return laying.of_pair(session, hashes, later=0 if sides[0].is_later else 1)
