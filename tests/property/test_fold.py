"""A state folded write by write is the state of the set (SPEC S-1), whatever is loaded anew in between."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property.test_laws import histories

from sync.record import Fold, State
from sync.write import Write


@pytest.mark.slow
@given(histories(), st.randoms(use_true_random=False))
def test_a_fold_equals_the_state_of_all_writes_in_any_order(writes: list[Write], rng: random.Random) -> None:
    arriving = list(writes)
    rng.shuffle(arriving)
    fold, held = Fold(), set[str]()
    for number, write in enumerate(arriving):
        if rng.random() < 0.3:
            fold = loaded(fold, arriving[:number])
        fold.add(write, [id_ for id_ in write.seen if id_ not in held and id_ != write.id])
        held.add(write.id)
        assert fold.state == State.of(arriving[: number + 1])


@given(histories())
def test_what_a_write_would_change_is_told_without_changing_it(writes: list[Write]) -> None:
    """W-8: the room is judged before the write is added."""
    fold = Fold()
    for write in writes:
        before = dict(fold.fields)
        after = fold.after(write)
        assert fold.fields == before
        fold.add(write)
        assert fold.fields == before | after


def loaded(fold: Fold, writes: list[Write]) -> Fold:
    """As a server has it that keeps the survivors' ids, and pairs of an id and who named it early."""
    by_id = {write.id: write for write in writes}
    survivors = {name: tuple(by_id[id_] for id_ in ids) for name, ids in fold.state.ids.items()}
    pairs = [(id_, each.id) for id_, by in fold.early.items() for each in by]
    again = Fold(survivors)
    for id_, by in pairs:
        again.early.setdefault(id_, []).append(by_id[by])
    return again
