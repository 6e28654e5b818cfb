"""Documents of a unit in a campaign: ask for one, see how far it is, get it; found again under the report."""

from __future__ import annotations

from typing import Annotated, Any, Final

from flask import render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import local, now_ms
from server.core.db import reading
from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace, asked_place
from server.desk.guard import guarded, officer_id
from server.desk.inputs import ListPageAsked, among, whole_address
from server.desk.jobs.jobs import fault
from server.desk.shapes import Done, changes, reads
from server.desk.units import typed_unit, unit_field
from server.desk.words import t
from server.models import Campaign, Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.campaigns.lifecycle import kinds_of
from server.services.figures.table import MODES
from server.services.reports import content, letterheads
from server.services.reports.documents import asking, dissolved, report_files
from server.services.reports.documents.report_files import PHOTOS, USUAL_PHOTOS
from server.services.reports.snapshot import steps
from server.services.reports.snapshot.freezes import spoken
from server.services.reports.snapshot.locking import HASH_LOGGED
from server.services.reports.workflow import templates
from server.services.review.queue import TODO
from server.services.units.scope import Scope
from server.serving.installation import installed

_LOGGED: Final = {"kind": "kind", "from": "since", "to": "until", "officer": "officer"}
"""Columns of the audit log, with what a table's filter calls them."""
bp = guarded("documents")
ORDER = ("word", "pdf", "beside", "excel", "table", "summary", "log_book", "form", "dossier")


class DocumentForm(SentPlace):
    """Which document is asked for, and what this kind of it needs."""

    kind: str
    freeze: str
    count: Annotated[str, among(MODES)]
    lists: str
    photos: Annotated[str, among([str(each) for each in PHOTOS])]
    annexes: list[str]
    form: str
    from_: str


class DocumentsAsked(ListPageAsked):
    """Which page of a unit's documents, or of which unit that was merged into it."""

    old: str


@bp.get("/report/documents")
@reads
def show(session: Session, scope: Scope) -> str | Response:
    """Show what was asked for, newest first, and the form to ask for more; with `old` what a merged unit left."""
    wanted = SentPlace.asked().campaign
    answer = typed_unit(session, scope, {"campaign": wanted} if wanted else {}, merged=False)
    if answer is not None:
        return answer
    place = asked_place(session, scope)
    if place is None:
        return render_template("desk/no_campaign.html")
    campaign = place.campaign
    unit = scope.today(place.unit)
    asked = DocumentsAsked.asked()
    olds = dissolved.left_units(session, scope, unit)
    if asked.old:
        if asked.old not in {each.id for each in olds}:
            raise Problem("not_found")
        return _left(session, scope, campaign, unit, asked)
    made = asking.listed(session, scope, campaign.id, unit, ORDER, asked.page)
    return render_template(
        "desk/documents/documents.html",
        made=made,
        under_way=any(line.state in ("queued", "running") for line in made.rows),
        link=lambda page: url_for("documents.show", campaign=campaign.id, unit=unit, page=page, _anchor="made"),
        unit=unit,
        olds=olds,
        field=unit_field(session, scope, unit, merged=False),
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        offered=_offered(session, scope, unit),
        forms=templates.offered(session, scope, unit, whole=False),
        freezes=_freezes(session, unit, campaign.id),
        photos=PHOTOS,
        usual_photos=USUAL_PHOTOS,
        annexes=content.ANNEXES,
        usual_annexes=content.USUAL_ANNEXES,
        takes_log=_takes_log(scope, unit, campaign),
        today=local(now_ms()).date().isoformat(),
        fault=fault,
        spoken=spoken,
        chosen=whole_address(),
    )


def _left(session: Session, scope: Scope, campaign: Campaign, unit: str, asked: DocumentsAsked) -> str:
    """Show what a merged unit left in a campaign, to read."""
    return render_template(
        "desk/documents/left.html",
        it=dissolved.left(session, scope, campaign, asked.old, ORDER, asked.page),
        link=lambda page: url_for(
            "documents.show", campaign=campaign.id, unit=unit, old=asked.old, page=page, _anchor="made"
        ),
        unit=session.get_one(Unit, unit),
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        spoken=spoken,
        hands_over=dissolved.may_hand_over(scope, asked.old),
    )


def _takes_log(scope: Scope, unit: str, campaign: Campaign) -> bool:
    """True if the log of a scheduler may be recorded there."""
    broadcasts = any(kind.name == "broadcast" for kind in kinds_of(campaign))
    return broadcasts and campaign.status != "archived" and scope.may_write(unit)


def converter() -> report_files.Converter:
    """Return what makes PDF files on this host."""
    return installed().pdf


def _offered(session: Session, scope: Scope, unit: str) -> list[str]:
    """Return the kinds that this person may ask for here; a form only where there is one."""
    found = []
    for name in ORDER:
        if name == "pdf" and not converter().is_there:
            continue
        if name == "form" and not templates.offered(session, scope, unit, whole=False):
            continue
        if name == "dossier" and not letterheads.may_edit(scope, unit):
            continue
        found.append(name)
    return found


def _freezes(session: Session, unit: str, campaign: str) -> list[tuple[str, int]]:
    """Return the unit's freezes with their moments, latest first."""
    taken = steps.history(session, unit, campaign).steps
    return [(str(step.freeze_id), step.at) for step, _ in reversed(taken) if step.freeze_id]


@bp.post("/report/documents")
@changes
def ask(session: Session, scope: Scope) -> Done:
    """Ask for a document. Asked for twice, it is made once."""
    sent = DocumentForm.sent()
    campaign, unit, kind = sent.campaign, sent.unit, sent.kind
    found = choices.campaign(session, scope, campaign)
    if found is None or found.id != campaign:
        raise Problem("not_found")
    if kind == "pdf" and not converter().is_there:
        raise Problem("no_pdf")
    asking.ask(session, scope, found, unit, kind, _choices(sent))
    return Done(url_for("documents.show", campaign=campaign, unit=unit, watch=1), t("done.document_asked"))


def _choices(sent: DocumentForm) -> asking.Choices:
    """Return what this kind of document needs of the form."""
    found: dict[str, Any] = {}
    kind = sent.kind
    if kind in ("word", "pdf", "beside", "excel", "table", "form"):
        found["freeze"], found["count"] = sent.freeze, sent.count
    if kind == "excel" and sent.lists == "none":
        found["lists"] = False
    if kind in ("word", "pdf") and not found["freeze"]:
        found["photos"] = int(sent.photos or USUAL_PHOTOS)
    if kind in ("word", "pdf", "beside"):
        found["annexes"] = [name for name in content.ANNEXES if name in (sent.annexes or content.USUAL_ANNEXES)]
    if kind == "form":
        found["form"] = sent.form
    if kind == "log_book":
        found["from"] = sent.from_
    return found


@bp.get("/report/documents/<id:document>")
def download(document: str) -> Response:
    """Return the file."""
    blobs = installed().blobs
    with reading() as session:
        found = asking.ready(session, Scope(session, officer_id()), blobs, document)
    row = found.row
    ending = row.file_name.rpartition(".")[2]
    table = "records" if row.kind.startswith("records_") else "report"
    said = {"format": ending, "table": table, "unit": row.unit_id, "hash": row.sha256[:HASH_LOGGED]}
    if table == "records":
        narrowed = row.choices["filter"]
        said["state"] = narrowed.get("state", TODO)
        said |= {column: narrowed[name] for column, name in _LOGGED.items() if name in narrowed}
    log.note(Act.EXPORTED, ("campaign", row.campaign_id), new=said)
    response = send_file(found.file, as_attachment=True, download_name=row.file_name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
