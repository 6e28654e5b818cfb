"""Ten thousand tamperings of the chain are found and named, by whoever writes every table but has no key.

In memory, over the rows as they are stored: tests/api/test_audit_chain.py does some of them in both databases.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from server.core import keyring_file
from server.core.keyring import Keyring
from server.services.audit import verifying
from server.services.audit.acts import Act
from server.services.audit.chain import ChainKeys, Day, Entry, Line
from server.services.audit.heads import Head
from server.services.audit.naming import ChainFault, FaultKind

HOUR_MS = 3_600_000
BEGIN = 1_790_000_000_000
RING = keyring_file.of_first("a secret of at least thirty-two characters")
KEYS = ChainKeys.of(RING)
STRANGERS = ChainKeys.of(keyring_file.of_first("another secret of thirty-two characters"))
Expected = set[tuple[FaultKind, int]]
"""Kind and first line of each fault; where several answers are right, one of them is enough."""


def chain(count: int, keys: ChainKeys = KEYS, before: Sequence[Line] = (), begin: int = BEGIN) -> list[Line]:
    """Lines, five to a day, after those of `before`."""
    lines = list(before)
    for number in range(len(lines) + 1, count + 1):
        entry = Entry.of(
            Act.SIGNED_IN, ("officer", f"o{number}"), new={"page": number}, at=begin + number * 5 * HOUR_MS
        )
        day, prev = (lines[-1].day, lines[-1].mac) if lines else ("", "")
        lines.append(keys.sealed(entry.line(number, day, prev)))
    return lines


def witnesses(lines: Sequence[Line]) -> list[Head]:
    """A head for every commit; each added one line."""
    return [Head(line.number, line.number, line.prev, line.mac, line.at) for line in lines]


SHORT, LONG = chain(48), chain(300)


def numbered(lines: Sequence[Line]) -> list[Line]:
    """The lines under the numbers of their places: a gap would be seen at once."""
    return [line._replace(number=number) for number, line in enumerate(lines, 1)]


def whole(lines: Sequence[Line], heads: Sequence[Head], keys: ChainKeys = KEYS) -> verifying.ChainVerdict:
    return verifying.examine(lambda: lines, [], heads, keys)


def faults(lines: Sequence[Line], heads: Sequence[Head], keys: ChainKeys = KEYS) -> list[ChainFault]:
    return whole(lines, heads, keys).faults


OUTSIDE = {kind for kind in FaultKind if kind.startswith(("heads_", "copies_"))} | {
    FaultKind.EMPTIED,
    FaultKind.TRIGGERS,
}
"""Of what is not in the lines: tests/api/test_audit_outside.py."""
Tamper = Callable[[random.Random, list[Line]], tuple[list[Line], Expected]]


def change(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    nth = rng.randrange(len(lines))
    name = rng.choice([name for name in Line._fields if name != "number"])
    was = getattr(lines[nth], name)
    bent = was + 1 if isinstance(was, int) else rng.choice(["", f"{was}x", was[::-1] + "0"])
    if bent == was:
        bent = f"{was}y"
    kind = FaultKind.KEY_MISSING if name == "key_id" else FaultKind.CHANGED
    lines[nth] = Line(**lines[nth]._asdict() | {name: bent})
    return lines, {(kind, nth + 1)}


def delete(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    nth = rng.randrange(len(lines) - 1)
    del lines[nth]
    return lines, {(FaultKind.MISSING, nth + 1)}


def delete_and_close_the_gap(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    nth = rng.randrange(len(lines) - 1)
    del lines[nth]
    return numbered(lines), {(FaultKind.MISSING, nth + 1)}


def reorder(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    one, other = rng.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return numbered(lines), {(FaultKind.REORDERED, one + 1), (FaultKind.REORDERED, other + 1)}


def insert(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    nth = rng.randrange(len(lines) + 1)
    made = rng.choice(lines)._replace(about_id="x", mac=f"{rng.getrandbits(256):064x}")
    return numbered([*lines[:nth], made, *lines[nth:]]), {(FaultKind.INSERTED, nth + 1)}


def insert_a_copy(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    nth = rng.randrange(len(lines) + 1)
    return numbered([*lines[:nth], rng.choice(lines), *lines[nth:]]), {
        (FaultKind.INSERTED, n) for n in (nth, nth + 1, nth + 2)
    }


def cut_the_tail(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    kept = rng.randrange(len(lines))
    return lines[:kept], {(FaultKind.CUT_TAIL, kept + 1)}


def cut_today_and_go_on(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    """The server knows nothing of the cut, and chains to what it finds."""
    kept = rng.randrange(1, len(lines))
    on = rng.randrange(1, len(lines))
    return chain(kept + on, before=lines[:kept], begin=BEGIN + 7), {(FaultKind.CUT_TAIL, kept + 1)}


def swap_two_days(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    days = sorted({line.day for line in lines})
    one, other = sorted(rng.sample(days, 2))
    first = [line for line in lines if line.day == one]
    second = [line for line in lines if line.day == other]
    at, to = lines.index(first[0]), lines.index(second[0])
    between = lines[at + len(first) : to]
    swapped = [*lines[:at], *second, *between, *first, *lines[to + len(second) :]]
    ends = {at + 1, at + len(second) + 1, to + 1, at + len(second) + len(between) + 1}
    return numbered(swapped), {(FaultKind.REORDERED, n) for n in ends}


def copy_of_another_installation(rng: random.Random, lines: list[Line]) -> tuple[list[Line], Expected]:
    keys = rng.choice([KEYS, STRANGERS])  # a second installation may even have been given the same secret
    count = rng.randrange(2, len(lines) + 10)
    return chain(count, keys, begin=BEGIN + 1 + rng.randrange(HOUR_MS)), {(FaultKind.OTHER_INSTALLATION, 1)}


TAMPERINGS: list[Tamper] = [
    change,
    delete,
    delete_and_close_the_gap,
    reorder,
    insert,
    insert_a_copy,
    cut_the_tail,
    cut_today_and_go_on,
    swap_two_days,
    copy_of_another_installation,
]


def found_and_named(seed: int, written: list[Line], heads: Sequence[Head]) -> FaultKind:
    rng = random.Random(seed)
    tamper = TAMPERINGS[seed % len(TAMPERINGS)]
    lines, expected = tamper(rng, list(written))
    found = faults(lines, heads)
    said = {(fault.kind, fault.number) for fault in found}
    assert said & expected, (seed, tamper.__name__, found, expected)
    assert {kind for kind, _ in said} == {kind for kind, _ in expected}, (seed, tamper.__name__, found)
    return FaultKind(found[0].kind)


def test_the_chain_as_it_is_has_no_fault() -> None:
    for lines in (SHORT, LONG, LONG[:1], []):
        assert faults(lines, witnesses(lines)) == []
        assert faults(lines, []) == [], "a new host has no heads yet"


@pytest.mark.slow
@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.costly(soak=True))])
@pytest.mark.costly
def test_random_tamperings_are_found_and_named(count: int) -> None:
    heads = witnesses(SHORT)
    kinds = {found_and_named(seed, SHORT, heads) for seed in range(count)}
    assert kinds >= set(FaultKind) - {FaultKind.FORGED_DAY, FaultKind.ROLLED_BACK} - OUTSIDE


@pytest.mark.slow
def test_tamperings_of_a_longer_chain_are_found_and_named() -> None:
    heads = witnesses(LONG)
    for seed in range(10_000, 10_100):
        found_and_named(seed, LONG, heads)


def test_a_new_key_does_not_end_the_chain_nor_does_the_old_ones_retirement() -> None:
    newer = Keyring((*RING.secrets, keyring_file.new_secret(5)))
    lines = chain(60, ChainKeys.of(newer), before=SHORT)
    assert len({line.key_id for line in lines}) == 2
    for ring in (newer, newer.without("0", "audit")):
        keys = ChainKeys.of(ring)
        assert faults(lines, witnesses(lines), keys) == []
        bent = [*lines[:9], lines[9]._replace(act="signed_out"), *lines[10:]]
        assert [(each.kind, each.number) for each in faults(bent, witnesses(lines), keys)] == [(FaultKind.CHANGED, 10)]
    assert {each.kind for each in faults(lines, witnesses(lines), ChainKeys.of(Keyring(newer.secrets[1:])))} == {
        FaultKind.KEY_MISSING
    }


def removed(lines: Sequence[Line], days: int) -> tuple[list[Line], list[Day]]:
    """The lines without those of their first days, and the heads of these."""
    heads = []
    for day in sorted({line.day for line in lines})[:days]:
        of_it = [line for line in lines if line.day == day]
        heads.append(KEYS.sealed_day(Day(day, of_it[0].number, of_it[-1].number, of_it[-1].mac, "")))
    return list(lines[heads[-1].last :]), heads


def test_removed_days_verify_by_their_heads_and_nobody_else_can_remove_one() -> None:
    kept, days = removed(SHORT, 4)
    heads = witnesses(SHORT)

    def said(lines: Sequence[Line], days: Sequence[Day]) -> set[tuple[FaultKind, int, int]]:
        found = verifying.examine(lambda: lines, days, heads, KEYS).faults
        return {(fault.kind, fault.number, fault.last) for fault in found}

    assert said(kept, days) == set()
    last = days[-1].last
    assert said(kept, []) == {(FaultKind.MISSING, 1, last)}
    assert said(kept, days[1:]) == {(FaultKind.MISSING, 1, days[0].last)}
    forged = days[-1]._replace(last=last + 3, head=kept[2].mac)
    assert said(kept[3:], [*days[:-1], forged]) == {(FaultKind.FORGED_DAY, forged.first, forged.last)}
    assert (FaultKind.INSERTED, 1, last) in said(SHORT, days), "removed lines do not come back"


def test_each_part_of_a_removed_days_head_is_covered() -> None:
    kept, days = removed(SHORT, 4)
    own = days[-1]
    for name, value in (("day", "2020-01-01"), ("first", own.first - 1), ("last", own.last + 1), ("head", "f" * 64)):
        bent = [*days[:-1], Day(**own._asdict() | {name: value})]
        found = verifying.examine(lambda: kept, bent, [], KEYS).faults
        assert FaultKind.FORGED_DAY in {fault.kind for fault in found}, name


def test_who_knows_the_code_but_not_the_key_makes_no_line() -> None:
    """The check value of the key is in every row: it may be copied."""
    line = SHORT[9]._replace(actor_id="x")
    theirs = ChainKeys(KEYS.current, {KEYS.current: STRANGERS.by_id[STRANGERS.current]})
    forged = theirs.sealed(line)
    day = theirs.sealed_day(Day("2020-01-01", 1, 2, "f" * 64, ""))
    assert theirs.is_genuine(forged)
    assert theirs.is_genuine(day)
    assert not KEYS.is_genuine(forged)
    assert not KEYS.is_genuine(day)
    assert KEYS.is_genuine(KEYS.sealed(line))


def test_lines_of_a_lost_history_do_not_fit_behind_others() -> None:
    """After a cut the server wrote on; somebody puts the old lines back behind those, as they were or made to fit."""
    on = chain(34, before=SHORT[:30], begin=BEGIN + 7)
    for fits in (False, True):
        old = SHORT[34]._replace(prev=on[-1].mac) if fits else SHORT[34]
        found = faults([*on, old, *SHORT[35:]], [])
        assert {(each.kind, each.number) for each in found} == {(FaultKind.CHANGED, 35)}, fits


def test_a_restore_excuses_no_cut_of_before() -> None:
    cut = chain(30, before=SHORT[:24], begin=BEGIN + 7)
    entry = Entry.of(Act.RESTORED, ("restore", "17"), at=SHORT[-1].at + HOUR_MS)
    line = entry.line(31, cut[-1].day, cut[-1].mac)._replace(actor_kind="command", actor_id="restore")
    lines = [*cut, KEYS.sealed(line)]
    found = faults(lines, [*witnesses(SHORT[:30]), *witnesses(lines[24:])])
    assert {(each.kind, each.number) for each in found} == {(FaultKind.CUT_TAIL, 25)}


def test_another_installation_is_named_when_the_first_heads_are_gone() -> None:
    """The same secret, and a file of heads that was compacted."""
    other = chain(60, begin=BEGIN + 7)
    assert [each.kind for each in faults(other, witnesses(SHORT)[10:])] == [FaultKind.OTHER_INSTALLATION]


def test_sums_of_wrong_tries_set_no_clock_back() -> None:
    for act, told in ((Act.WRONG_PASSWORD, []), (Act.SIGNED_OUT, [49])):
        entry = Entry.of(act, at=SHORT[-1].at - HOUR_MS)
        lines = [*SHORT, KEYS.sealed(entry.line(49, SHORT[-1].day, SHORT[-1].mac))]
        assert whole(lines, []).set_back == told


def test_a_restore_is_told_from_a_cut() -> None:
    """The server's own line behind the old end excuses what was lost then, and nothing that was cut later."""
    heads = witnesses(SHORT)
    for by, told in (("restore", True), ("serve", False)):
        entry = Entry.of(Act.RESTORED, ("restore", "17"), at=SHORT[-1].at + HOUR_MS)
        line = entry.line(31, SHORT[29].day, SHORT[29].mac)._replace(actor_kind="command", actor_id=by)
        lines = chain(40, before=[*SHORT[:30], KEYS.sealed(line)], begin=SHORT[-1].at)
        on = [*heads, *witnesses(lines[30:])]
        found = whole(lines, on)
        assert [(seen.number, seen.lost, seen.announced) for seen in found.restores] == [(31, 18, told)]
        assert [fault.kind for fault in found.faults] == ([] if told else [FaultKind.ROLLED_BACK])
        cut = faults(lines[:35], on)
        assert (FaultKind.CUT_TAIL, 36) in {(fault.kind, fault.number) for fault in cut}
        confirmed = Entry.of(Act.RESTORE_CONFIRMED, ("restore", "17"), at=lines[-1].at)
        lines.append(KEYS.sealed(confirmed.line(41, lines[-1].day, lines[-1].mac)))
        assert faults(lines, [*on, *witnesses(lines[40:])]) == []


def test_a_restore_after_the_clock_was_set_back_is_one_too() -> None:
    entry = Entry.of(Act.RESTORED, ("restore", "17"), at=BEGIN - HOUR_MS)
    line = entry.line(31, SHORT[29].day, SHORT[29].mac)._replace(actor_kind="command", actor_id="restore")
    lines = [*SHORT[:30], KEYS.sealed(line)]
    found = whole(lines, [*witnesses(SHORT), *witnesses(lines[30:])])
    assert found.faults == []
    assert found.set_back == [31]
    assert lines[30].day == lines[29].day, "days never go back, or they would not close"
