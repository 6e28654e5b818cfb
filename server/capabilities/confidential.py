"""The confidential annex: its pages, a menu entry for its officers alone, and the nightly sealing under the new key."""

from __future__ import annotations

from flask import Flask

from server.desk.annex import annex
from server.desk.menu import MenuEntry
from server.registration import Registration
from server.services.confidential import resealing
from server.services.jobs import Jobs


def register(add: Registration) -> None:
    """Add the pages, their menu entry and the job."""
    add.menu(MenuEntry("nav.annex", "annex.show", place=33, shown=lambda me, _notices: me.confidential))
    add.pages(annex.bp, under="nav.annex")
    add.jobs(_jobs)


def _jobs(app: Flask, jobs: Jobs) -> None:
    resealing.register(jobs, app.extensions["loa_keyring"])
