"""Check the chain against its keys and against the heads outside the database; name every fault.

One pass over the lines, which holds none of them, says whether all is well. Only where it is not does a second look
(naming.py) find out what was done to which line.

A restore brings back an older chain, which lacks the last lines. The line `restored` proves that it was a restore and
not a cut: the server writes it behind the old end, and nobody can make it without the key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.acting import ActorKind
from server.core.points import Point
from server.models import AuditDay, AuditLine
from server.services.audit import log, naming, outside
from server.services.audit.acts import Act
from server.services.audit.chain import ChainKeys, Day, Line
from server.services.audit.heads import Head, ReplacedFile
from server.services.audit.naming import ChainFault, FaultKind

LOGS: Final[Point[Callable[[Session], list[str]]]] = Point()
"""Logs of capabilities, chained with the same keys: each says in words what is wrong with it."""
AT_ONCE: Final = 5_000
SET_BACK_MS: Final = 60_000
"""Clocks of several hosts differ by less."""
TRIED: Final = 100
"""Lines that are tried at neighbouring places, to know whether the chain is of this installation."""
_SUMS: Final = (Act.WRONG_PASSWORD, Act.WRONG_CODE, Act.WRONG_SECOND_FACTOR, Act.WRONG_CASE_KEY)
"""Lines that come later than they say."""
_ANNOUNCED: Final = (str(ActorKind.COMMAND), "restore")
"""Who acts in `loa restore`."""
_LINE = [AuditLine.__table__.c[name] for name in Line._fields]
_DAY = [AuditDay.__table__.c[name] for name in Day._fields]


@dataclass(frozen=True, slots=True)
class SeenRestore:
    """A restore that the chain names. `lost`: lines that it took away and heads outside remember.

    `announced`: `loa restore` did it, or an administrator confirmed it at the desk.
    """

    number: int
    at: int
    lost: int
    announced: bool


@dataclass(slots=True)
class ChainVerdict:
    """The result. `head`: the mac of the last line. `set_back`: lines with a time long before that of the one before.

    `removed`: lines that retention removed. `witnesses`: heads outside the database that were compared.
    """

    lines: int = 0
    removed: int = 0
    last: int = 0
    head: str = ""
    witnesses: int = 0
    faults: list[ChainFault] = field(default_factory=list)
    restores: list[SeenRestore] = field(default_factory=list)
    set_back: list[int] = field(default_factory=list)
    begun: int = 0
    """When the chain was begun, if its first line is there and genuine."""
    files: list[Line] = field(default_factory=list)
    """Genuine lines that name a file of heads, or accept that one is elsewhere."""
    replaced: list[ReplacedFile] = field(default_factory=list)
    """Files of heads that a restore set aside, because an installation before this one began them here."""


def verify(session: Session, copies: Sequence[Path] = ()) -> ChainVerdict:
    """Verify the log of this database with the keys and heads of this host. Call it first in a transaction.

    `copies`: files with copies of heads' lines, of this or other hosts. Raises OSError if one cannot be read.
    """
    keys, path = log.place_of(session)
    # Before the snapshot: then it has all of their lines.
    seen = outside.read(path.parent, keys, log.witness_of(session), copies)
    days = [Day(*row) for row in session.execute(select(*_DAY).order_by(AuditDay.first))]
    witnesses = list(dict.fromkeys([*seen.heads, *seen.proven(session, keys)]))
    found = examine(lambda: _stored(session), days, witnesses, keys)
    found.replaced = seen.replaced
    if found.faults[:1] != [ChainFault(FaultKind.OTHER_INSTALLATION, found.last - found.lines + 1, found.last)]:
        found.faults += outside.faults(session, seen, keys, found)
    return found


def _stored(session: Session) -> Iterator[Line]:
    """The lines in their order, in pages, so that memory holds one page."""
    after = -(2**62)
    while True:
        query = select(*_LINE).where(AuditLine.number > after).order_by(AuditLine.number).limit(AT_ONCE)
        rows = session.execute(query).all()
        yield from map(Line._make, rows)
        if len(rows) < AT_ONCE:
            return
        after = rows[-1][0]


def examine(
    lines: Callable[[], Iterable[Line]], days: Sequence[Day], witnesses: Sequence[Head], keys: ChainKeys
) -> ChainVerdict:
    """Verify lines, which `lines` yields anew with each call, ordered by number."""
    found = ChainVerdict(witnesses=len(witnesses))
    start, prev = _removed(days, keys, found)
    look = _ChainLook(keys, witnesses)
    whole = True
    expected, before = start, prev
    for line in lines():
        genuine = keys.is_genuine(line)
        whole = whole and genuine and line.number == expected and line.prev == before
        look.at(line, genuine=genuine)
        expected, before = line.number + 1, line.mac
        found.lines += 1
        found.last, found.head = line.number, line.mac
    found.set_back, found.files, found.begun = look.set_back, look.files, look.begun
    if found.lines == 0:
        found.last, found.head = start - 1, prev
    held = {day.last: day.head for day in days} | look.macs
    judged = [head for head in witnesses if head.n >= start]
    lost = [head for head in judged if held.get(head.n) != head.mac]
    unexcused = [head for head in lost if look.excuse(head) is None]
    if _is_other(found, look, judged, unexcused, held):
        found.faults = [ChainFault(FaultKind.OTHER_INSTALLATION, found.last - found.lines + 1, found.last)]
        return found
    forks = [head for head in unexcused if head.n in look.macs]
    if forks:
        found.faults.append(
            ChainFault(FaultKind.CUT_TAIL, min(head.first for head in forks), max(head.n for head in forks))
        )
    end = max((head.n for head in unexcused if head.n not in look.macs), default=0)
    if not whole or end:
        found.faults += naming.named(lines(), keys, start, prev, end)
    _tell_restores(found, look, lost)
    found.faults = naming.joined(found.faults)
    return found


def _removed(days: Sequence[Day], keys: ChainKeys, found: ChainVerdict) -> tuple[int, str]:
    """Check the heads of removed days. Returns the number of the first line that stays, and the mac before it."""
    start, prev = 1, ""
    for day in days:
        if not keys.is_genuine(day):
            found.faults.append(ChainFault(FaultKind.FORGED_DAY, day.first, day.last))
        if day.first > start:
            found.faults.append(ChainFault(FaultKind.MISSING, start, day.first - 1))
        start, prev = day.last + 1, day.head
        found.removed += day.last - day.first + 1
    return start, prev


class _ChainLook:
    """What one pass over the lines keeps."""

    def __init__(self, keys: ChainKeys, witnesses: Sequence[Head]) -> None:
        self._keys, self._known = keys, {head.mac for head in witnesses}
        self._wanted = {head.n for head in witnesses} | {head.first - 1 for head in witnesses[:1]}
        self._order = {(head.n, head.mac): nth for nth, head in enumerate(witnesses)}
        self._ends = [(head.first, head.n, nth) for nth, head in enumerate(witnesses)]
        self.macs: dict[int, str] = {}
        """By number, where a head is compared: macs of genuine lines."""
        self.restored: list[Line] = []
        self.confirmed: set[str] = set()
        self.files: list[Line] = []
        self.begun = 0
        self.set_back: list[int] = []
        self.ours = False
        """Some line is, wherever it is now, of this chain."""
        self._tried = 0
        self._places: dict[int, int] = {}
        self._at = 0

    def at(self, line: Line, *, genuine: bool) -> None:
        if not genuine:
            if not self.ours and self._tried < TRIED:
                self._tried += 1
                self.ours = line.mac in self._known or naming.near(line, self._keys, 0) > 0
            return
        self.ours = True
        if line.number in self._wanted:
            self.macs[line.number] = line.mac
        if line.act == Act.RESTORED:
            self.restored.append(line)
        elif line.act == Act.RESTORE_CONFIRMED:
            self.confirmed.add(line.about_id)
        elif line.about_kind == "heads":
            self.files.append(line)
        if line.number == 1:
            self.begun = line.at
        if line.act not in _SUMS:
            if line.at < self._at - SET_BACK_MS:
                self.set_back.append(line.number)
            self._at = line.at

    def excuse(self, head: Head) -> Line | None:
        """The restore that took this head away: it came later, and began at or before it.

        Later by the clock or, where that was set back, by the order in this host's file.
        """
        nth = self._order[head.n, head.mac]
        for line in self.restored:
            if line.number <= head.n and (line.at >= head.at or self._written(line.number) > nth):
                return line
        return None

    def _written(self, number: int) -> int:
        """Return the place in the file of the last head that covers this restore; -1 if another host did it."""
        if number not in self._places:
            self._places[number] = max((nth for first, n, nth in self._ends if first <= number <= n), default=-1)
        return self._places[number]


def _is_other(
    found: ChainVerdict, look: _ChainLook, judged: Sequence[Head], unexcused: Sequence[Head], held: dict[int, str]
) -> bool:
    """True if this chain never was this host's: no line has its keys, or its lines are not those of the heads."""
    if not found.lines:
        return False
    if not look.ours:
        return found.lines > 1
    if not judged or len(unexcused) < len(judged):
        return False
    first = judged[0]
    if first.first == 1:
        return first.n in look.macs
    return first.first - 1 in held and held[first.first - 1] != first.prev


def _tell_restores(found: ChainVerdict, look: _ChainLook, lost: Iterable[Head]) -> None:
    tops: dict[int, int] = {}
    for head in lost:
        line = look.excuse(head)
        if line is not None:
            tops[line.number] = max(tops.get(line.number, 0), head.n - line.number + 1)
    for line in look.restored:
        announced = (line.actor_kind, line.actor_id) == _ANNOUNCED or line.about_id in look.confirmed
        found.restores.append(SeenRestore(line.number, line.at, tops.get(line.number, 0), announced))
        if not announced:
            found.faults.append(ChainFault(FaultKind.ROLLED_BACK, line.number, line.number))
