"""All campaigns one sees, one's drafts, and the ways to begin a new one: a letter, its text, an earlier campaign."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
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
from server.services.letters import drafts, extraction, facts, originals
from server.services.letters.originals import OriginalFile
from server.services.letters.recognition import reading as recognition
from server.services.units.scope import Scope
from server.serving.installation import installed

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
        with tempfile.TemporaryDirectory(prefix="loa-letter-") as folder, ExitStack() as open_:
            letter, file = _letter(request.files.get("file"), pasted, Path(folder))
            session = open_.enter_context(writing())
            scope = Scope(session, officer_id())
            earlier = request.form.get("earlier", "")
            if letter:
                draft = drafts.from_letter(session, scope, letter, file, installed().blobs)
            elif earlier:
                draft = drafts.from_campaign(session, scope, earlier)
            elif request.form.get("act") == "empty":
                draft = drafts.begin(session, scope, facts.blank())
            else:
                raise Problem("letter_empty")  # noqa: TRY301  # answered like a file without text
            id_ = draft.id
    except Problem as problem:
        if not problem.code.startswith(("letter_", "document_", "too_many_drafts", "unavailable")):
            raise
        said = "" if problem.code == "letter_secret" else pasted  # not even shown once more
        return make_response(_page(problem.code, said), status_of(problem.code), headers_of(problem))
    return redirect(url_for("drafts.edit", draft=id_), 303)


def _letter(
    file: FileStorage | None, pasted: str, folder: Path
) -> tuple[recognition.Reading | None, OriginalFile | None]:
    """Return the letter as read and its file; None if there is none. It is read outside of any transaction.

    Raises Problem, before any work, for an officer who may not begin a draft.
    """
    if not (file and file.filename) and not pasted.strip():
        return None, None
    with reading() as session:
        drafts.may_begin(session, Scope(session, officer_id()))
    if not (file and file.filename):
        return recognition.read(extraction.checked(pasted)), None
    path, name = folder / "letter", Path(file.filename).name
    file.save(path)
    file.close()  # a large one is a temporary file
    read = recognition.read(extraction.text_of(path, name))
    return read, originals.original(path, name)


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
