"""Long tables as documents: asked for on a page, made by a job with its progress, kept a month, gone after a purge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign
from server.services.exports import stored_filter, table_files
from server.services.exports.selection import one_unit
from server.services.reports.documents import asking
from server.services.reports.documents.asking import KINDS, DocumentKind, DocumentOrder, MadeDocument
from server.services.review.results_filter import ResultFilter
from server.services.units.scope import Scope

DIRECT: Final = 2000
"""Up to this many records are written while the person waits, which takes a few seconds."""
KINDS_BY_FORM: Final = {form: f"records_{form}" for form in table_files.FORMATS}


def register() -> None:
    """Make the kinds of documents known."""
    for form, name in KINDS_BY_FORM.items():
        KINDS.add(name, DocumentKind(_maker(form)))


def _maker(form: str) -> Callable[[DocumentOrder], MadeDocument]:
    def make(order: DocumentOrder) -> MadeDocument:
        asked = stored_filter.from_data(order.choices["filter"])
        wanted = table_files.TableOrder(order.officer_id, order.campaign_id, asked, order.on_progress)
        return MadeDocument(*table_files.write(wanted, form, order.folder))

    return make


def ask(session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter, form: str) -> str:
    """Ask for a long table; returns the document's id, the same one while it is being made.

    Raises Problem `not_found`, `export_unit`.
    """
    if form not in KINDS_BY_FORM:
        raise Problem("not_found")
    unit = one_unit(scope, asked)
    choices = {"filter": stored_filter.as_data(asked)}
    return asking.ask(session, scope, campaign, unit, KINDS_BY_FORM[form], choices)
