"""The confidential annex, and the key of it and the cases: pages for its officers alone, and who loses the key."""

from __future__ import annotations

from flask import Flask

from server.desk.annex import annex, case_key
from server.desk.menu import CASES, MenuEntry
from server.desk.page import NOTICES
from server.registration import Registration
from server.services.confidential import resealing
from server.services.jobs import Jobs
from server.services.keyholders import losing, vault
from server.serving.installation import installed


def register(add: Registration) -> None:
    """Add the pages, their menu entries, the notice, what follows from resets, and the job."""
    add.menu(MenuEntry("nav.annex", "annex.show", place=36, shown=lambda me, _notices: me.confidential, group=CASES))
    add.pages(annex.bp, under="nav.annex")
    add.menu(
        MenuEntry("nav.case_key", "case_key.show", place=38, shown=lambda me, _notices: me.confidential, group=CASES)
    )
    add.pages(case_key.bp, under="nav.case_key")
    NOTICES.add("case_key", case_key.HOLDERS, place=41)
    vault.OPENED.add("keyholders", losing.forget_lost)
    vault.TAKE_OVER.add("confidential", resealing.take_over)
    add.jobs(_jobs)


def _jobs(app: Flask, jobs: Jobs) -> None:
    resealing.register(jobs, installed(app).keyring)
