"""What the log keeps of a case that was reduced: who worked with a case, when, and the reason from the list.

That is what an office has to answer for. Which case it was, whose unit, what was done, which benefit and how it ended
are gone. What is kept was sealed beside each line when it was written, so nobody has to open anything now; the chain is
made of hashes, so it verifies as before.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import CaseLogLine
from server.services.cases import case_log, sealing
from server.services.cases.case_log import REDUCED
from server.services.keyholders.vault import Vault

AT_ONCE: Final = 500


def erase(session: Session, vault: Vault, cases: Collection[str]) -> int:
    """Erase what the log says of these cases, but for their tombstones. Returns how many lines it was."""
    tags = [tag for case in sorted(cases) for tag in sealing.log_tags(vault, case)]
    found = 0
    for start in range(0, len(tags), AT_ONCE):
        rows = select(CaseLogLine).where(CaseLogLine.case_tag.in_(tags[start : start + AT_ONCE]))
        for row in session.scalars(rows.order_by(CaseLogLine.number)).all():
            row.sealed = row.remains
            case_log.tag(session, vault, row, "")
            found += 1
    found += _before(session, vault, set(cases))
    session.flush()
    return found


def _before(session: Session, vault: Vault, cases: set[str]) -> int:
    """Lines of the time before there was a case key: they carry no tag, and the keyring opens them."""
    found = 0
    for row in session.scalars(select(CaseLogLine).where(CaseLogLine.remains == "")).all():
        said = case_log.opened(vault, row)
        if said is None or said["act"] == REDUCED or not {said["case"], said["what"]} & cases:
            continue
        case_log.seal(session, vault, row, case_log.remains_of(said))
        found += 1
    return found
