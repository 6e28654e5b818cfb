"""All campaigns one sees, one's drafts, and the ways to begin a new one: a letter, its text, an earlier campaign."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import page
from server.desk.guard import guarded, officer_id
from server.desk.words import error
from server.errors import headers_of, status_of
from server.services.campaigns import choices
from server.services.letters import drafts, extraction, facts
from server.services.letters.recognition import reading as recognition
from server.services.units.scope import Scope

bp = guarded("campaigns")
bp.before_request(page.before)


@bp.get("/campaigns")
def show() -> str:
    """Show the campaigns and drafts, and how to begin one."""
    return _page()


@bp.post("/campaigns/drafts")
def begin() -> Response:
    """Make a draft from a file, from pasted text, from an earlier campaign, or an empty one."""
    pasted = request.form.get("text", "")
    try:
        letter, name = _letter(request.files.get("file"), pasted)
        with writing() as session:
            scope = Scope(session, officer_id())
            earlier = request.form.get("earlier", "")
            if letter:
                draft = drafts.from_letter(session, scope, letter, name)
            elif earlier:
                draft = drafts.from_campaign(session, scope, earlier)
            elif request.form.get("act") == "empty":
                draft = drafts.begin(session, scope, facts.blank())
            else:
                raise Problem("letter_empty")  # noqa: TRY301  # answered like a file without text
            id_ = draft.id
    except Problem as problem:
        if not problem.code.startswith(("letter_", "too_many_drafts", "unavailable")):
            raise
        return make_response(_page(problem.code, pasted), status_of(problem.code), headers_of(problem))
    return redirect(url_for("drafts.edit", draft=id_), 303)


def _letter(file: FileStorage | None, pasted: str) -> tuple[recognition.Reading | None, str]:
    """Return the letter as read and the file's name; None if there is no letter. It is read outside of any transaction.

    Raises Problem, before any work, for an officer who may not begin a draft.
    """
    if not (file and file.filename) and not pasted.strip():
        return None, ""
    with reading() as session:
        drafts.may_begin(session, Scope(session, officer_id()))
    if not (file and file.filename):
        return recognition.read(extraction.checked(pasted)), ""
    with tempfile.TemporaryDirectory(prefix="loa-letter-") as folder:
        path = Path(folder) / "letter"
        file.save(path)
        return recognition.read(extraction.text_of(path, file.filename)), Path(file.filename).name


def _page(code: str = "", pasted: str = "") -> str:
    with reading() as session:
        scope = Scope(session, officer_id())
        units = drafts.units(session, scope)
        found = choices.campaigns(session, scope)
        return render_template(
            "desk/campaigns/overview.html",
            campaigns=found,
            may_run=[each for each in found if scope.may_run(each)],
            drafts=drafts.mine(session, scope),
            may_open=bool(units),
            limit=extraction.FILE_BYTES // 1024**2,
            problem=error(code) if code else "",
            pasted=pasted,
        )
