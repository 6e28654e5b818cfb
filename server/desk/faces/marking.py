"""A photo before it leaves the review: is a child's face in it, what is covered, is it left out; a campaign's rule.

The photo has no page of its own: marking it is a step of its record's page (`?photo=`).
"""

from __future__ import annotations

from collections.abc import Sequence
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
from server.desk.shapes import Done, changes, reads
from server.desk.words import t
from server.services.faces import marks, masking
from server.services.faces.marks import Part, PhotoAnswer
from server.services.photos import photo_index
from server.services.photos.photo_index import PhotoKey
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


@reads
def show_photo(
    session: Session,
    scope: Scope,
    record: str,
    key: str,
    paper: str,
    came_from: str,
    refused: PhotoAnswer | None = None,
) -> str:
    """Return the page on which one photo of a record is marked. Raises Problem `not_found`.

    `refused`: what was sent after somebody else had said something of it.
    """
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
    before = _asked(sent.paper)
    with writing() as session:
        stored = marks.mark(session, Scope(session, officer_id()), record, sent.photo, said)
    if not stored:
        return make_response(show_photo(record, sent.photo, sent.paper, sent.from_, said), 409)
    flash(t("done.photo_marked"))
    after = _asked(sent.paper)
    it = _next(before, after, (record, sent.photo)) if before and after else None
    if it is not None:
        return redirect(url_for("records.show", record=it.record_id, photo=it.key, paper=sent.paper), 303)
    if after is not None:
        return redirect(url_for("papers.show", paper=sent.paper, _anchor="step"), 303)
    back: dict[str, Any] = {"from": sent.from_ or None}
    return redirect(url_for("records.show", record=record, _anchor="photos", **back), 303)


@reads
def _asked(session: Session, scope: Scope, paper: str) -> list[ReportPhoto] | None:
    """Return the photos of a report that ask; None without a report that this person may see."""
    if not paper:
        return None
    try:
        return _open_ones(session, scope, paper)
    except Problem:  # what was said of the photo holds all the same
        return None


def _next(before: list[ReportPhoto], after: list[ReportPhoto], sent: marks.PhotoName) -> ReportPhoto | None:
    """Return the photo that asks next. Who leaves one open goes on to those behind it, and none is shown twice."""
    asking = {(each.record_id, each.key): each for each in after}
    order = [(each.record_id, each.key) for each in before]
    place = order.index(sent) + 1 if sent in order else 0
    behind = [asking[name] for name in order[place:] if name in asking]
    if behind or sent in asking:
        return behind[0] if behind else None
    return after[0] if after else None


@bp.get("/records/<id:record>/photos/<key>/upright")
def upright(record: str, key: str) -> Response:
    """Send the photo as our own copies have it, on which parts are drawn: a browser may turn a photo otherwise."""
    with reading() as session:
        found = _stored(session, record, key)
    return _copy(found, ())


@bp.get("/records/<id:record>/photos/<key>/covered")
def covered(record: str, key: str) -> Response:
    """Send a copy of the photo with its parts covered, made for this answer; 404 if nothing of it is."""
    with reading() as session:
        found = _stored(session, record, key)
        parts = marks.of(session, [record]).get((record, key), marks.NOTHING).parts
    if not parts:
        raise Problem("not_found")
    return _copy(found, parts)


def _stored(session: Session, record: str, key: str) -> list[PhotoKey]:
    """Return where the photo's bytes may be, the best first."""
    scope = Scope(session, officer_id())
    return [each for size in SHOWN for each in photo_index.find(session, scope, record, key, size)]


def _copy(found: Sequence[PhotoKey], parts: Sequence[Part]) -> Response:
    """Send a copy of the first that can be drawn."""
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
@changes
def rule(session: Session, scope: Scope, campaign: str) -> Done:
    """Set the campaign's rule for photos that leave the review."""
    marks.set_rule(session, scope, campaign, FaceRuleForm.sent().rule)
    return Done(url_for("amend.show", campaign=campaign, _anchor="faces"), t("done.face_rule"))
