"""What an application is made of besides its routes: one object that `create_app` makes.

installed().blobs        in a request or a command
installed(app).settings  where the application is at hand
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask import Flask, current_app

from server.blobs import Blobs
from server.core.keyring import Keyring
from server.health import HealthProbe
from server.services.access.code_door import CodeDoor
from server.services.exchange.round_trip import Server
from server.services.jobs import Jobs
from server.services.photos.uploads import Partials, Sweeper
from server.settings import Settings

if TYPE_CHECKING:  # else each list of the shell would import the library of Word files
    from server.services.reports.documents.report_files import Converter

_KEY: Final = "loa"


@dataclass(slots=True)
class Installation:
    """The settings and keys of an installation, its stores, and what serves requests. Tests put other parts in."""

    settings: Settings
    keyring: Keyring
    blobs: Blobs
    partials: Partials
    """Uploads that are not complete."""
    sweeper: Sweeper
    exchange: Server
    code_door: CodeDoor
    jobs: Jobs
    pdf: Converter
    health: HealthProbe
    said: set[str] = field(default_factory=set)
    """Warnings that are logged once."""


def install(app: Flask, made: Installation) -> None:
    """Give the application its installation."""
    app.extensions[_KEY] = made


def installed(app: Flask | None = None) -> Installation:
    """Return the installation of this application, or of the one that answers."""
    found: Installation = (app or current_app).extensions[_KEY]
    return found
