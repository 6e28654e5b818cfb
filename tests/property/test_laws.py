"""The laws of a record as a set of writes (SPEC S-1 to S-10, D-3): for any histories, not only those we thought of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.change import delta, is_echo, whole
from sync.protocol import pack_runs, unpack_runs
from sync.record import InForce, State, is_amended, shown, survivors
from sync.write import Write

FIELDS = ("note", "quantity", "hamlet", "photos/00000000000000aa", "deleted", "submitted")
VALUES = {"deleted": (True, None), "submitted": (True, None)}


@st.composite
def histories(draw: st.DrawFn) -> list[Write]:
    """Writes of one record; each names any others as seen (a later one: it came late), and no clock is right."""
    writes: list[Write] = []
    for number in range(draw(st.integers(1, 9))):
        names = draw(st.sets(st.sampled_from(FIELDS), min_size=1, max_size=3))
        values = {name: draw(st.sampled_from(VALUES.get(name, (None, 1, "x", "y", True)))) for name in sorted(names)}
        seen = draw(st.sets(st.sampled_from([*(f"w{n}" for n in range(10)), "elsewhere"]), max_size=4))
        at = draw(st.integers(-(10**12), 10**12))
        writes.append(Write(f"w{number}", at, "w0", values, tuple(sorted(seen))))
    return writes


@pytest.mark.slow
@given(histories(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_says_the_same(writes: list[Write], rng: object) -> None:
    """S-1: arrival in another order, and each write twice, change nothing."""
    shuffled = list(writes)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert State.of(shuffled).fields == State.of(writes).fields
    assert State.of([*writes, *shuffled]).all_sides == State.of(writes).all_sides


@pytest.mark.slow
@given(histories())
def test_nothing_is_lost_silently(writes: list[Write]) -> None:
    """G3: a value is gone only where a write that set the same field named the write that held it."""
    state = State.of(writes)
    for write in writes:
        for name in write.set:
            replaced = any(write.id in other.seen for other in writes if name in other.set and other.id != write.id)
            assert replaced != (write in state.fields[name])


@pytest.mark.slow
@given(histories(), st.integers(-(10**15), 10**15))
def test_a_wrong_clock_only_changes_what_is_shown_first(writes: list[Write], drift: int) -> None:
    """G5, W-3."""
    wrong = [Write(w.id, w.at * -3 + drift, w.record, w.set, w.seen) for w in writes]
    was, now = State.of(writes), State.of(wrong)
    assert was.all_sides == now.all_sides
    assert (was.hidden, was.conflicts, was.submitted) == (now.hidden, now.conflicts, now.submitted)
    assert {name: {w.id for w in alive} for name, alive in was.fields.items()} == {
        name: {w.id for w in alive} for name, alive in now.fields.items()
    }


@pytest.mark.slow
@given(histories())
def test_what_a_write_has_seen_is_looked_through_once_however_many_fields_it_sets(writes: list[Write]) -> None:
    """W-8: 1,024 ids in each of 60 writes of 250 fields held the writer's lock for 17 seconds."""

    class Counted(tuple[str, ...]):
        __slots__ = ()

        def __iter__(self) -> Iterator[str]:
            looked.append(self)
            return super().__iter__()

    looked: list[Counted] = []
    State.of([replace(write, seen=Counted(write.seen)) for write in writes])
    assert len(looked) <= len(writes)


@pytest.mark.slow
@given(histories(), st.sampled_from(("x", None, 7)))
def test_settling_ends_a_conflict(writes: list[Write], value: str | int | None) -> None:
    """S-5."""
    state = State.of(writes)
    for name in state.conflicts:
        settled = State.of([*writes, Write("z", 0, "w0", {name: value}, tuple(state.seen_by([name])))])
        assert settled.sides(name) == [value]
        assert set(settled.conflicts) == set(state.conflicts) - {name}


@pytest.mark.slow
@given(histories())
def test_a_delete_that_saw_everything_hides_and_an_undelete_brings_back(writes: list[Write]) -> None:
    """S-7, S-8."""
    state = State.of(writes)
    gone = [*writes, Write("y", 0, "w0", {"deleted": True}, tuple(state.seen_by_delete))]
    assert State.of(gone).hidden
    seen = tuple(State.of(gone).seen_by(["deleted"]))
    assert not State.of([*gone, Write("z", 0, "w0", {"deleted": None}, seen)]).hidden


@pytest.mark.slow
@given(histories())
def test_an_edit_nobody_saw_is_never_hidden(writes: list[Write]) -> None:
    """S-7: nothing that was written is out of sight without a person having seen it."""
    state = State.of(writes)
    late = [
        *writes,
        Write("y", 0, "w0", {"note": "mới"}),
        Write("z", 0, "w0", {"deleted": True}, tuple(state.seen_by_delete)),
    ]
    assert not State.of(late).hidden
    assert State.of(late).edited_while_deleted


@pytest.mark.slow
@given(histories())
def test_a_decision_on_what_stands_is_not_amended_and_a_new_value_amends_it(writes: list[Write]) -> None:
    """D-3."""
    state = State.of(writes)
    decision = InForce("counted", state.all_sides)
    assert not is_amended(state, decision)
    assert shown(state, decision) == ("amended" if state.hidden else "counted")  # D-7: a hidden one is never counted
    changed = State.of([*writes, Write("z", 0, "w0", {"note": "khác hẳn"}, tuple(state.seen_by(["note"])))])
    assert is_amended(changed, decision)


@pytest.mark.slow
@given(histories(), st.integers(0, 9))
def test_a_phone_that_held_the_first_part_ends_at_the_whole(writes: list[Write], split: int) -> None:
    """X-7: what is told since a cursor, laid on what was held, is what stands."""
    authors = {w.id: "" for w in writes}
    old, new = writes[:split], writes[split:]
    held = {name: {w.id for w in alive} for name, alive in survivors(old).items()}
    now = State.of(writes).ids
    told = delta(now, new, authors) if old else whole(now, {w.id: w for w in writes}, authors)
    touched = {name for row in told["writes"] for name in row["set"]} | set(told.get("keep", {}))
    for name in touched:
        held[name] = {row["id"] for row in told["writes"] if name in row["set"]} | set(
            told.get("keep", {}).get(name, [])
        )
    # No survivor and never set are one: null (S-3).
    assert {name: ids for name, ids in held.items() if ids} == {name: set(ids) for name, ids in now.items() if ids}


@pytest.mark.slow
@given(histories(), st.integers(0, 9))
def test_what_is_not_echoed_was_known(writes: list[Write], split: int) -> None:
    """X-9: where nothing is told, laying the own writes in order gives what stands."""
    old, new = writes[:split], writes[split:]
    now = State.of(writes).ids
    if not is_echo(new, now, {w.id for w in new}):
        return
    held = {name: [w.id for w in alive] for name, alive in survivors(old).items()}
    for write in new:
        for name in write.set:
            seen = set(write.seen) - {write.id}
            held[name] = [id_ for id_ in held.get(name, []) if id_ not in seen] + [write.id]
    assert {name: set(ids) for name, ids in held.items()} == {name: set(ids) for name, ids in now.items()}


ROWS = st.one_of(
    st.builds(
        lambda place, position, number: {
            "result": "stored",
            "unit": place[0],
            "campaign": place[1],
            "position": position,
            "number": f"{place[2]}-{number}",
        },
        st.sampled_from([("u", "c", "BR"), ("u", "c", "PT"), ("u", "d", "BR"), ("v", "c", "BR")]),
        st.integers(1, 5),
        st.integers(1, 5),
    ),
    st.sampled_from([{"result": "later", "code": "internal"}, {"result": "refused", "code": "too_long", "field": "a"}]),
)


@given(st.lists(ROWS, max_size=12))
def test_runs_say_all_that_the_results_say(rows: list[dict[str, object]]) -> None:
    """X-17."""
    runs = pack_runs(rows)
    assert unpack_runs(runs) == rows
    assert sum(run["count"] for run in runs) == len(rows)
