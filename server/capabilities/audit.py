"""Who did what: the log of acts, its verification, and how long it is kept."""

from __future__ import annotations

from flask import Flask

from server.cli.audit import audit
from server.desk.audit import audit as pages
from server.desk.menu import MANAGE, MenuEntry, to_overseers
from server.registration import Registration
from server.services.audit import retention
from server.services.jobs import Jobs
from server.serving.installation import installed


def register(add: Registration) -> None:
    """Add the pages, their menu entry, the command and the nightly job."""
    add.menu(MenuEntry("audit.title", "audit.show", place=48, shown=to_overseers, group=MANAGE, key="n"))
    add.pages(pages.bp, under="nav.people")
    add.command(audit)
    add.jobs(_jobs)


def _jobs(app: Flask, jobs: Jobs) -> None:
    settings = installed(app).settings
    retention.register(jobs, settings.data_dir, settings.audit_days, settings.keyring)
