"""Photos and PDFs added to a record from a computer, several at once: what cannot be read is named, the rest added.

They have a form of their own on the record's page, so that a bad file costs nothing that was typed elsewhere. A new
record's form takes them along: the record is made first, then they are added, and what is left over is listed there.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final, cast

from flask import flash, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.problem_details import RETRY_AFTER_S, Problem
from server.desk.drafting import Draft, new_form, read_draft, write
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, has_files
from server.desk.recording import edits
from server.desk.review.record import Adding, show_record
from server.desk.words import error, t
from server.services.photos import computer_photos
from server.services.photos.computer_photos import ComputerPhoto
from server.services.records.stored import Result
from server.services.review import dossier
from server.services.review.dossier import Dossier
from server.services.units.scope import Scope
from server.serving.every_request import MULTIPART, PHOTO_FILES
from server.serving.installation import installed
from sync.registry import Kind

AT_ONCE: Final = 3
"""Forms that one process receives at a time: each may take 160 MB of disk."""
FAULTS: Final = ("not_an_image", "image_too_large", "image_too_small")
"""Refusals whose shared sentence speaks of the phone's camera."""
_turns = threading.BoundedSemaphore(AT_ONCE)


def begin() -> None:
    """Take a turn before the form is parsed. Raises `unavailable` beyond AT_ONCE."""
    if request.method == "POST" and request.mimetype == MULTIPART:
        if not _turns.acquire(blocking=False):
            raise Problem("unavailable", retry_after_s=RETRY_AFTER_S)
        g.photo_turn = True


bp = guarded("computer_photos", begin)


class PhotosForm(Inputs):
    """Photos and documents from a computer, and the write that this form makes."""

    draft: str
    photos: list[FileStorage]


@bp.teardown_request
def end(_error: BaseException | None) -> None:
    """Free the place for the next form, whatever the result."""
    if g.pop("photo_turn", False):
        request.close()  # its files
        _turns.release()


@dataclass(slots=True)
class Sorted:
    """Files that can be added, and the names of the others with the reason."""

    good: list[ComputerPhoto] = field(default_factory=list)
    bad: list[tuple[str, str]] = field(default_factory=list)


@bp.post("/records/<id:record>/photos/add")
def add(record: str) -> Response:
    """Add the files that are photos or documents, as one write; the page comes again if there are others."""
    return add_to(record, read_draft(PhotosForm.sent().draft))


def add_to(record: str, draft: Draft) -> Response:
    """Add the sent files as the write that the form will make; the page comes again if there are others."""
    with reading() as session:
        found = _record(session, record)
        room = (found.kind.documents if found.kind else 0) - len(found.state.documents)
    with TemporaryDirectory(prefix="loa-") as folder:
        sorted_ = _sorted(Path(folder), draft.at, found.kind, room)
        added, problem = _added(record, draft, sorted_.good) if sorted_.good else (0, "")
    if not (sorted_.good or sorted_.bad):
        problem = t("computer_photos.none")
    if problem or sorted_.bad:
        return show_record(record, adding=Adding(problem, sorted_.bad, added))
    if any(each.is_document for each in sorted_.good):
        flash(t("done.files_added", count=added) if added else t("done.files_there"))
    else:
        flash(t("done.photos_added", count=added) if added else t("done.photos_there"))
    return redirect(url_for("records.show", record=record), 303)


@bp.post("/records/new/photos/add")
def make() -> Response:
    """Make the record of the form, then add its photos; if the form is to be seen again, none was added."""
    record, answer = edits.made()
    if answer is None and has_files("photos"):
        return add_to(record, new_form())
    return answer or redirect(url_for("records.show", record=record), 303)


def _record(session: Session, record: str) -> Dossier:
    found = dossier.read(session, Scope(session, officer_id()), record)
    if not found.may_write or found.state.hidden:
        raise Problem("forbidden")
    return found


def _sorted(folder: Path, at: int, kind: Kind | None, room: int) -> Sorted:
    """Prepare the files; `room`: how many documents the record may still get."""
    found = Sorted()
    for nth, file in enumerate(PhotosForm.sent().photos):
        name = str(file.filename).replace("\\", "/").rpartition("/")[2][:100]
        if nth >= PHOTO_FILES:
            found.bad.append((name, t("computer_photos.too_many", most=PHOTO_FILES)))
            continue
        try:
            made = _prepared(cast("BinaryIO", file.stream), folder, at, name, kind)
            if made.is_document and sum(each.is_document for each in found.good) >= room:
                found.bad.append((name, t("computer_photos.too_many_documents", most=kind.documents if kind else 0)))
                continue
            found.good.append(made)
        except Problem as problem:
            own = t(f"computer_photos.{problem.code}") if problem.code in FAULTS else error(problem.code)
            found.bad.append((name, own))
    return found


def _prepared(file: BinaryIO, folder: Path, at: int, name: str, kind: Kind | None) -> ComputerPhoto:
    try:
        return computer_photos.prepare(file, folder, at)
    except Problem as problem:
        if problem.code != "photo_pdf" or not (kind and kind.documents):
            raise
    return computer_photos.prepare_document(file, folder, name)


def _added(record: str, draft: Draft, photos: Sequence[ComputerPhoto]) -> tuple[int, str]:
    """Store the photos. Returns how many are new on the record, and why none could be added."""

    def name(session: Session) -> tuple[str, list[ComputerPhoto]]:
        found = _record(session, record)
        there = {*found.state.photos, *found.state.documents}
        new = {photo.name: photo for photo in photos if photo.name not in there}
        if new:
            values = {key: photo.value for key, photo in new.items()}
            _check(write(session, Scope(session, officer_id()), draft, record, values))
        return found.record.stream_id, list(new.values())

    try:
        return computer_photos.add(photos, installed().blobs, name), ""
    except Problem as problem:
        if problem.code in ("not_found", "forbidden", "unavailable"):
            raise
        return 0, error(problem.code)


def _check(result: Result) -> None:
    if result.code:
        raise Problem(result.code)
