"""Documents asked for at the desk and made by the real runner, in the test's own process."""

from __future__ import annotations

import io
import re
from typing import Any

from sqlalchemy import select

from server.core.db import reading
from server.models import AskedDocument, Job
from server.services.reports.content import ANNEXES
from support.jobs import inline
from support.world.world import World


def asked(world: World, one: Any, unit: str, kind: str, **choices: str) -> str:
    """Ask at the desk, for a report with all its annexes; returns the document's id."""
    one.get(f"/desk/report/documents?unit={world.units[unit]}&campaign={world.campaign}")
    form = next(form for form in one.forms() if form.values.get("kind") == [kind])
    if kind == "form":  # as a browser does: the first that is offered
        offered = one.html.partition('<select name="form">')[2]
        form.values["form"] = re.findall(r'value="([^"]+)"', offered)[:1]
    if kind in ("word", "pdf"):  # all of it: what the report usually leaves out is a file of its own
        form.values |= {"annexes": list(ANNEXES), "photos": ["60"]}
    answer = one.post(form, **choices)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with world.app.app_context(), reading() as session:
        latest = select(AskedDocument.id).where(AskedDocument.kind == kind).order_by(AskedDocument.asked_at.desc())
        return str(session.scalars(latest).first())


def made(world: World, document: str) -> Job:
    """Run the document's job; returns its row."""
    with world.app.app_context(), reading() as session:
        job = session.get_one(AskedDocument, document).job_id
    return inline.run(world, job)


def got(world: World, one: Any, unit: str, kind: str, **choices: str) -> io.BytesIO:
    """Ask, make and download."""
    document = asked(world, one, unit, kind, **choices)
    job = made(world, document)
    assert job.state == "done", job.code
    answer = one.http.get(f"/desk/report/documents/{document}", buffered=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return io.BytesIO(answer.data)
