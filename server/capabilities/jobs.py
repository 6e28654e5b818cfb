"""Work outside requests: its list, its worker, the deletion of old jobs."""

from __future__ import annotations

from server.cli.worker import worker
from server.desk.jobs import jobs as pages
from server.desk.menu import MANAGE, MenuEntry
from server.registration import Registration
from server.services.jobs import clearing


def register(add: Registration) -> None:
    """Add the page, its menu entry, the command and the nightly job."""
    add.menu(MenuEntry("jobs.title", "jobs.show", place=49, shown=lambda me, _seen: me.opens, group=MANAGE))
    add.pages(pages.bp, under="nav.people")
    add.command(worker)
    add.jobs(lambda _app, jobs: clearing.register(jobs))
