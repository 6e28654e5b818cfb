"""A record's page, its photos and its documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import new_id
from server.core.db import reading
from server.core.problem_details import Problem
from server.desk import list_filter
from server.desk.drafting import new_form
from server.desk.faces import marking
from server.desk.guard import guarded, officer_id
from server.desk.hints import sentences
from server.desk.inputs import Inputs
from server.desk.review import adds
from server.desk.review.cards import cards
from server.desk.review.results_url import HERE
from server.desk.shapes import reads
from server.desk.words import error
from server.document_answers import send_document
from server.errors import status_of
from server.photo_answers import send_picture
from server.services.faces import marks
from server.services.photos import photo_index, record_documents
from server.services.photos.computer_photos import FILE_BYTES
from server.services.recovery import missing
from server.services.review import dossier, same_day
from server.services.review import queue as lists
from server.services.units.scope import Scope
from server.serving.every_request import PHOTO_FILES
from server.serving.installation import installed
from sync.protocol import PHOTO_BYTES, PHOTO_KEY_LENGTH

bp = guarded("records")
_KEY = re.compile(f"[0-9a-f]{{{PHOTO_KEY_LENGTH}}}")
_FROM = 2_000
"""Characters of a list's query: a text of 200 letters is 1,200 in it."""


class RecordAsked(Inputs):
    """A step of the page: one of its photos, to say what may leave the review of it. `paper`: for which report."""

    photo: str
    paper: str


@bp.get("/records/<id:record>")
def show(record: str) -> Response:
    """Show the whole record, with the forms that act on it, or one photo to be marked."""
    asked = RecordAsked.asked()
    if asked.photo:
        return make_response(marking.show_photo(record, asked.photo, asked.paper, _whole(BackForm.asked().from_)))
    return show_record(record)


@bp.get("/records/<id:record>/photos/<key>/<size>")
def photo(record: str, key: str, size: str) -> Response:
    """A photo, read by record and never by hash (SPEC P-7)."""
    if size not in ("thumb", "full") or not _KEY.fullmatch(key):
        raise Problem("not_found")
    with reading() as session:
        scope = Scope(session, officer_id())
        found = photo_index.find(session, scope, record, key, size)
    return send_picture(installed().blobs, found)


@bp.get("/records/<id:record>/documents/<key>")
def document(record: str, key: str) -> Response:
    """Send a PDF as a file to keep, read by record and never by hash (SPEC P-19)."""
    with reading() as session:
        found = record_documents.find(session, Scope(session, officer_id()), record, key)
    return send_document(installed().blobs, found)


class BackForm(Inputs):
    """The query of the list that a record was opened from."""

    from_: str


def to_record(record: str) -> Response:
    """Redirect to the record's page after a form, keeping the list it was opened from."""
    back: dict[str, Any] = {"from": BackForm.sent().from_ or None}
    return redirect(url_for("records.show", record=record, **back), 303)


def _back(came_from: str, campaign: str) -> str:
    """Return the list that the record was opened from; by default the queue."""
    if came_from.startswith(HERE):
        return f"{url_for('results.show')}?{came_from.removeprefix(HERE)}"
    return url_for("queue.show") + (f"?{came_from}" if came_from else f"?campaign={campaign}")


def _whole(came_from: str) -> str:
    """Return the list's query, of a very long one without what does not fit: half a value is no filter."""
    return came_from if len(came_from) <= _FROM else came_from[:_FROM].rpartition("&")[0]


@dataclass(frozen=True, slots=True)
class Adding:
    """What came of files from a computer that were not all added: why, each bad one with the reason, how many were."""

    problem: str
    bad: Sequence[tuple[str, str]]
    added: int


@reads
def show_record(
    session: Session,
    scope: Scope,
    record: str,
    code: str = "",
    typed: dict[str, Any] | None = None,
    *,
    said: str = "",
    adding: Adding | None = None,
) -> Response:
    """Return the page; after a refusal with the typed values and the code's sentence, or `said`, or `adding`.

    It is drawn again, so that nobody decides on something unseen.
    """
    came_from = _whole(BackForm.either().from_)
    found = dossier.read(session, scope, record)
    others = same_day.same_day(session, found.record)
    of_results = came_from.startswith(HERE)
    wanted = lists.QueueFilter() if of_results else list_filter.read_text(came_from)
    wanted_here = wanted if wanted.campaign == found.campaign.id else lists.QueueFilter()
    body = render_template(
        "desk/review/record.html",
        it=found,
        campaign=found.campaign,
        others=others,
        cards=cards(session, scope, found.campaign, others),
        not_back=missing.of_record(session, record, found.unit.id),
        given={file.id: file for file in found.campaign.files},
        hints=sentences.lines(session, scope, found),
        faces=marks.of(session, [record]),
        may_mark=marks.may_mark(scope, found.unit.id),
        adds=adds.of_records(session, scope, [(found.record, found.state)]).get(found.record.id, ""),
        came_from=came_from,
        back=_back(came_from, found.campaign.id),
        ends_with=None if of_results else lists.ends_with(session, scope, found.campaign, wanted_here),
        following=None if of_results else lists.next_one(session, scope, found.campaign, wanted_here, record),
        draft=lambda: new_form(found.state).text,  # each form makes its own write
        problem=said or (error(code) if code else ""),
        code=code,
        typed=typed or {},
        message_id=new_id(),  # sent twice, it is said once
        adding=adding,
        files_draft=new_form().text,
        most=PHOTO_FILES,
        megabytes=FILE_BYTES // 1024 // 1024,
        documents_most=found.kind.documents if found.kind else 0,
        document_megabytes=PHOTO_BYTES // 1024 // 1024,
    )
    return make_response(body, status_of(code) if code else 422 if adding else 200)
