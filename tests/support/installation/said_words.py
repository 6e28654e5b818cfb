"""The sentences that the shell says: of `t`, `tn` and `later` in the code, the help of all commands, click's own."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

import click
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import normalize, read_po

from server.commands import main
from server.core.shell_words import DOMAIN, FOLDER
from server.registration import collect

SERVER = Path(__file__).parents[3] / "server"
PO = FOLDER / "vi" / "LC_MESSAGES" / f"{DOMAIN}.po"
_SAYS: Final = re.compile(r"^ *from server\.core\.shell_words import ", re.MULTILINE)
KEYWORDS = {"t": None, "tn": (2,), "later": None}
"""Vietnamese has one form for every number: that of several is the key."""
OWN = (
    "Usage:",
    "Options",
    "Commands",
    "Error: {message}",
    "Show this message and exit.",
    "Missing argument",
    "Missing option",
    "No such command {name!r}.",
    "No such option: {name}",
    "Try '{command} {option}' for help.",
    "Invalid value for {param_hint}: {message}",
    "default: {default}",
    "required",
    "Got unexpected extra argument ({args})",
    "Aborted!",
    "{name} {filename!r} does not exist.",
    "File",
    "Directory",
    "Path",
    "Option {name!r} requires an argument.",
)
"""What click says most, in its own words."""


def of_code() -> set[str]:
    """The sentences in the code."""
    found = set()
    for path in sorted(SERVER.rglob("*.py")):
        if not _SAYS.search(path.read_text("utf-8")):  # the desk's own `t` names keys of its catalogues
            continue
        for _, message, _, _ in extract_from_file("python", path, keywords=KEYWORDS):
            found.add(message if isinstance(message, str) else message[0])
    return found


def of_help(command: click.Command = main) -> Iterator[str]:
    """What a command, those below it and their options say of themselves."""
    collected = {str(one.name): one for one in collect().commands} if command is main else {}
    yield inspect.cleandoc(command.help or "")
    yield from (param.help for param in command.params if isinstance(param, click.Option) and param.help)
    for below in collected.values() or (command.commands.values() if isinstance(command, click.Group) else ()):
        yield from of_help(below)


def every() -> set[str]:
    """All that the catalogue has to have."""
    return {*of_code(), *(said for said in of_help() if said), *OWN}


def known() -> dict[str, str]:
    """What the catalogue has."""
    with PO.open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file, "vi") if each.id}


def quoted(sentence: str) -> str:
    """As an entry of the catalogue has it."""
    return normalize(sentence, width=140)


def compiled() -> bytes:
    """What Python's gettext reads."""
    with PO.open("rb") as file:
        catalogue = read_po(file, "vi")
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()
