"""`loa serve`: the server as officers and reviewers use it."""

import click

from server.cli.application import application
from server.cli.demo import show
from server.serve import CannotListen, Served, check_address
from server.settings import Settings, UnsafeSettings


@click.command()
@click.option("--ready", is_flag=True, help="Bring the tables up to date first; in a demo, print the ways in.")
def serve(*, ready: bool) -> None:
    """Serve phones and desk until told to stop."""
    try:
        settings = Settings.from_environment()
        check_address(settings.host, settings.port)
    except (UnsafeSettings, CannotListen) as reason:
        raise click.ClickException(str(reason)) from reason
    if ready:  # behind the check: fresh codes would void those of the server that holds the port
        with application(migrate=True) as app:
            show(app)
    click.echo(
        f"Loa: {settings.public_url}/app/ for phones, {settings.public_url}/desk/ for reviewers. Ctrl-C stops it."
    )
    Served(settings).run()
