"""After a loss: restores, what they did not bring back, rescue files; and records removed for good."""

from __future__ import annotations

from flask import Flask

from server.cli.purge import purge
from server.cli.restore import restore
from server.desk.menu import MANAGE, MenuEntry
from server.desk.page import NOTICES
from server.desk.recovery import notices, rescue, restored
from server.registration import Registration
from server.services.jobs import Jobs
from server.services.recovery import ended_campaigns
from server.services.recovery.ended_campaigns import ErasureRule
from server.services.recovery.rescue import taking
from server.services.recovery.rescue.rescue_store import RescueStore
from server.serving.installation import installed


def register(add: Registration) -> None:
    """Add the pages, their menu entries, the notice of a restore, the commands and what is done at night."""
    add.menu(
        MenuEntry("nav.restored", "restored.show", place=50, shown=lambda _me, seen: "restored" in seen, group=MANAGE)
    )
    add.menu(
        MenuEntry("nav.rescue", "rescue.start", place=51, shown=lambda me, _seen: me.writes or me.manages, group=MANAGE)
    )
    add.pages(restored.bp, under="nav.restored")
    add.pages(rescue.bp, under="nav.rescue")
    NOTICES.add("restored", notices.RESTORED, place=10)
    add.command(restore, purge)
    add.jobs(_jobs)


def _jobs(app: Flask, jobs: Jobs) -> None:
    has = installed(app)
    taking.register(jobs, RescueStore(has.keyring, has.blobs, has.settings.data_dir / "rescue"))
    rule = ErasureRule(has.settings.erase_months, has.settings.erase_by)
    ended_campaigns.register(jobs, rule, has.blobs, has.partials)
