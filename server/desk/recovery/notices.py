"""The notice on every page that the data was restored from a backup, until an administrator confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

from sqlalchemy.orm import Session

from server.desk.guard import Me
from server.desk.page import Notice
from server.services.recovery import restores


@dataclass(frozen=True, slots=True)
class Restored:
    """That there was a restore, and what is said of it while it is not confirmed: copied, so that no row is held."""

    unconfirmed: SimpleNamespace | None


def _read(session: Session, _me: Me, found: int) -> Restored:
    last = restores.unconfirmed(session) if found == restores.UNCONFIRMED else None
    parts = ("at", "taken_at", "holds_until", "noticed_by")
    return Restored(None if last is None else SimpleNamespace(**{part: getattr(last, part) for part in parts}))


RESTORED = Notice("desk/recovery/restored_notice.html", _read, restores.ANY)
