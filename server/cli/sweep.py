"""`loa sweep`: remove now what crashes and lost phones left behind; the server does so by itself, bit by bit."""

import click

from server.blobs.files import FileBlobs
from server.cli.application import configured
from server.services.uploads import Partials, Sweeper


@click.command()
def sweep() -> None:
    """Remove expired partial uploads and what was left half copied; never what is in use."""
    folder = configured(make=False).data_dir
    if not folder.is_dir():
        raise click.ClickException(f"There is no data folder {folder}; see LOA_DATA_DIR.")
    swept = Sweeper(folder, Partials(folder / "partial"), FileBlobs(folder / "photos")).sweep()
    if swept is None:
        raise click.ClickException("Nothing was swept: a backup, or another sweep, is running.")
    click.echo(f"{swept.uploads} partial uploads and {swept.blobs} half copied photos removed.")
