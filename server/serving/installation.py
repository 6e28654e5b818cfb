"""What an application is made of besides its routes: one object that `create_app` makes.

installed().blobs        in a request or a command
installed(app).settings  where the application is at hand

How long sessions and tokens last, and what a device may spend, is asked here, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask import Flask, current_app

from server.blobs import Blobs
from server.core.clock import MINUTE_MS
from server.core.keyring import Keyring
from server.health import HealthProbe
from server.services.access.code_door import CodeDoor
from server.services.access.desk_sessions import Limits
from server.services.access.devices import Budget
from server.services.exchange.round_trip import Server
from server.services.jobs import Jobs
from server.services.photos.uploads import Partials, Sweeper
from server.settings import Settings

if TYPE_CHECKING:
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


def session_limits() -> Limits:
    """How long a session at the desk lasts."""
    settings = _settings()
    return Limits(settings.session_idle_minutes * MINUTE_MS, settings.session_hours * 60 * MINUTE_MS)


def device_idle_ms() -> int:
    """After how long without contact a device enrols again."""
    return _settings().device_idle_days * 24 * 60 * MINUTE_MS


def device_budget(settings: Settings | None = None) -> Budget:
    """What a device may spend."""
    its = settings or _settings()
    return Budget(its.device_writes, its.device_writes_a_minute, its.device_seconds, its.device_seconds_a_minute)


def _settings() -> Settings:
    return installed().settings
