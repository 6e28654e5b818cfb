"""Which Word template a paper is printed in: ours, or one that its unit or a unit above uploaded.

A draft names a template by its id, in its settings: one that is withdrawn can be presented no more. What was presented
names the bytes by their hash, so nothing that happens to the template later changes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.problem_details import required
from server.decoding.limits import Unfit
from server.models import Paper, PaperVersion, ReportForm
from server.services.figures.table import Counting, FigureTable
from server.services.reports import content
from server.services.reports.content import Report
from server.services.reports.text.sections import SETTING
from server.services.reports.word import own_template
from server.services.reports.word.own_template import OwnTemplate
from server.services.reports.workflow.papers import SUPPLEMENT
from server.services.units.scope import Scope

NAME: Final = f"{SETTING}template"
"""The setting of a paper that has the id of its template; empty, or `none`: ours."""
KEY: Final = "template"
"""In the content of a version: the template that it was presented in."""


def offered(session: Session, scope: Scope, unit_id: str, *, whole: bool) -> list[ReportForm]:
    """Return the forms of a unit and of those above it by name, or with `whole` the templates of whole reports."""
    kind = ReportForm.tags.is_not(None) if whole else ReportForm.tags.is_(None)
    theirs = or_(ReportForm.unit_id == unit_id, ReportForm.unit_id.in_(scope.chain(unit_id)))
    query = select(ReportForm).where(kind, ReportForm.removed_at.is_(None), theirs)
    return list(session.scalars(query.order_by(ReportForm.name, ReportForm.id)))


def of_draft(session: Session, scope: Scope, row: Paper, template: str) -> OwnTemplate | None:
    """Return the template that a draft names; None for ours. Raises Problem `template_gone` if it was withdrawn."""
    if not template or row.kind == SUPPLEMENT:
        return None
    found = required(
        next((each for each in offered(session, scope, row.unit_id, whole=True) if each.id == template), None),
        "template_gone",
    )
    return of_row(found)


def of_row(row: ReportForm) -> OwnTemplate:
    """Return a kept template."""
    return OwnTemplate(row.sha256, row.name, tuple(row.tags or ()))


def of_version(version: PaperVersion) -> OwnTemplate | None:
    """Return the template in which this was presented; None for ours."""
    kept: Mapping[str, Any] | None = json.loads(version.content).get(KEY)
    return OwnTemplate(kept["sha256"], kept["name"], tuple(kept["tags"])) if kept else None


def without_withdrawn(session: Session, scope: Scope, unit_id: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts with which a new paper begins: without a template that is offered no longer."""
    found = dict(texts)
    if found.get(NAME) not in {each.id for each in offered(session, scope, unit_id, whole=True)}:
        found.pop(NAME, None)
    return found


def document(report: Report, table: FigureTable, counts: Counting, template: OwnTemplate, blobs: Blobs) -> bytes:
    """Return a report's Word file in a template. Raises Unfit, `form_lost` if the template's bytes are not there.

    It takes seconds: call it outside a transaction.
    """
    file = blobs.open(template.sha256)
    if file is None:
        raise Unfit("form_lost", template.name)
    with file:
        return own_template.document(report, table, counts, file)


def unprinted(report: Report, template: OwnTemplate) -> Report:
    """Return the report with the annexes that a template does not print: what goes into the file beside it."""
    left: Sequence[content.Annex] = [annex for annex in report.annexes if not template.prints(annex)]
    return replace(report, annexes=content.numbered(left))
