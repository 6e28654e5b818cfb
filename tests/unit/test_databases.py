"""Every test that asks gets a database of its own, on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.databases import Engine


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_two_databases_share_nothing(name: str, database_engine: Callable[[str], Engine]) -> None:
    first, second = (sa.create_engine(database_engine(name).empty()) for _ in range(2))
    with first.begin() as connection:
        assert first.dialect.name == name
        connection.execute(sa.text("CREATE TABLE mine (id integer)"))
    assert sa.inspect(first).get_table_names() == ["mine"]
    assert sa.inspect(second).get_table_names() == []
    first.dispose()
    second.dispose()
