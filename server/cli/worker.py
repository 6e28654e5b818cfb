"""`loa worker`: do jobs, where `loa serve` does not run its own child for them."""

from __future__ import annotations

import click

from server.cli.application import application, configured
from server.core import data_dir_locks
from server.serving import job_worker


@click.command()
@click.option("--parent", type=int, hidden=True, help="The server whose child this is.")
def worker(parent: int | None) -> None:
    """Do long and nightly work until told to stop; loa serve runs one by itself unless LOA_JOBS is 0."""
    folder = configured(make=False).data_dir
    with application() as app, data_dir_locks.serving(folder) as may:
        if not may:
            raise click.ClickException("A restore is running; start loa worker again when it has ended.")
        if parent is None:
            click.echo("Loa: doing jobs. Ctrl-C stops it.")
        job_worker.work(app, parent)
