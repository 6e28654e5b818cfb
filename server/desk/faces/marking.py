"""A photo before it leaves the review: is a child's face in it, what is covered, is it left out; a campaign's rule.

The photo has no page of its own: marking it is a step of its record's page (`?photo=`).
"""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Any, Final

from flask import flash, make_response, redirect, render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, among
from server.desk.words import t
from server.services.faces import marks, masking
from server.services.faces.marks import PhotoAnswer
from server.services.photos import photo_index
from server.services.reports.content import ReportPhoto
from server.services.reports.workflow import paper_documents, papers
from server.services.review import dossier
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("faces")
YES, NO, OPEN = "yes", "no", ""
SHOWN: Final = ("full", "thumb")
ANSWERS: Final = {YES: True, NO: False, OPEN: None}


class FaceForm(Inputs):
    """What a person says of a photo. `seen`: the number of the mark on the screen; `paper`: the report it is for."""

    photo: str
    face: Annotated[str, among(ANSWERS)]
    unused: bool
    parts: str
    seen: int
    paper: str
    from_: str


class FaceRuleForm(Inputs):
    """A campaign's rule."""

    rule: str


def show_photo(record: str, key: str, paper: str, came_from: str, refused: PhotoAnswer | None = None) -> str:
    """Return the page on which one photo of a record is marked. Raises Problem `not_found`.

    `refused`: what was sent after somebody else had said something of it.
    """
    with reading() as session:
        scope = Scope(session, officer_id())
        it = dossier.read(session, scope, record)
        shown = enumerate(it.photos, 1)
        place, photo = next(((nth, each) for nth, each in shown if each.key == key and each.state in SHOWN), (0, None))
        if photo is None or not marks.may_mark(scope, it.unit.id):
            raise Problem("not_found")
        standing = marks.of(session, [record]).get((record, key), marks.NOTHING)
        rule = marks.rule_of(session, it.campaign.id)
        return render_template(
            "desk/faces/photo.html",
            it=it,
            photo=photo,
            place=place,
            said=refused or standing,
            standing=standing,
            refused=refused is not None,
            rule=rule,
            goes=marks.going(rule, standing),
            paper=paper,
            left=len(_open_ones(session, scope, paper)),
            came_from=came_from,
        )


def _open_ones(session: Session, scope: Scope, paper: str) -> list[ReportPhoto]:
    """Return the photos of a report that nobody has answered for; none without a report."""
    return paper_documents.unanswered(session, scope, papers.get(session, scope, paper)) if paper else []


@bp.post("/records/<id:record>/photos/faces")
def mark(record: str) -> Response:
    """Store what a person says of a photo; then the next one of the report that asks, else back."""
    sent = FaceForm.sent()
    said = PhotoAnswer(ANSWERS[sent.face], sent.unused, marks.read_parts(sent.parts), sent.seen)
    with writing() as session:
        scope = Scope(session, officer_id())
        stored = marks.mark(session, scope, record, sent.photo, said)
        following = _open_ones(session, scope, sent.paper) if stored else []
    if not stored:
        return make_response(show_photo(record, sent.photo, sent.paper, sent.from_, said), 409)
    flash(t("done.photo_marked"))
    if following:
        first = following[0]
        return redirect(url_for("records.show", record=first.record_id, photo=first.key, paper=sent.paper), 303)
    if sent.paper:
        return redirect(url_for("papers.show", paper=sent.paper, _anchor="step"), 303)
    back: dict[str, Any] = {"from": sent.from_ or None}
    return redirect(url_for("records.show", record=record, _anchor="photos", **back), 303)


@bp.get("/records/<id:record>/photos/<key>/covered")
def covered(record: str, key: str) -> Response:
    """Send a copy of the photo with its parts covered, made for this answer; 404 if nothing of it is."""
    with reading() as session:
        scope = Scope(session, officer_id())
        found = photo_index.find(session, scope, record, key, "full") + photo_index.find(
            session, scope, record, key, "thumb"
        )
        parts = marks.of(session, [record]).get((record, key), marks.NOTHING).parts
    if not parts:
        raise Problem("not_found")
    for each in found:
        file = installed().blobs.open(each.key)
        if file is None:
            continue
        try:
            with file:
                made = masking.small_copy(file, parts, masking.PIXELS)
        except (OSError, Unfit):
            continue
        response = send_file(BytesIO(made), "image/jpeg")
        response.headers["Cache-Control"] = "private, no-store"
        return response
    raise Problem("not_found")


@bp.post("/campaigns/<id:campaign>/faces")
def rule(campaign: str) -> Response:
    """Set the campaign's rule for photos that leave the review."""
    with writing() as session:
        marks.set_rule(session, Scope(session, officer_id()), campaign, FaceRuleForm.sent().rule)
    flash(t("done.face_rule"))
    return redirect(url_for("amend.show", campaign=campaign, _anchor="faces"), 303)
