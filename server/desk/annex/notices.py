"""The line for holders of the case key: something happened to another holder. It names nobody."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.desk.guard import Me
from server.desk.page import Notice
from server.services.keyholders import losing


def _read(session: Session, me: Me) -> int | None:
    return (len(losing.events(session, me.id)) or None) if me.confidential else None


HOLDERS = Notice("desk/annex/holders_notice.html", _read)
