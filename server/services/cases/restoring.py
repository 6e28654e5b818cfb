"""After a restore: what ended since the backup stays ended, and the log says where the older one begins.

The backup does not know which codes became void, which cases were reduced and which rights ended since. The file of
revocations does (continuity/revocations.py): by keyed tags and internal ids, with each new code sealed. Nobody has to
be in: a case gets the tag of its right code now, and the code itself when it is next opened.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.models import CaseEntry, CaseFile, CaseLogLine, KeyOpening
from server.services.audit import heads, log
from server.services.cases import case_log, reducing, sealing, store
from server.services.continuity import revocations
from server.services.keyholders import vault
from server.services.keyholders.vault import Vault

CODE_BLOCK = 64


def note_void(session: Session, opened: Vault, old: str, new: str) -> None:
    """Remember outside the database that a code is void, and which one took its place."""
    for tag in opened.tags("code", old):
        made = sealing.seal(opened, store.code_place(tag), new, CODE_BLOCK)
        line = {"at": now_ms(), "what": revocations.CASE_CODE, "id": tag, "ended": True}
        revocations.note(session, line | {"now": opened.tag("code", new), "key": made.key_id, "sealed": made.text})


def after(session: Session, path: Path | None) -> None:
    """Bring an older database to what is known. `path`: of the revocations, as in revocations.py."""
    shut = vault.closed(session, log.ring_of(session))
    keys, file = log.place_of(session)
    for table in (CaseEntry, KeyOpening):
        session.execute(delete(table))
    any_line = session.execute(select(CaseLogLine.number).limit(1)).first() is not None
    if any_line or heads.read(file.with_name(heads.CASES), keys).heads:  # the first line behind the old end
        case_log.append(session, shut, case_log.RESTORED, case_log.COMMAND)
    gone = {line["id"]: line for line in revocations.noted(session, revocations.CASE_REDUCED, path)}
    if gone:
        reducing.again(session, shut, gone)
    void = {line["id"]: line for line in revocations.noted(session, revocations.CASE_CODE, path)}
    if void:
        _recode(session, void)


def _recode(session: Session, void: dict[str, dict[str, str]]) -> None:
    """Give cases whose code is void the tag of the code that took its place, and that code, sealed as it was noted."""
    for row in session.scalars(select(CaseFile).order_by(CaseFile.id)).all():
        while line := void.get(row.code_tag):
            row.recoded = f"{line['id']} {line['key']} {line['sealed']}"
            row.code_tag = line.get("now") or f"void {line['id'][:59]}"
    session.flush()
