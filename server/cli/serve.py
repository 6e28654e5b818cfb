"""`loa serve`: the server as officers and reviewers use it."""

import click

from server.serve import CannotListen, Served, check_address
from server.settings import Settings, UnsafeSettings


@click.command()
def serve() -> None:
    """Serve phones and desk until told to stop."""
    try:
        settings = Settings.from_environment()
        check_address(settings.host, settings.port)
    except (UnsafeSettings, CannotListen) as reason:
        raise click.ClickException(str(reason)) from reason
    click.echo(
        f"Loa: {settings.public_url}/app/ for phones, {settings.public_url}/desk/ for reviewers. Ctrl-C stops it."
    )
    Served(settings).run()
