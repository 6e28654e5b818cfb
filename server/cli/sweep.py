"""`loa sweep`: remove expired data now; the server does so by itself each night."""

from __future__ import annotations

import click

from server.cli.application import configured, transaction
from server.core.clock import now_ms
from server.core.shell_words import t


@click.command()
def sweep() -> None:
    """Remove expired partial uploads, what was left half copied, and ways in that ended; never what is in use."""
    from server.blobs import StoreUnavailable
    from server.blobs.chosen import blobs_of
    from server.services.access import compaction
    from server.services.audit import log
    from server.services.audit.acts import Act
    from server.services.continuity import revocations
    from server.services.photos.uploads import Partials, Sweeper

    settings = configured(make=False)
    folder = settings.data_dir
    if not folder.is_dir():
        raise click.ClickException(t("There is no data folder {folder}; see LOA_DATA_DIR.", folder=folder))
    try:
        swept = Sweeper(folder, Partials(folder / "partial"), blobs_of(folder, settings.bucket)).sweep()
    except StoreUnavailable as reason:
        raise click.ClickException(str(reason)) from reason
    if swept is None:
        raise click.ClickException(t("Nothing was swept: a backup, or another sweep, is running."))
    click.echo(
        t(
            "{uploads} partial uploads and {blobs} leftovers of the photo store removed.",
            uploads=swept.uploads,
            blobs=swept.blobs,
        )
    )
    with transaction() as session:
        rows = compaction.rows(session)
        log.append(session, Act.COMMAND_RUN, ("command", "sweep"))
    file = settings.revocations_file
    lines = revocations.compact(file, now_ms()) if file.exists() else 0
    click.echo(
        t(
            "{rows} expired codes, links and sessions, and {lines} superseded lines of {name} removed.",
            rows=rows,
            lines=lines,
            name=file.name,
        )
    )
