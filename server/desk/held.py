"""A form sent after its session ended: the sign-in page carries the typed values, so that nothing is lost.

They travel in a signed hidden input, so that only values from our own forms come back. After the sign-in one click
sends the form on. A browser sends a file only once, so the server keeps the files (services/access/kept_files.py), and
the input has the keys that open them. Where they cannot be kept the fields go on without them, and the pages say so.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from flask import g, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from server.core.keyring import Purpose
from server.core.problem_details import Problem
from server.desk.where import sent_to
from server.services.access.kept_files import FILE_BYTES, OF_ONE, KeptFile, KeptFiles
from server.serving.installation import installed

MOST_CHARS = 48 * 1024
"""Of the signed text, which is packed: the longest letter (60,000 characters) gives 37 kB, 30 kB if it is a real one.

The sign-in form carries it before the sign-in, when a body may have 64 kB (every_request.py).
"""
WHO = "who"
"""Cookie key of the session's officer, kept after the session ended."""
PROOF = "proof"
"""Input of a code or password that an act asks for (again.py)."""
FILES = "held_files"
"""Input of the form that goes on: its files, signed."""
_NEVER = (FILES, "csrf_token", "password", "again", "current", "code", PROOF)


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of a form: its input, its name and type as the browser gave them, and where it is kept."""

    input: str
    name: str
    type: str
    id: str
    key: str


@dataclass(frozen=True, slots=True)
class Held:
    """A form's path, fields and files, and the officer who sent it (empty: not known).

    `lost`: it had files that could not be kept. All are to be chosen again: a part of them would pass for the whole.
    """

    path: str
    fields: list[tuple[str, str]]
    who: str
    files: list[HeldFile] = field(default_factory=list)
    lost: bool = False


def hold(csrf: CSRFProtect) -> str:
    """Return this request's form as signed text; empty if there is none, or it must not be carried."""
    if request.method != "POST":
        return ""
    try:
        if not _is_ours(csrf):
            return ""
        fields = [(name, text) for name, text in request.form.items(multi=True) if name not in _NEVER]
        chosen = [
            (name, file) for name, file in request.files.items(multi=True) if file.filename
        ]  # else an unused input
        without = Held(sent_to(), fields, session.get(WHO, ""), lost=bool(chosen))
        text = _signed(without)
        whole = _with_files(without, chosen) if text and chosen else text
    except (HTTPException, Problem) as error:  # too large to be read
        g.held_lost = isinstance(error, Problem) and request.mimetype == "multipart/form-data"
        return ""
    g.held_lost = not whole
    return whole or text


def lost() -> bool:
    """Return True if this request brought a file, or a text, that could not be kept."""
    return bool(g.get("held_lost"))


def read(text: str) -> Held | None:
    """Return what `hold` made; None for anything else."""
    try:
        found: dict[str, Any] = _signer().loads(text) if text else {}
    except BadSignature:
        return None
    if not found or "fields" not in found:
        return None
    files = [HeldFile(**each) for each in found.get("files", ())]
    fields = [(name, value) for name, value in found["fields"]]
    return Held(found["path"], fields, found["who"], files, bool(found.get("lost")))


def ticket(held: Held, officer_id: str) -> str:
    """Return the signed input by which the form that goes on has its files again; empty if it has none."""
    if not held.files:
        return ""
    return str(
        _signer().dumps({"officer": officer_id, "owner": held.who, "files": [asdict(each) for each in held.files]})
    )


def restore(officer_id: str) -> None:
    """Give this request the files of the form that it goes on with. Raises Problem `held_file_gone`."""
    text = request.form.get(FILES, "")
    try:
        found: dict[str, Any] = _signer().loads(text) if text else {}
    except BadSignature:
        found = {}
    if found.get("officer") != officer_id:
        if text:
            raise Problem("held_file_gone")
        return
    files = [HeldFile(**each) for each in found["files"]]
    opened = [(each, _store().opened(found["owner"], KeptFile(each.id, each.key))) for each in files]
    if any(data is None for _, data in opened):
        raise Problem("held_file_gone")
    request.files = ImmutableMultiDict(
        (each.input, FileStorage(io.BytesIO(data or b""), each.name, each.input, each.type)) for each, data in opened
    )


def _signed(held: Held) -> str:
    """Return it as signed text; empty if that is too long."""
    text = str(_signer().dumps(asdict(held)))
    return text if len(text) <= MOST_CHARS else ""


def _with_files(held: Held, chosen: Sequence[tuple[str, FileStorage]]) -> str:
    """Keep the files of the officer who was signed in here. Returns the text with them; empty if not all are kept."""
    if not held.who or len(chosen) > OF_ONE:  # more of them would push each other out
        return ""
    files: list[HeldFile] = []
    for name, file in chosen:
        kept = _store().keep(held.who, file.stream.read(FILE_BYTES + 1))
        if kept is None:
            break
        files.append(HeldFile(name, file.filename or "", file.mimetype, kept.id, kept.key))
    text = _signed(replace(held, files=files, lost=False)) if len(files) == len(chosen) else ""
    if not text:
        for each in files:
            _store().drop(KeptFile(each.id, each.key))
    return text


def _store() -> KeptFiles:
    return KeptFiles(installed().settings.data_dir)


def _is_ours(csrf: CSRFProtect) -> bool:
    """Return True unless another site sent it. The CSRF token ends with the cookie; then Sec-Fetch-Site decides."""
    try:
        csrf.protect()
    except CSRFError:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return True


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(installed().keyring.signing(Purpose.HELD), salt="desk.held")
