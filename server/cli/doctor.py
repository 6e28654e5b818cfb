"""`loa doctor`: what this machine gives and lacks, said before somebody needs it."""

from __future__ import annotations

import base64
import platform
import stat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from server.cli.application import configured
from server.core.problem_details import Problem
from server.decoding import confinement
from server.services.photos import images
from server.settings import Settings

LACKS = {
    "files": "files. Install a kernel with Landlock (Linux 5.13 or newer, switched on), or run Loa as root",
    "network": "the network. Loa knows no filter for this processor; a kernel from 6.7 needs none",
    "programs": "starting programs and processes. Loa knows no filter for this processor, or the kernel has none",
}
_PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADElEQVR4nGNgoA4AAABIAAEuuDx+AAAAAElFTkSuQmCC"
)
"""A PNG file of 8 x 8 pixels."""


@click.command()
def doctor() -> None:
    """Say where the keys lie, and what protects from files that others send. Exit status 1 if something is wrong."""
    bare = _keys(configured(make=False))
    version = confinement.landlock_version()
    click.echo(f"Linux {platform.release()}, {platform.machine()}, Landlock {version or 'none'}.")
    lacking = confinement.lacking()
    for what in lacking:
        click.echo(f"A process that reads a file of others is not kept from {LACKS[what]}.", err=True)
    fault = _picture_fault()
    if bare:
        raise click.ClickException("Others can read a file of keys.")
    if fault:
        raise click.ClickException(
            f"A picture of our own could not be decoded ({fault}): no photo, PDF, Word or Excel file can be taken in. "
            "The line above says why."
        )
    if lacking:
        raise click.ClickException("Files of others are read with fewer bars than Loa has.")
    click.echo("A picture was decoded. Files of others are read without keys, other files, network or programs.")


def _picture_fault() -> str | None:
    """Have a picture decoded as a photo is. Returns the code of what stands in its way."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(_PICTURE)
        try:
            return images.judge(path, path.with_name("thumb")).code
        except Problem as problem:
            return problem.code


def _keys(settings: Settings) -> list[Path]:
    """Say where each file of keys lies. Returns those that others can read."""
    if settings.secret_file is None:
        click.echo("First secret: LOA_SECRET_KEY, or none that Loa reads from a file.")
    elif _is_inside(settings.secret_file, settings.data_dir):
        click.echo(
            f"First secret: {settings.secret_file}, inside the data folder: whoever copies that folder has what is "
            "sealed and its key. Move the file elsewhere and name it in LOA_SECRET_KEY_FILE."
        )
    else:
        click.echo(f"First secret: {settings.secret_file}, outside the data folder.")
    files = [path for path in (settings.secret_file, settings.keyring_file) if path is not None and path.exists()]
    if settings.keyring_file in files:
        place = "inside" if _is_inside(settings.keyring_file, settings.data_dir) else "outside"
        click.echo(f"Later keys: {settings.keyring_file}, {place} the data folder.")
    bare = [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in bare:
        click.echo(f"{path} can be read by others: chmod 600 {path}", err=True)
    return bare


def _is_inside(path: Path, data_dir: Path) -> bool:
    return path.resolve().is_relative_to(data_dir.resolve())
