"""`loa serve`: run the server for officers and reviewers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from server.cli import demo
from server.cli.application import application, configured, settings_of, usual_garbage_collection
from server.cli.own_process import in_own_process
from server.core.shell_words import t

REFUSED = (
    "This database was served with another secret: set LOA_SECRET_KEY to that one, or put the file secret_key back; "
    "where keys were added, keyring.json too. "
    "Where it is lost, take a backup and bring it back with loa restore --replace."
)

TO_RECOUNT = "The figures are of an older version: run loa db upgrade first, which makes them anew from the records."


@click.command()
@click.option("--ready", is_flag=True, help="Bring the tables up to date first; in a demo, print the ways in.")
def serve(*, ready: bool) -> None:
    """Serve phones and desk until stopped."""
    from server.processes.gunicorn_app import CannotListen, Served, check_address

    settings = configured(make=ready)
    try:
        check_address(settings.host, settings.port)
    except CannotListen as reason:
        raise click.ClickException(str(reason)) from reason
    # After the check, because fresh codes would void those of a server already on this port.
    with _alone(settings.data_dir):
        empty = _made_ready(ready) if settings.bucket is None else in_own_process(lambda: _made_ready(ready))
        settings = configured()
        click.echo(
            t(
                "Loa: {public_url}/app/ for phones, {public_url}/desk/ for reviewers. Ctrl-C stops it.",
                public_url=settings.public_url,
            )
        )
        if settings.warning:
            click.echo(settings.warning, err=True)
        if empty:
            sample = t(", or loa demo for sample data") if demo.is_installed() else ""
            click.echo(t("This database is empty, nobody can sign in: run loa init{sample}.", sample=sample), err=True)
        usual_garbage_collection()
        Served(settings).run()


def _made_ready(ready: bool) -> bool:  # noqa: FBT001  # the option itself
    """Do what must be done before the first request. Returns True if the database is empty."""
    from server.core.db import db, reading, writing
    from server.models import Unit
    from server.services.continuity import marks, revocations
    from server.services.installation import own_secret
    from server.services.records import recount
    from server.services.recovery import purges, restores
    from server.serving.installation import installed

    with application(migrate=ready) as app:
        blobs = installed(app).blobs
        blobs.check()
        if ready:
            demo.show(app)
        said = marks.last(db.engine)
        with writing() as session:
            if not own_secret.recognise(session, settings_of(app).keyring):
                raise click.ClickException(REFUSED)
            if not ready and recount.is_due(session):
                raise click.ClickException(TO_RECOUNT)
            recount.if_due(session)
            # If an older database was put back by hand, revoked devices stay revoked and purged content stays
            # purged.
            revocations.reapply(session)
            purges.reapply(session, blobs)
            restores.notice_at_start(session, said, blobs)
        with reading() as session:
            return session.query(Unit).first() is None


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Keep restores from starting while the server runs. Without a data folder there is nothing to lock."""
    from server.core import data_dir_locks

    with data_dir_locks.serving(data_dir) if data_dir.is_dir() else nullcontext(enter_result=True) as may:
        if not may:
            raise click.ClickException(t("A restore is running; start loa serve again when it has ended."))
        yield
