"""The installation itself: set up, serve, keys, tables, backups, and sample data to try it with."""

from __future__ import annotations

from server.backups import nightly
from server.cli.backup import backup
from server.cli.conform import conform
from server.cli.db import db
from server.cli.demo import demo
from server.cli.doctor import doctor
from server.cli.init import init
from server.cli.keys import keys
from server.cli.serve import serve
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the commands, and the jobs of backups."""
    add.jobs(lambda app, jobs: nightly.register(jobs, app.extensions["loa_settings"]))
    add.command(serve, init, doctor, demo, keys, db, backup, conform)
