"""Ways in: signing in at the desk, second factors, links, enrolment codes, one's own account and devices."""

from __future__ import annotations

from flask import Flask

from server.cli.device import code, device
from server.cli.user import user
from server.desk.access import account, enrol_page, entry, handout, notices, own_devices, second_factor, welcome
from server.desk.page import NOTICES
from server.registration import Registration
from server.services.access import compaction, kept_files
from server.services.jobs import Jobs
from server.serving.installation import installed


def register(add: Registration) -> None:
    """Add the pages, the notices about codes and devices, the commands and the nightly job."""
    add.pages(enrol_page.bp, prefix="")
    add.pages(account.bp, second_factor.bp, entry.bp, own_devices.bp, handout.bp, welcome.bp)
    NOTICES.add("wrong_codes", notices.WRONG_CODES, place=20)
    NOTICES.add("new_devices", notices.NEW_DEVICES, place=30)
    add.command(user, device, code)
    add.jobs(_jobs)


def _jobs(app: Flask, jobs: Jobs) -> None:
    settings = installed(app).settings
    compaction.register(jobs, settings.revocations_file)
    kept_files.register(jobs, settings.data_dir)
