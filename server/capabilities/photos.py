"""Photos: expired uploads are removed, every night and by command."""

from __future__ import annotations

from server.cli.sweep import sweep
from server.registration import Registration
from server.services.photos import uploads
from server.serving.installation import installed


def register(add: Registration) -> None:
    """Add the command and the nightly chore."""
    add.command(sweep)
    add.jobs(lambda app, jobs: uploads.register(jobs, installed(app).sweeper))
