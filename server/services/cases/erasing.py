"""What the log keeps of a case that was reduced: who worked with a case, when, and the reason from the list.

That is what an office has to answer for. Which case it was, whose unit, what was done, which benefit and how it ended
are gone: the text is sealed anew without them, and without its salt, so that the hash in the chain tells nothing. The
chain is made of the hashes, so it verifies as before.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.keyring import Keyring
from server.models import CaseLogLine
from server.services.cases import case_log
from server.services.cases.case_log import ERASED_CHANGE, ERASED_READ, OPENED, PRINTED, REDUCED, VIEWED

_READ: Final = (OPENED, PRINTED, VIEWED)


def erase(session: Session, ring: Keyring, cases: Collection[str]) -> int:
    """Erase what the log says of these cases, but for their tombstones. Returns how many lines it was."""
    found = 0
    for row in session.scalars(select(CaseLogLine).order_by(CaseLogLine.number)).all():
        said = case_log.opened(ring, row)
        if said is None or said["act"] == REDUCED or not {said["case"], said["what"]} & set(cases):
            continue
        kept = {name: said[name] for name in ("at", "by", "why")}
        act = ERASED_READ if said["act"] in _READ else ERASED_CHANGE
        case_log.seal(
            session, ring, row, kept | {"act": act, "salt": "", "times": 1, "case": "", "unit": "", "what": ""}
        )
        found += 1
    session.flush()
    return found
