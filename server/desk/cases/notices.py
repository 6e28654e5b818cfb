"""The reminder for who has the right to cases: look there. It comes after days, whether anything is due or nothing.

What is due is said behind the door alone. A line on other pages would tell who looks over a shoulder that the
commune has a case, and a small commune has one victim.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.desk.annex.opened import vault_in
from server.desk.guard import Me
from server.desk.page import Notice
from server.services.cases import finding, rights


def _read(session: Session, me: Me, _has_right: object) -> dict[str, bool]:
    """Of who has the right, whose menu has the entry. `look`: they did not for some days."""
    return {"look": finding.should_look(session, vault_in(session), me.id)}


LOOK = Notice("desk/cases/look_notice.html", _read, rights.HAS_ANY)
