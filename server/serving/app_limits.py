"""How long sessions and tokens last, and what a device may spend, by the settings of the application that answers."""

from __future__ import annotations

from server.services.access.desk_sessions import MINUTE_MS, Limits
from server.services.access.quotas import Budget
from server.serving.installation import installed
from server.settings import Settings


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
