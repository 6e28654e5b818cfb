"""All campaigns one sees, one's drafts, and the ways to begin a new one: a letter, its text, an earlier campaign."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from flask import make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.guard import guarded, officer_id
from server.desk.inputs import ChosenFile, FileForm
from server.desk.shapes import reads
from server.desk.words import error
from server.errors import headers_of, status_of
from server.services.campaigns import choices
from server.services.letters import drafts, extraction, facts, originals
from server.services.letters.originals import OriginalFile
from server.services.letters.recognition import reading as recognition
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("campaigns")


class BeginForm(FileForm):
    """How a draft begins: from a file, a pasted text, an earlier campaign, or empty."""

    text: str
    earlier: str
    act: str


@bp.get("/campaigns")
def show() -> str:
    """Show the campaigns and drafts, and how to begin one."""
    return _page()


@bp.post("/campaigns/drafts")
def begin() -> Response:
    """Make a draft from a file, from pasted text, from an earlier campaign, or an empty one."""
    sent = BeginForm.sent()
    try:
        with sent.kept() as path, ExitStack() as open_:
            letter, file = _letter(sent.file, sent.text, path)
            session = open_.enter_context(writing())
            scope = Scope(session, officer_id())
            if letter:
                draft = drafts.from_letter(session, scope, letter, file, installed().blobs)
            elif sent.earlier:
                draft = drafts.from_campaign(session, scope, sent.earlier)
            elif sent.act == "empty":
                draft = drafts.begin(session, scope, facts.blank())
            else:
                raise Problem("letter_empty")  # noqa: TRY301  # answered like a file without text
            id_ = draft.id
    except Problem as problem:
        if not problem.code.startswith(("letter_", "document_", "too_many_drafts", "unavailable")):
            raise
        said = "" if problem.code == "letter_secret" else sent.text  # not even shown once more
        return make_response(_page(problem.code, said), status_of(problem.code), headers_of(problem))
    return redirect(url_for("drafts.edit", draft=id_), 303)


def _letter(file: ChosenFile | None, pasted: str, path: Path) -> tuple[recognition.Reading | None, OriginalFile | None]:
    """Return the letter as read and its file; None if there is none. It is read outside of any transaction.

    Raises Problem, before any work, for an officer who may not begin a draft.
    """
    if file is None and not pasted.strip():
        return None, None
    with reading() as session:
        drafts.may_begin(session, Scope(session, officer_id()))
    if file is None:
        return recognition.read(extraction.checked(pasted)), None
    name = Path(file.name).name
    read = recognition.read(extraction.text_of(path, name))
    return read, originals.original(path, name)


@reads
def _page(session: Session, scope: Scope, code: str = "", pasted: str = "") -> str:
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
