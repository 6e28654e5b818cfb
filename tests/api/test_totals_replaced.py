"""Records replace a total without evidence step by step, and nothing counts twice (SPEC L-41)."""

from __future__ import annotations

import pytest

from server.services.totals.in_force import Reach, unsupported
from support.clients.phone import MakePhone
from support.world.purging import purge
from support.world.totals import WHY, banner, decided, left, state, table
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.parametrize("reach", list(Reach))
@pytest.mark.parametrize("amount", [0, 1, 7])
@pytest.mark.parametrize("base", [0, 3])
def test_records_replace_it_step_by_step_and_never_below_nothing(reach: Reach, amount: int, base: int) -> None:
    """L-41: every record takes as much as it shows; what is left is never negative, nor more than was said."""
    before = None
    for records in range(20):
        rest = unsupported(reach, amount, base, records)
        assert 0 <= rest <= amount
        if before is not None:
            assert rest in (before, before - 1)
        before = rest
    assert unsupported(reach, amount, base, 1000) == 0
    altogether = amount if reach == Reach.WHOLE else base + amount
    for records in range(base, 20):
        assert records + unsupported(reach, amount, base, records) == max(altogether, records)


@pytest.mark.databases("both")
def test_the_whole_of_a_figure_is_the_total_or_the_records_whichever_is_more(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    state(world, "xa1", banners=10)
    assert left(world) == 10
    banner(officer, 4)
    assert left(world) == 6, "a record that waits is evidence"
    cell = table(world).total.cells["banners"]
    assert (cell.included, cell.unsupported) == (4, 6), "the columns add up to what was said"
    banner(officer, 5, 3)
    assert left(world) == 0
    assert table(world).total.cells["banners"].included == 12, "more evidence than was said: the records count"


def test_what_comes_besides_the_records_is_on_top_of_those_of_that_moment(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    banner(officer, 4)
    state(world, "xa1", banners=3, more={"reach": Reach.BESIDES})
    assert left(world) == 3
    banner(officer, 2)
    assert left(world) == 1
    banner(officer, 5)
    assert left(world) == 0


@pytest.mark.databases("both")
def test_a_record_that_is_deleted_or_purged_gives_its_part_back(world: World, phone: MakePhone) -> None:
    """The statement stands; it has lost its evidence again."""
    officer = phone("xa1")
    state(world, "xa1", banners=10)
    first, second = banner(officer, 4, 3)
    assert left(world) == 3
    officer.delete(first)
    officer.sync()
    assert left(world) == 7
    purge(world, second)
    assert left(world) == 10


def test_a_record_that_is_returned_or_not_counted_is_no_evidence(world: World, phone: MakePhone) -> None:
    """What was said stands in for it again, in its own column, until the record is mended."""
    officer = phone("xa1")
    state(world, "xa1", banners=10)
    first, second, third = banner(officer, 4, 3, 2)
    decided(world, first)
    decided(world, second, "returned", WHY)
    decided(world, third, "not_counted", WHY)
    cell = table(world).total.cells["banners"]
    assert (cell.counted, cell.waiting, cell.unsupported) == (4, 0, 6)
    officer.sync()
    officer.edit(second, quantity=5)
    officer.sync()
    cell = table(world).total.cells["banners"]
    assert (cell.counted, cell.waiting, cell.unsupported) == (4, 5, 1)


def test_a_figure_of_distinct_values_is_compared_by_their_number(world: World, phone: MakePhone) -> None:
    officer = phone("xa1")
    state(world, "xa1", scripts=3)
    for script in ("Tin một", "Tin một", "Tin hai"):
        officer.create(
            "broadcast",
            script=script,
            schedule={"from": "2021-07-01", "to": "2021-07-02", "times_a_day": 1},
            minutes=5,
            programme="own",
        )
    officer.sync()
    assert left(world, "scripts") == 1
    assert table(world).total.cells["scripts"].included == 2
