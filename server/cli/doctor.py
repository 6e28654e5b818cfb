"""`loa doctor`: what this machine gives and lacks, said before somebody needs it."""

from __future__ import annotations

import platform

import click

from server.decoding import confinement

LACKS = {
    "files": "files. Install a kernel with Landlock (Linux 5.13 or newer, switched on), or run Loa as root",
    "network": "the network. Loa knows no filter for this processor; a kernel from 6.7 needs none",
}


@click.command()
def doctor() -> None:
    """Say what protects this installation from files that others send. Exit status 1 if something is missing."""
    version = confinement.landlock_version()
    click.echo(f"Linux {platform.release()}, {platform.machine()}, Landlock {version or 'none'}.")
    lacking = confinement.lacking()
    for what in lacking:
        click.echo(f"A process that reads a file of others is not kept from {LACKS[what]}.", err=True)
    if lacking:
        raise click.ClickException("Files of others are read with fewer bars than Loa has.")
    click.echo("Files of others are read without keys, other files, network or programs.")
