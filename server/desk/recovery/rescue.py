"""Rescue files: hand one in and see the result; a revoked phone's is taken write by write (SPEC R-6 to R-9)."""

from __future__ import annotations

import threading
from io import BytesIO
from pathlib import Path

from flask import g, make_response, redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from server.core import atomic_files
from server.core.problem_details import RETRY_AFTER_S, Problem
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Bare, Inputs, ListPageAsked, sent_file
from server.desk.shapes import lead_on, reads
from server.desk.showing import field_label
from server.desk.words import error, t
from server.document_answers import kept_apart
from server.errors import headers_of, status_of
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.recovery.rescue import put_off, reviewing, taking, unfinished, viewing, words
from server.services.recovery.rescue.rescue_store import RescueStore
from server.services.units.scope import Scope
from server.serving import every_request
from server.serving.installation import installed
from sync.errors import Refused
from sync.protocol import DOCUMENT_TYPE
from sync.registry import KINDS
from sync.rescue import FILE_BYTES

AT_ONCE = 4
"""Files that one process receives at a time: each may take 200 MB of disk."""
_turns = threading.BoundedSemaphore(AT_ONCE)


def begin() -> None:
    """Before the form is parsed, send the file to the data folder in pieces. Raises `unavailable` beyond AT_ONCE."""
    if request.endpoint == "rescue.hand_in":
        if not _turns.acquire(blocking=False):
            raise Problem("unavailable", retry_after_s=RETRY_AFTER_S)
        g.rescue_turn = True
        folder = _store().folder
        atomic_files.make(folder)
        every_request.place_in(folder)


bp = guarded("rescue", begin)


class RescueForm(Inputs):
    """A phone's file, and whether it came whole; a write of it that is taken."""

    intact: Bare
    write: str


@bp.teardown_request
def end(_error: BaseException | None) -> None:
    """Free the place for the next file and delete what was half received, whatever the result."""
    if g.pop("rescue_turn", False):
        every_request.drop_parts()
        _turns.release()


@bp.get("/rescue")
def start() -> str:
    """Show the form, and a page of the files handed in."""
    return _start()


@bp.post("/rescue")
def hand_in() -> Response:
    """Receive a file. The same file again changes nothing, and the page says so."""
    store = _store()
    path = _received(store, sent_file("file"))
    try:
        rescue = taking.hand_in(store, officer_id(), path, intact=RescueForm.sent().intact)
    except (Problem, Refused) as refusal:
        problem = refusal if isinstance(refusal, Problem) else Problem.of(refusal)
        return make_response(_start(problem.code), status_of(problem.code), headers_of(problem))
    finally:
        path.unlink(missing_ok=True)
    return redirect(url_for("rescue.show", rescue=rescue), 303)


def _received(store: RescueStore, file: FileStorage | None) -> Path:
    """Return the path of the received file; of an empty one if none was chosen."""
    if not file:
        path = store.room(".part")
        path.touch()
        return path
    file.stream.flush()
    return Path(str(file.stream.name))


@bp.get("/rescue/<id:rescue>")
def show(rescue: str) -> str:
    """Show what became of a file, or what it offers."""
    shown = _page(rescue)
    log.note(Act.RESCUE_READ, ("rescue", rescue))
    return shown


@bp.post("/rescue/<id:rescue>/take")
def take(rescue: str) -> Response:
    """Take one write of a waiting file, with its photos, under one's own name."""
    result = reviewing.take(_store(), officer_id(), rescue, RescueForm.sent().write)
    if result.code:
        status = 422 if result.result == "later" else status_of(result.code)
        return make_response(_page(rescue, result.code, result.id), status)
    return lead_on(url_for("rescue.show", rescue=rescue, _anchor=result.id), t("done.rescue_taken"))


@bp.post("/rescue/<id:rescue>/photos")
def photos(rescue: str) -> Response:
    """Take the photos of records that are stored."""
    count = reviewing.take_photos(_store(), officer_id(), rescue)
    return lead_on(url_for("rescue.show", rescue=rescue), t("done.rescue_photos", count=count))


@bp.get("/rescue/<id:rescue>/photos/<key>")
def look(rescue: str, key: str) -> Response:
    """Return a small photo of an offered write, before anybody takes it."""
    response = make_response(reviewing.picture(_store(), officer_id(), rescue, key))
    response.mimetype = "image/jpeg"
    return response


@bp.get("/rescue/<id:rescue>/unfinished/<key>")
def look_unfinished(rescue: str, key: str) -> Response:
    """Return a small photo of a draft."""
    response = make_response(unfinished.photo(_store(), officer_id(), rescue, key, small=True))
    response.mimetype = "image/jpeg"
    return response


@bp.get("/rescue/<id:rescue>/unfinished/<key>/file")
def save_unfinished(rescue: str, key: str) -> Response:
    """Send a photo of a draft as it came, to be saved and added to a record by hand."""
    data = unfinished.photo(_store(), officer_id(), rescue, key, small=False)
    log.note(Act.RESCUE_READ, ("rescue", rescue))
    return send_file(BytesIO(data), "image/jpeg", as_attachment=True, download_name=f"anh-{key}.jpg")


@bp.get("/rescue/<id:rescue>/unfinished/<key>/document")
def save_document(rescue: str, key: str) -> Response:
    """Send a PDF of a draft, to be saved and added to a record by hand."""
    data = unfinished.document(_store(), officer_id(), rescue, key)
    log.note(Act.RESCUE_READ, ("rescue", rescue))
    return kept_apart(send_file(BytesIO(data), DOCUMENT_TYPE, as_attachment=True, download_name=f"van-ban-{key}.pdf"))


def _store() -> RescueStore:
    settings = installed().settings
    return RescueStore(installed().keyring, installed().blobs, settings.data_dir / "rescue")


@reads
def _start(session: Session, scope: Scope, code: str = "") -> str:
    return render_template(
        "desk/recovery/rescue.html",
        found=viewing.handed_in(session, scope, ListPageAsked.asked().page),
        link=lambda **other: url_for("rescue.start", **other),
        limit=FILE_BYTES // 1024**2,
        code=code,
        problem=error(code) if code else "",
    )


@reads
def _page(session: Session, scope: Scope, rescue: str, code: str = "", write: str = "") -> str:
    seen = viewing.see(session, scope, rescue)
    offer = reviewing.offer(session, scope, _store(), rescue) if seen.row.held else None
    drafts = unfinished.unfinished(session, scope, _store(), rescue)
    taken = offer.taken if offer else seen.records
    problem = error(code) if code else ""
    return render_template(
        "desk/recovery/rescue_file.html",
        it=seen,
        offer=offer,
        unfinished=drafts,
        untaken=words.untaken(session, scope, _store(), rescue),
        put_off=put_off.put_off(session, seen.row, taken),
        problem=problem,
        refused=write,
        is_kept=_store().held(rescue).exists(),
        field_name=_field_name,
    )


def _field_name(name: str) -> str:
    """Return a label: for a write that is not stored only the field name is kept, so use the first kind that has it."""
    return field_label(next((kind for kind in KINDS.values() if kind.field(name)), None), name)
