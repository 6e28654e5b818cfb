"""On which day something nightly was last due."""

from __future__ import annotations

from datetime import date, time, timedelta

from server.core.clock import local


def last_night(nightly: time, at_ms: int) -> date:
    """Return the day on which it was last due, in Việt Nam. `nightly`: when it is due there, each day."""
    here = local(at_ms)
    return here.date() if here.time() >= nightly else here.date() - timedelta(days=1)
