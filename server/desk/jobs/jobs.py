"""Jobs that the server does outside requests: what waits, what is being done, what ended and how."""

from __future__ import annotations

from flask import render_template, url_for
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.desk.guard import guarded
from server.desk.inputs import ListPageAsked
from server.desk.shapes import reads
from server.desk.words import catalogue, error
from server.services.jobs import listing
from server.services.units.scope import Scope
from server.serving.every_request import language
from sync.errors import CODES

bp = guarded("jobs")


@bp.get("/jobs")
@reads
def show(database: Session, scope: Scope) -> str:
    """Show a page of jobs, newest first."""
    found = listing.page(database, scope, ListPageAsked.asked().page)
    return render_template(
        "desk/jobs/jobs.html",
        found=found,
        days=listing.KEPT_DAYS,
        kind_name=kind_name,
        fault=fault,
        now=now_ms(),
        link=lambda page: url_for("jobs.show", page=page),
    )


def kind_name(kind: str) -> str:
    """Return a kind in words; the bare name if only another version has it."""
    return str(catalogue(language()).get(f"job_kind.{kind.replace('.', '_')}", kind))


def fault(code: str) -> str:
    """Return the sentence for why a job failed: its own where the shared one is about something just sent."""
    own = catalogue(language()).get(f"job_fault.{code}")
    if own:
        return str(own)
    return error(code) if code in CODES else code
