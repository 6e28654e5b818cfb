"""Migrations run up and down on both databases, and end at the models."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from server.core.db import Base
from server.migrate import config, upgrade
from server.registration import collect
from support.world.world import world


def test_up_equals_the_models_and_down_leaves_nothing(empty_database_url: str) -> None:
    collect()
    upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    command.downgrade(config(empty_database_url), "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(empty_database_url)
    engine.dispose()


def test_the_keys_of_names_are_made_for_what_is_there(database_url: str, tmp_path: Path) -> None:
    keys = "SELECT id, search_key, sort_key FROM"
    with world(database_url, tmp_path / "data"):
        engine = create_engine(database_url)
        with engine.connect() as connection:
            before = [connection.execute(text(f"{keys} {table} ORDER BY id")).all() for table in ("unit", "officer")]
        script = ScriptDirectory.from_config(config(database_url)).get_revision("0022")
        command.downgrade(config(database_url), str(script.down_revision))
        upgrade(database_url)
        with engine.connect() as connection:
            after = [connection.execute(text(f"{keys} {table} ORDER BY id")).all() for table in ("unit", "officer")]
        engine.dispose()
    assert after == before
    assert "xa chinh nghia" in {row.search_key for row in after[0]}
    assert "can bo 1 xa chinh nghia xa1" in {row.search_key for row in after[1]}
    assert all(row.sort_key for rows in after for row in rows)
