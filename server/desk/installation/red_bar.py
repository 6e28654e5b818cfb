"""The red bar of administrators and coordinators at the top: what the checks of the installation found."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core import findings
from server.core.clock import now_ms
from server.core.findings import Level
from server.desk import words
from server.desk.guard import Me
from server.desk.page import Notice
from server.services.installation import sample
from server.serving.installation import installed


def _red(_session: Session, me: Me, _real: object) -> list[str] | None:
    """What must be done now; nothing for others, in a demo, and where nobody ever checked."""
    if not me.oversees:
        return None
    found = findings.read(installed().settings.data_dir, now_ms())
    return [words.finding(one) for one in found or [] if one.level is Level.BAD] or None


RED = Notice("desk/installation/red_bar.html", _red, ~sample.IS_DEMO)
