"""The shell's commands in tests: how one is run, what one says that refused, the head of a list of units."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

Loa = Callable[..., Result]
HEAD = "code,name,level,parent_code,short_name\n"


def said(result: Result) -> str:
    """The one sentence of a command that refused."""
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    return line.removeprefix("Error: ")
