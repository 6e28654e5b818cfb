"""A transaction inside another one would roll the outer one back without a word: it is refused."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from server.core.db import NestedTransaction, reading, writing
from server.models import Meta
from support.world.world import world as make_world

HELD: list[tuple[Any, Any]] = [(writing, reading), (writing, writing), (reading, writing), (reading, reading)]


@pytest.mark.parametrize(("outer", "inner"), HELD)
def test_one_inside_another_is_refused_and_the_outer_one_goes_on(
    database_url: str, tmp_path: Path, outer: Any, inner: Any
) -> None:
    with make_world(database_url, tmp_path / "data") as world, world.app.app_context():
        held: AbstractContextManager[Any] = outer()
        with held as session:
            if outer is writing:
                session.add(Meta(key="kept", value="x"))
            with pytest.raises(NestedTransaction, match=rf"{inner.__name__}\(\) inside {outer.__name__}\(\)"), inner():
                pass
        with reading() as session:
            assert (session.get(Meta, "kept") is not None) == (outer is writing)
        with inner():
            pass
