"""How a capability joins the application: one function tells all that it adds, and nothing else imports it.

    # server/capabilities/jobs.py
    def register(add: Registration) -> None:
        add.pages(jobs.bp, under="nav.people")
        add.command(worker)
        add.jobs(lambda app, known: clearing.register(known))

A file in server/capabilities/ is all it takes: there is no list to add it to. What a capability provides to another one
goes to that one's `Point` (server/core/points.py).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from flask import Blueprint, Flask

    from server.desk.menu import MenuEntry, Page
    from server.services.jobs import Jobs

CAPABILITIES = "server.capabilities"


@dataclass
class Registration:
    """What all capabilities add."""

    desk: list[Page] = field(default_factory=list)
    entries: list[MenuEntry] = field(default_factory=list)
    commands: list[click.Command] = field(default_factory=list)
    job_kinds: list[Callable[[Flask, Jobs], None]] = field(default_factory=list)

    def pages(self, *blueprints: Blueprint, under: str | None = None, prefix: str = "/desk") -> None:
        """Add pages of the desk; while one is shown, the menu marks the entry that it is under."""
        from server.desk.menu import Page  # noqa: PLC0415  # a command that collects nothing needs no desk

        self.desk += [Page(blueprint, prefix, under) for blueprint in blueprints]

    def menu(self, entry: MenuEntry) -> None:
        """Add an entry to the desk's menu."""
        self.entries.append(entry)

    def command(self, *commands: click.Command) -> None:
        """Add commands of `loa`."""
        self.commands += commands

    def jobs(self, register: Callable[[Flask, Jobs], None]) -> None:
        """Have this called with each application and its registry of jobs."""
        self.job_kinds.append(register)


def collect() -> Registration:
    """Ask every capability. Imports them all, and with them their tables."""
    from server import models  # noqa: PLC0415  # a command that collects nothing reads a few tables

    models.complete()
    found = Registration()
    package = importlib.import_module(CAPABILITIES)
    for module in pkgutil.iter_modules(package.__path__, f"{CAPABILITIES}."):
        importlib.import_module(module.name).register(found)
    return found
