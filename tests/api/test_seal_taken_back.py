"""A seal is taken back by the level above, with a reason: SPEC L-14."""

from __future__ import annotations

import pytest

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Seal
from server.services.figures import seals
from server.services.units.scope import Scope
from support.clients.phone import MakePhone
from support.world.changes import lines, merge, seal
from support.world.world import World
from sync.errors import Refused

pytestmark = pytest.mark.databases("sqlite")


def last_seal(world: World) -> str:
    with world.app.app_context(), reading() as session:
        return str(session.query(Seal).order_by(Seal.at.desc(), Seal.position.desc()).first().id)  # type: ignore[union-attr]  # a test that finds none fails here


def take_back(world: World, who: str, seal_id: str, reason: str = "Thiếu số buổi phát thanh") -> bool:
    with world.app.app_context(), writing() as session:
        return seals.take_back(session, Scope(session, world.officers[who]), seal_id, reason)


@pytest.mark.databases("both")
def test_the_level_above_takes_a_seal_back_and_the_one_before_holds_again(world: World, phone: MakePhone) -> None:
    """L-14."""
    one = phone("xa1")
    first = one.create(quantity=1)
    one.sync()
    seal(world, "xa1")
    second = one.create(quantity=2)
    one.sync()
    seal(world, "xa1")
    latest = last_seal(world)
    assert lines(world) == (2, None)
    assert take_back(world, "huyen", latest)
    assert lines(world) == (1, None)
    assert not take_back(world, "huyen", latest), "a double click takes nothing more"
    one.sync()
    assert (one.late(first), one.late(second)) == (False, True)
    assert seal(world, "xa1"), "the same page can be sealed again"
    assert lines(world) == (2, None)
    assert take_back(world, "tinh", last_seal(world)), "from anywhere above"
    assert take_back(world, "huyen", last_seal_standing(world))
    assert lines(world) == (None, None)


def last_seal_standing(world: World) -> str:
    with world.app.app_context(), reading() as session:
        found = session.query(Seal).filter(Seal.taken_back_at.is_(None)).order_by(Seal.position.desc()).first()
        assert found is not None
        return found.id


@pytest.mark.parametrize(
    ("who", "code"), [("xa1", "forbidden"), ("nhanla", "not_found"), ("phucu", "not_found"), ("quantri", "forbidden")]
)
def test_who_may_not_take_a_seal_back(world: World, who: str, code: str) -> None:
    """L-14: not the unit itself, not a neighbour; an administrator only at the top."""
    seal(world, "xa1")
    with pytest.raises(Problem) as told:
        take_back(world, who, last_seal(world))
    assert told.value.code == code


def test_at_the_top_the_administrator_takes_it_back(world: World) -> None:
    """L-14."""
    seal(world, "tinh", "33")
    with pytest.raises(Problem) as told:
        take_back(world, "tinh", last_seal(world))
    assert told.value.code == "forbidden"
    assert take_back(world, "quantri", last_seal(world))
    assert lines(world, "33") == (None, None)


def test_a_reason_is_needed(world: World) -> None:
    """L-14: the unit reads it."""
    seal(world, "xa1")
    with pytest.raises(Problem) as told:
        take_back(world, "huyen", last_seal(world), "  ")
    assert told.value.code == "reason_needed"


@pytest.mark.databases("both")
def test_what_an_act_sealed_is_taken_back_together_and_nothing_else(world: World, phone: MakePhone) -> None:
    """L-14, L-6: of a unit that gained a stream by a merger, only what the latest act sealed."""
    old, new = phone("xa1"), phone("nhanla", "12289")
    old.create(quantity=1), new.create(quantity=2)
    old.sync(), new.sync()
    seal(world, "xa1")
    merge(world, "12286", into="12289")
    new.create(quantity=3)
    new.sync()
    seal(world, "nhanla", "12289")
    assert (lines(world, "12286")[0], lines(world, "12289")[0]) == (1, 2)
    new.create(quantity=4)
    new.sync()
    seal(world, "nhanla", "12289")
    assert lines(world, "12289")[0] == 3
    assert take_back(world, "huyen", last_seal(world))
    assert (lines(world, "12286")[0], lines(world, "12289")[0]) == (1, 2), "the act before holds again"
    assert take_back(world, "huyen", last_seal_standing(world))
    assert (lines(world, "12286")[0], lines(world, "12289")[0]) == (1, None), "the old unit's own word stays"


def test_a_reason_that_is_too_long_is_refused_in_words(world: World) -> None:
    seal(world, "xa1")
    with pytest.raises(Refused) as told:
        take_back(world, "huyen", last_seal(world), "dài " * 600)
    assert told.value.code == "too_long"
    assert take_back(world, "huyen", last_seal(world), "một dòng\r\n" * 200), "a line break counts once"
