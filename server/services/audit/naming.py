"""What was done to which line of a damaged chain.

A line that does not fit its number may fit another: then it was moved. So each stored line gets its true number, or
none if no key ever made it as it is. The true numbers in the order of the database tell the rest: those outside the
longest rising run were moved, numbers that nobody has are missing, a line without a number between two that follow each
other was put in, and one where a number is missing was changed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from server.services.audit.chain import ChainKeys, Line

TRIES: Final = 1_000_000
"""Most places at which lines are tried; beyond it a moved line counts as changed. A few seconds."""


class FaultKind(StrEnum):
    """What is wrong. The desk's and the command's words are made of these."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CUT_TAIL = "cut_tail"
    FORGED_DAY = "forged_day"
    KEY_MISSING = "key_missing"
    OTHER_INSTALLATION = "other_installation"
    ROLLED_BACK = "rolled_back"
    EMPTIED = "emptied"
    HEADS_MISSING = "heads_missing"
    HEADS_ALTERED = "heads_altered"
    HEADS_SHORT = "heads_short"
    HEADS_UNNAMED = "heads_unnamed"
    COPIES_MISSING = "copies_missing"
    COPIES_ALTERED = "copies_altered"
    TRIGGERS = "triggers"


@dataclass(frozen=True, slots=True)
class ChainFault:
    """A fault of the lines `number` to `last`; of moved lines the numbers at which they are now.

    `what`: of faults outside the lines, the file, its id or the trigger; the numbers are then those of its lines or 0.
    """

    kind: FaultKind
    number: int
    last: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored line's number, and its true one; 0 if it has none."""

    number: int
    true: int
    known_key: bool


def named(lines: Iterable[Line], keys: ChainKeys, start: int, prev: str, end: int) -> list[ChainFault]:
    """Return the faults of lines that begin with `start`, whose `prev` is given, and go on to `end` at least."""
    stored, strange, faults = _placed(lines, keys, start, prev)
    there = {each.true for each in stored}
    whole = set(range(start, max([end, *there]) + 1))
    stored = _resolved(stored, strange, keys, sorted(whole - there))
    run = _rising(stored)
    faults += _moved(stored, run)
    absent = sorted(whole - {each.true for each in stored})
    faults += _unknown(stored, run, absent)
    top = max((each.true for each in stored), default=start - 1)
    faults += [ChainFault(FaultKind.MISSING if n < top else FaultKind.CUT_TAIL, n, n) for n in absent]
    return faults


def _placed(
    lines: Iterable[Line], keys: ChainKeys, start: int, prev: str
) -> tuple[list[_Stored], dict[int, Line], list[ChainFault]]:
    """Return the lines, those that fit nowhere near by their index, and lines of another history of this chain."""
    stored: list[_Stored] = []
    strange: dict[int, Line] = {}
    faults: list[ChainFault] = []
    offset, before, mac = 0, start - 1, prev
    for line in lines:
        true = near(line, keys, offset)
        if true:
            offset = true - line.number
            if true == before + 1 and line.prev != mac:
                faults.append(ChainFault(FaultKind.CHANGED, line.number, line.number))
        else:
            strange[len(stored)] = line
        known = line.key_id in keys.by_id
        stored.append(_Stored(line.number, true if true >= start else 0, known))
        before, mac = true or -1, line.mac
    return stored, strange, faults


def near(line: Line, keys: ChainKeys, offset: int) -> int:
    """Return the line's true number if it is its own, a neighbour, or as far away as `offset`; else 0."""
    for number in dict.fromkeys((line.number, line.number + offset, line.number - 1, line.number + 1)):
        if keys.is_genuine(line._replace(number=number)):
            return number
    return 0


def _resolved(stored: list[_Stored], strange: dict[int, Line], keys: ChainKeys, absent: Sequence[int]) -> list[_Stored]:
    """Try lines at all the places that nobody has."""
    left, offset = TRIES, 0
    free = dict.fromkeys(absent)
    found = list(stored)
    for nth, line in strange.items():
        if line.key_id not in keys.by_id:
            continue
        wanted = line.number + offset
        for number in [wanted, *free] if wanted in free else list(free):
            left -= 1
            if left < 0:
                return found
            if keys.is_genuine(line._replace(number=number)):
                found[nth] = _Stored(line.number, number, known_key=True)
                offset = number - line.number
                del free[number]
                break
    return found


def _rising(stored: Sequence[_Stored]) -> list[int]:
    """Indices of the longest run of rising true numbers."""
    tops: list[int] = []
    ends: list[int] = []
    before: dict[int, int] = {}
    for nth, each in enumerate(stored):
        if each.true:
            at = bisect_left(tops, each.true)
            if at:
                before[nth] = ends[at - 1]
            tops[at : at + 1], ends[at : at + 1] = [each.true], [nth]
    run = []
    nth = ends[-1] if ends else -1
    while nth >= 0:
        run.append(nth)
        nth = before.get(nth, -1)
    return run[::-1]


def _moved(stored: Sequence[_Stored], run: Sequence[int]) -> list[ChainFault]:
    """Faults of lines outside the run: moved, or copies of a line that is there."""
    inside = set(run)
    there = {stored[nth].true for nth in run}
    faults = []
    for nth, each in enumerate(stored):
        if each.true and nth not in inside:
            faults.append(_at(FaultKind.INSERTED if each.true in there else FaultKind.REORDERED, each))
            there.add(each.true)
    return faults


def _unknown(stored: Sequence[_Stored], run: Sequence[int], absent: list[int]) -> list[ChainFault]:
    """Faults of lines without a true number. Takes the numbers that they had out of `absent`."""
    faults = []
    strange = [nth for nth, each in enumerate(stored) if not each.true]
    free = set(absent)
    for nth in strange:
        each = stored[nth]
        at = bisect_left(run, nth)
        low = stored[run[at - 1]].true if at else 0
        high = stored[run[at]].true if at < len(run) else 2**62
        if low < each.number < high and each.number in free:
            slot = each.number
        else:
            slot = next((n for n in absent[bisect_right(absent, low) :] if n in free and n < high), 0)
        kind = FaultKind.CHANGED if each.known_key else FaultKind.KEY_MISSING
        if slot:
            free.remove(slot)
            faults.append(ChainFault(kind, slot, slot))
        else:
            faults.append(_at(FaultKind.INSERTED, each))
    absent[:] = sorted(free)
    return faults


def _at(kind: FaultKind, each: _Stored) -> ChainFault:
    return ChainFault(kind, each.number, each.number)


def joined(faults: Iterable[ChainFault]) -> list[ChainFault]:
    """Return the faults by number, neighbours of one kind as one."""
    found: list[ChainFault] = []
    for fault in sorted(set(faults), key=lambda each: (each.kind, each.number)):
        if found and found[-1].kind == fault.kind and found[-1].last + 1 >= fault.number:
            found[-1] = ChainFault(fault.kind, found[-1].number, max(found[-1].last, fault.last))
        else:
            found.append(fault)
    return sorted(found, key=lambda each: each.number)
