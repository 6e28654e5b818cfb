"""The installation itself: set up, serve, keys, tables, backups, and sample data to try it with."""

from __future__ import annotations

from server.backups import nightly
from server.checks import CHECKS, data, machine, watching
from server.cli.backup import backup
from server.cli.conform import conform
from server.cli.db import db
from server.cli.demo import demo
from server.cli.doctor import doctor
from server.cli.init import init
from server.cli.install import install
from server.cli.keys import keys
from server.cli.serve import serve
from server.cli.upgrade import rollback, upgrade
from server.desk.installation import kit, metrics, red_bar, runbook
from server.desk.menu import MANAGE, MenuEntry, to_overseers
from server.desk.page import NOTICES
from server.registration import Registration
from server.serving.installation import installed

_CHECKS = {
    "tables": data.tables,
    "backup": data.backup,
    "replaced": data.replaced,
    "disk": machine.disks,
    "certificate": machine.certificate,
    "clock": machine.clock,
    "files": machine.files,
    "service": machine.service,
    "pg_dump": machine.pg_dump,
    "jobs": data.jobs,
    "phones": data.phones,
    "codes": data.wrong_codes,
}


def register(add: Registration) -> None:
    """Add commands, checks with their red bar and figures, the runbook, the kit, and the jobs of backups."""
    for place, (name, check) in enumerate(_CHECKS.items()):
        CHECKS.add(name, check, place=place)
    NOTICES.add("checks", red_bar.RED, place=1)
    add.pages(metrics.bp, prefix="")
    add.pages(runbook.bp, under="nav.people")
    add.menu(MenuEntry("runbook.title", "runbook.show", place=49, shown=to_overseers, group=MANAGE))
    add.pages(kit.bp)
    add.jobs(lambda app, jobs: watching.register(jobs, installed(app).settings))
    add.jobs(lambda app, jobs: nightly.register(jobs, installed(app).settings))
    add.command(serve, init, doctor, demo, keys, db, backup, conform, install, upgrade, rollback)
