"""Files that a command is given: a refusal of one that its user may not read names that user.

What root typed goes on as the user that serves (server/core/service_user.py), who may not look into /root: `Permission
denied` alone sends a person who typed sudo looking for something else.
"""

from __future__ import annotations

import os
import pwd
import shlex
from pathlib import Path
from typing import IO, Any

import click

from server.core.shell_words import t


class GivenFile(click.File):
    """A file that is opened for the command."""

    def convert(
        self, value: str | os.PathLike[str] | IO[Any], param: click.Parameter | None, ctx: click.Context | None
    ) -> IO[Any]:
        """Return the open file."""
        if isinstance(value, (str, os.PathLike)) and str(value) != "-" and _is_denied(value):
            self.fail(unreadable(value), param, ctx)
        return super().convert(value, param, ctx)


class GivenPath(click.Path):
    """The path of a file that is there."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        if _is_denied(value):
            self.fail(unreadable(value), param, ctx)
        return super().convert(value, param, ctx)


def unreadable(file: str | os.PathLike[str]) -> str:
    """Return the sentence, in the shell's language, that says whose file it should be."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    copy = f"install -o {user} -m 600 {shlex.quote(os.fspath(file))} /tmp/"
    return t(
        "the user {user}, as whom loa runs after sudo too, may not read {file}. Give that user a copy: sudo {copy}",
        user=user,
        file=os.fspath(file),
        copy=copy,
    )


def _is_denied(file: str | os.PathLike[str]) -> bool:
    """Return True if only a right is missing. The file is not opened: a pipe gives what it has once."""
    try:
        Path(file).stat()
    except OSError as error:
        return isinstance(error, PermissionError)
    return not os.access(file, os.R_OK)
