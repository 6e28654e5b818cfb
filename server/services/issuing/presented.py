"""What was presented: the texts of a paper and the report made of them, frozen; and the documents of a paper.

The document of a version is kept by its hash with those of the freeze (services/locks/documents.py), and built again
from the version and the freeze it has the same bytes. A draft's is made of the texts as they are, and not kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.canonical import canonical, digest
from server.core.clock import new_id, now_ms
from server.core.db import reading
from server.core.problem_details import Problem
from server.models import Paper, PaperVersion
from server.services.issuing import composing, papers
from server.services.issuing.papers import SUPPLEMENT
from server.services.issuing.states import PaperState
from server.services.locks import documents, evidence, freezes
from server.services.locks.freezes import FrozenFigures
from server.services.narrative import owners, passages
from server.services.reports import Report, plain, text, word
from server.services.units.scope import Scope

FORMAT: Final = "loa-paper-1"
FORM: Final = "paper:"
"""Before the id of a version: the form of its document."""
SHORT_HASH: Final = 16


@dataclass(frozen=True, slots=True)
class PaperDocument:
    """A Word file to hand out. `sha256`: empty for a draft, which is not kept."""

    name: str
    data: bytes
    sha256: str
    unit: str
    campaign: str
    freeze: str


def freeze_version(session: Session, scope: Scope, row: Paper) -> PaperVersion:
    """Store the paper as it is presented now. Its figures are those of its freeze."""
    texts = passages.texts(session, owners.of_paper(row))
    report = composing.composed(session, scope, row, texts)
    number = (session.scalar(select(func.max(PaperVersion.number)).where(PaperVersion.paper_id == row.id)) or 0) + 1
    content = canonical(
        {
            "format": FORMAT,
            "paper": row.id,
            "number": number,
            "kind": row.kind,
            "freeze": row.freeze_id,
            "freeze_sha256": freezes.read(session, scope, row.freeze_id).row.sha256,
            "texts": texts,
            "report": plain.to_plain(plain.without_photos(report)),
        }
    )
    made = PaperVersion(id=new_id(), paper_id=row.id, number=number, freeze_id=row.freeze_id, at=now_ms())
    made.content, made.sha256 = content, digest(content)
    session.add(made)
    session.flush()
    return made


def is_whole(version: PaperVersion) -> bool:
    """True if the content is still what was presented."""
    return digest(version.content) == version.sha256


def document(officer_id: str, paper_id: str, blobs: Blobs) -> PaperDocument:
    """Return the Word file of a paper: a draft's as it is now, else that of the version that was presented last.

    Raises Problem `not_found`, OSError.
    """
    with reading() as session:
        scope = Scope(session, officer_id)
        row = papers.get(session, scope, paper_id)
        standing = papers.standing(session, row)
        about = row.unit_id, row.campaign_id
        version = standing.presented.version_id if standing.presented else None
        if standing.state is PaperState.DRAFT or version is None:
            freeze, found = row.freeze_id, freezes.read(session, scope, row.freeze_id)
            report = _with_evidence(session, found, row.kind, draft(session, scope, row))
        else:
            report, freeze = None, session.get_one(PaperVersion, version).freeze_id
        gone = documents.erased(session, freeze)
    if report is not None:
        data = word.document(report, blobs.open)
        if documents.purged_since(freeze, gone):
            return document(officer_id, paper_id, blobs)
        return PaperDocument(report.file_name, data, "", *about, freeze)
    made = documents.issue(officer_id, freeze, f"{FORM}{version}", blobs, _writer(str(version)))
    return PaperDocument(made.name, made.data, made.sha256, *about, freeze)


def draft(session: Session, scope: Scope, row: Paper) -> Report:
    """Return the report with the texts as they are now, marked as a draft, without its photos."""
    made = composing.composed(session, scope, row, passages.texts(session, owners.of_paper(row)))
    return replace(made, marks=(text("draft"), *made.marks))


def shown(session: Session, scope: Scope, standing: papers.PaperStanding) -> Report:
    """Return the report as its page shows it: the draft, or what was presented last, with the annexes of the file."""
    step, row = standing.presented, standing.row
    if standing.state is PaperState.DRAFT or step is None or step.version_id is None:
        return _with_evidence(
            session, freezes.read(session, scope, row.freeze_id), row.kind, draft(session, scope, row)
        )
    version = session.get_one(PaperVersion, step.version_id)
    return _written(session, freezes.read(session, scope, version.freeze_id), version)


def _writer(version_id: str) -> documents.Write:
    def write(session: Session, _scope: Scope, found: FrozenFigures) -> Report:
        return _written(session, found, session.get_one(PaperVersion, version_id))

    return write


def _written(session: Session, found: FrozenFigures, version: PaperVersion) -> Report:
    if version.freeze_id != found.row.id:
        raise Problem("not_found")
    kind: str = json.loads(version.content)["kind"]
    return _with_evidence(session, found, kind, _stored(version))


def _stored(version: PaperVersion) -> Report:
    content: dict[str, Any] = json.loads(version.content)
    made = plain.from_plain(content["report"])
    says = text("presented", number=version.number, hash=version.sha256[:SHORT_HASH])
    return replace(made, frozen=f"{made.frozen} · {says}")


def _with_evidence(session: Session, found: FrozenFigures, kind: str, made: Report) -> Report:
    """Copy a report with its lists and photos; a supplementary one has none."""
    return made if kind == SUPPLEMENT else evidence.with_evidence(session, found, made)
