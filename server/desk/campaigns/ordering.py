"""The letters that order a campaign's reports: which one a unit answers, which one it sent, with the original files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from flask import make_response, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.campaigns import letter
from server.desk.guard import guarded, officer_id
from server.desk.inputs import ChosenFile, FileForm
from server.desk.shapes import lead_on, to_keep
from server.desk.words import error, t
from server.errors import status_of
from server.models import Campaign, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.letters import extraction, originals
from server.services.letters.originals import LetterSaid
from server.services.units.scope import Scope
from server.serving.installation import installed
from sync.errors import Refused
from sync.values import is_date

bp = guarded("ordering")


class LetterForm(FileForm):
    """Which letter a unit sent."""

    unit: str
    form: str
    number: str
    dated: str
    issuer: str
    subject: str


@bp.post("/campaigns/<id:campaign>/letters")
def save(campaign: str) -> Response:
    """Say which letter a unit sent, and keep its original file. A secret one is refused, and nothing of it is kept."""
    sent = LetterForm.sent()
    unit = sent.unit
    try:
        with reading() as session:  # whether this person may, before a file is opened
            originals.may_say(session, Scope(session, officer_id()), campaign, unit)
        said = LetterSaid(
            form=sent.form, number=sent.number, dated=_day(sent.dated), issuer=sent.issuer, subject=sent.subject
        )
        with sent.kept() as path:
            file = _original(sent.file, path)
            with writing() as session:
                scope = Scope(session, officer_id())
                row = originals.hold(session, scope, campaign, unit)
                originals.say(session, row, unit, scope.officer_id, said)
                if file:
                    blobs = installed().blobs
                    originals.attach(session, row, unit, scope.officer_id, file, blobs)
    except (Problem, Refused) as refused:
        if refused.code in ("not_found", "forbidden"):
            raise
        return make_response(letter.page(campaign, unit, error(refused.code)), status_of(refused.code))
    return lead_on(url_for("letter.show", campaign=campaign, unit=unit, _anchor="letters"), t("done.ordering_saved"))


def _day(typed: str) -> date | None:
    if typed.strip() and not is_date(typed):
        raise Problem("bad_request")
    return date.fromisoformat(typed) if typed.strip() else None


def _original(file: ChosenFile | None, path: Path) -> originals.OriginalFile | None:
    """Return the chosen file once its text was read, so that no secret is kept; None if none was chosen."""
    if file is None:
        return None
    name = Path(file.name).name
    extraction.text_of(path, name)
    return originals.original(path, name)


@bp.get("/campaigns/<id:campaign>/letters/<id:unit>/file")
def original(campaign: str, unit: str) -> Response:
    """Return the original of a unit's letter, unchanged."""
    with reading() as session:
        found = session.get(Campaign, campaign)
        if found is None or session.get(Unit, unit) is None:
            raise Problem("not_found")
        scope = Scope(session, officer_id())
        row, data = originals.opened(session, scope, found, unit, installed().blobs)
        kind, name, id_ = row.type, row.file_name, row.id
    log.note(Act.EXPORTED, ("file", id_))
    return to_keep(data, kind, name)
