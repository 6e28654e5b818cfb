"""After a restore: what ended since the backup stays ended, and the log says where the older one begins.

The backup does not know which codes became void, which cases were reduced and which rights ended since. The file of
revocations does (continuity/revocations.py): by keyed tags and internal ids, with each new code sealed.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.keyring import Keyring
from server.core.problem_details import Problem
from server.models import CaseEntry, CaseFile, CaseLogLine
from server.services.audit import heads, log
from server.services.cases import case_log, codes, reducing, sealing, store
from server.services.continuity import revocations

CODE_BLOCK = 64


def note_void(session: Session, ring: Keyring, old: str, new: str) -> None:
    """Remember outside the database that a code is void, and which one took its place."""
    for tag in sealing.tags(ring, "code", old):
        made = sealing.seal(ring, _place(tag), new, CODE_BLOCK)
        line = {"at": now_ms(), "what": revocations.CASE_CODE, "id": tag, "ended": True}
        revocations.note(session, line | {"key": made.key_id, "sealed": made.text})


def after(session: Session, path: Path | None) -> None:
    """Bring an older database to what is known. `path`: of the revocations, as in revocations.py."""
    ring = log.ring_of(session)
    keys, file = log.place_of(session)
    session.execute(delete(CaseEntry))
    any_line = session.execute(select(CaseLogLine.number).limit(1)).first() is not None
    if any_line or heads.read(file.with_name(heads.CASES), keys).heads:  # the first line behind the old end
        case_log.append(session, ring, case_log.RESTORED, case_log.COMMAND)
    gone = {line["id"]: line["at"] for line in revocations.noted(session, revocations.CASE_REDUCED, path)}
    if gone:
        reducing.again(session, ring, gone)
    void = {line["id"]: line for line in revocations.noted(session, revocations.CASE_CODE, path)}
    if void:
        _recode(session, ring, void)


def _recode(session: Session, ring: Keyring, void: dict[str, dict[str, str]]) -> None:
    """Give cases whose code is void the code that took its place; a random one where that cannot be read."""
    for row in session.scalars(select(CaseFile).order_by(CaseFile.id)).all():
        if row.code_tag not in void:
            continue
        try:
            held = store.opened(ring, row)
        except Problem:  # its key is lost: nobody can open it by any code
            continue
        while line := next((void[tag] for tag in sealing.tags(ring, "code", held.data.code) if tag in void), None):
            held.data.code = _new(ring, line)
        store.save(session, ring, held)


def _new(ring: Keyring, line: dict[str, str]) -> str:
    try:
        return str(sealing.opened(ring, _place(line["id"]), line["key"], line["sealed"]))
    except Problem:
        return codes.new()


def _place(tag: str) -> str:
    return f"case_code:{tag}:now"
