"""Check the cases' log against its keys and against the heads outside the database.

A restore brings back an older log, which lacks the last lines. The line `restored` proves that it was a restore and
not a cut: it is written behind the old end, and nobody can make it without the key. It excuses heads from its own place
on that are older than it, and nothing else. Only where a head is missing are lines opened, to look for such a line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.canonical import canonical
from server.models import CaseFile, CaseLogLine, CaseRight
from server.services.audit import heads, log
from server.services.audit.heads import Head
from server.services.cases import case_log
from server.services.keyholders import vault
from server.services.keyholders.vault import Vault


def verify(session: Session) -> list[str]:
    """Return what is wrong with the log, in words for the command."""
    keys, path = log.place_of(session)
    witnesses = heads.read(
        path.with_name(heads.CASES), keys
    ).heads  # before the snapshot: then it has all of their lines
    faults: list[str] = []
    unknown: list[int] = []
    macs: dict[int, str] = {}
    expected, prev = 1, ""
    for row in session.scalars(select(CaseLogLine).order_by(CaseLogLine.number).execution_options(yield_per=500)):
        if row.number != expected:
            faults.append(f"Lines {expected} to {row.number - 1} of the cases' log: missing.")
        elif row.prev != prev:
            faults.append(f"Line {row.number} of the cases' log: it does not follow the line before it.")
        genuine = keys.is_stamp(row.mac, ("case", row.number, row.prev, row.digest))
        if not genuine and row.chain_key not in keys.by_id:
            unknown.append(row.number)
        elif not (genuine and keys.is_stamp(row.body_mac, case_log.body_of(row))):
            faults.append(f"Line {row.number} of the cases' log: not as it was written.")
        macs[row.number] = row.mac
        expected, prev = row.number + 1, row.mac
    if expected == 1 and any(session.execute(select(table.id).limit(1)).first() for table in (CaseFile, CaseRight)):
        faults.append("The cases' log: empty, though there are cases or rights.")
    if unknown:
        span = f"Lines {unknown[0]} to {unknown[-1]} of the cases' log"
        faults.append(f"{span}: not to be checked: their key is not in the keyring.")
    return faults + _cut(session, vault.closed(session, log.ring_of(session)), witnesses, macs)


def _cut(session: Session, shut: Vault, witnesses: Sequence[Head], macs: Mapping[int, str]) -> list[str]:
    """Heads outside the database that it lacks, but for those that a restore took away.

    It came later than they by the order in this host's file. Of a restore on another host the file has no line, so
    there the month decides: heads name no day (case_log.py).
    """
    held = [macs.get(head.n) == head.mac for head in witnesses]
    if all(held):
        return []
    there = [(nth, head) for nth, head in enumerate(witnesses) if held[nth]]
    restores = [
        (number, at, max((nth for nth, head in there if head.first <= number <= head.n), default=-1))
        for number, at in _restores(session, shut)
    ]
    gone = [head.n for nth, head in enumerate(witnesses) if not held[nth] and not _is_excused(nth, head, restores)]
    return (
        [f"Lines {min(gone)} to {max(gone)} of the cases' log: cut off, or others are in their place."] if gone else []
    )


def _is_excused(nth: int, head: Head, restores: Sequence[tuple[int, int, int]]) -> bool:
    for number, at, written in restores:
        until = at if written >= 0 else case_log.month_end(at)
        if number <= head.n and (nth < written or head.at <= until):
            return True
    return False


def _restores(session: Session, shut: Vault) -> list[tuple[int, int]]:
    """Number and moment (ms) of each genuine line that names a restore."""
    keys, _ = log.place_of(session)
    found = []
    for row in session.scalars(select(CaseLogLine).order_by(CaseLogLine.number).execution_options(yield_per=500)):
        said = case_log.opened(shut, row)
        if said is None or said["act"] != case_log.RESTORED:
            continue
        digest = hashlib.sha256(canonical(said).encode()).hexdigest()
        if digest == row.digest and keys.is_stamp(row.mac, ("case", row.number, row.prev, row.digest)):
            found.append((row.number, int(said["at"])))
    return found
