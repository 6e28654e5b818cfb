"""The reminder for who has the right to cases: look there. It comes after days, whether anything is due or nothing.

What is due is said at the door and behind it. A line on other pages would tell who looks over a shoulder that the
commune has a case, and a small commune has one victim.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from server.desk.annex.opened import vault_in
from server.desk.guard import Me
from server.desk.page import Notice
from server.services.cases import finding


def _read(session: Session, me: Me) -> Literal[True] | None:
    return finding.should_look(session, vault_in(session), me.id) or None


LOOK = Notice("desk/cases/look_notice.html", _read)
