"""The help of commands in the language of the shell."""

from __future__ import annotations

import copy
import inspect

import click

from server.core.shell_words import shell_language, words


def in_shell_language(command: click.Command) -> click.Command:
    """Return the command with its help, and that of its options and of the commands below, in the shell's language."""
    return command if shell_language() == "en" else _said(command)


def _said(command: click.Command) -> click.Command:
    found = copy.copy(command)
    found.help = words(inspect.cleandoc(command.help or ""))
    found.params = [copy.copy(param) for param in command.params]
    for param in found.params:
        if isinstance(param, click.Option) and param.help:
            param.help = words(param.help)
    if isinstance(found, click.Group):
        found.commands = {name: _said(below) for name, below in found.commands.items()}
    return found
