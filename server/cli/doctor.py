"""`loa doctor`: what an administrator should know of this machine before anything happens. It changes nothing."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import click

from server.cli.application import configured
from server.settings import Settings


@click.command()
def doctor() -> None:
    """Say where the keys lie, and who can read them; exit status 1 if a file of keys is open to others."""
    settings = configured()
    lines = [f"Data folder: {settings.data_dir}", _first(settings)]
    files = [path for path in (settings.secret_file, settings.keyring_file) if path is not None and path.exists()]
    if settings.keyring_file.exists():
        lines.append(f"Later keys: {settings.keyring_file}, {_where(settings.keyring_file, settings.data_dir)}")
    bare = [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    lines += [f"WRONG: {path} can be read by others: chmod 600 {path}" for path in bare]
    click.echo("\n".join(lines))
    sys.exit(1 if bare else 0)


def _first(settings: Settings) -> str:
    if settings.secret_file is not None:
        said = f"First secret: {settings.secret_file}, {_where(settings.secret_file, settings.data_dir)}"
        if _is_inside(settings.secret_file, settings.data_dir):
            said += " Move the file elsewhere and name it in LOA_SECRET_KEY_FILE."
        return said
    return "First secret: LOA_SECRET_KEY, or retired; in no file that Loa reads."


def _where(path: Path, data_dir: Path) -> str:
    if _is_inside(path, data_dir):
        return "inside the data folder: whoever copies that folder has what is sealed and its key."
    return "outside the data folder."


def _is_inside(path: Path, data_dir: Path) -> bool:
    return path.resolve().is_relative_to(data_dir.resolve())
