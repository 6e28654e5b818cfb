"""How long sessions and tokens last, by the settings of the application that answers this request."""

from __future__ import annotations

from flask import current_app

from server.services.access.desk_sessions import MINUTE_MS, Limits
from server.settings import Settings


def session_limits() -> Limits:
    """How long a session at the desk lasts."""
    settings = _settings()
    return Limits(settings.session_idle_minutes * MINUTE_MS, settings.session_hours * 60 * MINUTE_MS)


def device_idle_ms() -> int:
    """After how long without contact a device enrols again."""
    return _settings().device_idle_days * 24 * 60 * MINUTE_MS


def _settings() -> Settings:
    settings: Settings = current_app.extensions["loa_settings"]
    return settings
