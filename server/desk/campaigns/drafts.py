"""A campaign in preparation: the letter beside the fields, then a preview with files and the act that publishes it.

A proposal read off the letter is only a filled-in input. It becomes part of the campaign by the last step of the page,
which shows all that will be published once more; what was worked out and not just read has a box of its own to tick.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from flask import flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.desk.access import again
from server.desk.campaigns import fields, marked
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Bare, FileForm, Inputs, among, whole_form
from server.desk.shapes import Done, changes, lead_on, reads
from server.desk.words import error, t
from server.errors import status_of
from server.models import LetterDraft, Unit
from server.services.campaigns import expected
from server.services.campaigns.files import BadFile
from server.services.letters import drafts, extraction, facts, publishing
from server.services.letters.recognition import reading as recognition
from server.services.letters.understanding import CheckedLetter
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("drafts")
PREVIEW: Final = "preview"
"""The second step: all that will be published."""


class DraftAsked(Inputs):
    """Which step of a draft is asked for; whether the form says what is wrong with it."""

    step: Annotated[str, among((PREVIEW,))]
    check: Bare


class DraftForm(FileForm):
    """Beside a campaign's own inputs: the button, and what is done to files."""

    act: str
    use: str
    remove: str
    answer: str


@bp.get("/campaigns/drafts/<id:draft>")
def edit(draft: str) -> str | Response:
    """Show a draft's form beside its letter; with `check` also what is still wrong with it; then the preview."""
    asked = DraftAsked.asked()
    if asked.step == PREVIEW:
        return _preview(draft)
    with reading() as session:
        scope = Scope(session, officer_id())
        row = drafts.get(session, scope, draft)
        faults = publishing.checked(session, scope, row).faults if asked.check else {}
        return _form(session, row, faults)


@bp.post("/campaigns/drafts/<id:draft>")
def save(draft: str) -> Response:
    """Keep what was typed; for the preview it must be right, too."""
    with writing() as session:
        scope = Scope(session, officer_id())
        row = drafts.get(session, scope, draft, lock=True)
        drafts.save(session, scope, row, fields.typed(whole_form()))
    if DraftForm.sent().act == "save":
        return lead_on(url_for("drafts.edit", draft=draft), t("done.draft_saved"))
    return _checked(draft) or redirect(url_for("drafts.edit", draft=draft, step=PREVIEW), 303)


@reads
def _checked(session: Session, scope: Scope, draft: str) -> Response | None:
    """Return the form with its faults; None if there are none."""
    row = drafts.get(session, scope, draft)
    faults = publishing.checked(session, scope, row).faults
    return make_response(_form(session, row, faults), 422) if faults else None


@reads
def _preview(session: Session, scope: Scope, draft: str, problem: str = "") -> str | Response:
    """Show what will be published, as phones will show it, and its files; a draft with faults goes back to its form."""
    row = drafts.get(session, scope, draft)
    made = publishing.checked(session, scope, row)
    if made.faults:
        return redirect(url_for("drafts.edit", draft=draft, check=1), 303)
    return render_template(
        "desk/campaigns/preview.html",
        draft=row,
        unit=session.get_one(Unit, row.unit_id),
        new=made.new,
        letter=made.letter,
        outline=made.letter.outline or facts.OUTLINE,
        files=drafts.files_of(session, row),
        show=fields.preview(made.new),
        expected_own=expected.lines(session, made.new.expected),
        problem=problem,
    )


@bp.post("/campaigns/drafts/<id:draft>/files")
def add_file(draft: str) -> Response:
    """Add a script or a design to the draft, answer for one, or take one away."""
    sent = DraftForm.sent()
    with sent.kept() as path:
        with reading() as session:  # whose draft it is, before a file is opened
            drafts.get(session, Scope(session, officer_id()), draft)
        try:
            other = sent.remove or sent.answer
            new = None if other else fields.new_file(whole_form(), sent.file_name, path)
            with writing() as session:
                row = drafts.get(session, Scope(session, officer_id()), draft, lock=True)
                if sent.remove:
                    drafts.remove_file(session, row, sent.remove)
                elif new is None:
                    drafts.answer(session, row, sent.answer, fields.hotline(whole_form()))
                else:
                    drafts.add_file(session, installed().blobs, row, new)
        except (BadFile, Unfit) as refused:
            return _refused(draft, refused.code if isinstance(refused, Unfit) else "campaign_file")
    return lead_on(url_for("drafts.edit", draft=draft, step=PREVIEW, _anchor=sent.use or None), t("done.files_changed"))


@bp.post("/campaigns/drafts/<id:draft>/outline")
def outline(draft: str) -> Response:
    """Take the outline of the report from an uploaded list, a heading in each line."""
    sent = DraftForm.sent()
    with reading() as session:  # whose draft it is, before a file is unpacked
        drafts.get(session, Scope(session, officer_id()), draft)
    try:
        with sent.kept(empty=True) as path:
            text = extraction.text_of(path, sent.file_name)
    except Problem as problem:
        return _refused(draft, problem.code)
    sections, parts = fields.headings(text)
    with writing() as session:
        scope = Scope(session, officer_id())
        row = drafts.get(session, scope, draft, lock=True)
        drafts.save(session, scope, row, row.values | {"outline": sections})
    if parts:
        flash(t("preview.outline_parts", parts="; ".join(parts)))
    return _checked(draft) or redirect(url_for("drafts.edit", draft=draft, step=PREVIEW), 303)


def _refused(draft: str, code: str) -> Response:
    return make_response(_preview(draft, error(code)), status_of(code))


@bp.post("/campaigns/drafts/<id:draft>/publish")
@again.first
def publish(draft: str) -> Response:
    """Publish the campaign. A second click finds it published."""
    with reading() as session:
        row = session.get(LetterDraft, draft)
        text = row.text if row and row.officer_id == officer_id() else ""
    sure = publishing.sure_of(text)
    with writing() as session:
        made = publishing.publish(session, Scope(session, officer_id()), draft, sure)
        if isinstance(made, CheckedLetter):
            return redirect(url_for("drafts.edit", draft=draft, check=1), 303)
    return lead_on(url_for("letter.show", campaign=draft), t("done.campaign_published"))


@bp.post("/campaigns/drafts/<id:draft>/drop")
@changes
def drop(session: Session, scope: Scope, draft: str) -> Done:
    """Delete the draft."""
    drafts.drop(session, drafts.get(session, scope, draft, lock=True))
    return Done(url_for("campaigns.show"), t("done.draft_dropped"))


def _form(session: Session, row: LetterDraft, faults: dict[str, str]) -> str:
    read = recognition.read(row.text)
    sources = marked.sources(read, facts.READ_INTO)
    proposals = facts.worked_out(read)
    shown_fields: dict[str, Any] = fields.shown(row.values, faults, drafts.levels(session, row.unit_id))
    return render_template(
        "desk/campaigns/draft.html",
        draft=row,
        units=drafts.units(session, Scope(session, officer_id())),
        pieces=list(marked.pieces(read)) if row.text else [],
        sources=sources,
        unsure={name for name, proposal in proposals.items() if row.values.get(name, "") == proposal},
        missing=fields.missing(sources) if row.text else {},
        partly=read.value("dated_partly"),
        symbol=read.value("symbol"),
        unplaced=[f"“{each.value}”" for each in read.every("unplaced")],
        **shown_fields,
    )
