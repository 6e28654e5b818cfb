"""The `loa` command: one group, put together from one small file per topic in server/cli/."""

import click

from server.cli.db import db
from server.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="loa", message="%(version)s")
def main() -> None:
    """Loa: the server behind the phones and the desk."""


main.add_command(serve)
main.add_command(db)
