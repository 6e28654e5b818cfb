"""Every test that asks gets a database of its own, on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.core import bulk
from server.core.bulk import insert_all, insert_texts, merge_all, one_of, one_of_parameter
from server.core.db import tune
from server.models import HintChange, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.installation.databases import Engine


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


@pytest.mark.slow
def test_a_postgresql_that_answers_early_is_told_to_wait(database_engine: Callable[[str], Engine]) -> None:
    """G1: whatever the server is set to."""
    engine = sa.create_engine(
        database_engine("postgresql").empty(), connect_args={"options": "-c synchronous_commit=off"}
    )
    tune(engine)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW synchronous_commit")) == "on"
    engine.dispose()


@pytest.mark.slow
def test_through_a_pooler_a_transaction_says_all_that_it_needs_and_leaves_nothing_in_the_session(
    database_engine: Callable[[str], Engine],
) -> None:
    """The next transaction of this session is another client's, and this one's next session had another one's."""
    engine = sa.create_engine(
        database_engine("postgresql").empty(), connect_args={"options": "-c synchronous_commit=off"}, pool_size=1
    )
    tune(engine, pooled=True)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW synchronous_commit")) == "on"
        assert connection.scalar(sa.text("SHOW lock_timeout")) == "15s"
        driver: Any = connection.connection.dbapi_connection
        connection.rollback()
        bare = driver.execute("SELECT current_setting('synchronous_commit'), current_setting('lock_timeout')")
        assert bare.fetchone() == ("off", "0")
    engine.dispose()


def test_sqlite_writes_over_what_is_removed(database_engine: Callable[[str], Engine]) -> None:
    """L-11: whatever the library's build does unless told."""
    engine = sa.create_engine(database_engine("sqlite").empty())
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA secure_delete=OFF"))
    tune(engine)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("PRAGMA secure_delete")) == 1
    engine.dispose()


def test_many_texts_in_one_parameter_are_looked_up_by_the_index() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        Record.metadata.create_all(connection, [Record.metadata.tables["record"]])
        for condition in (one_of(Record.id, ["a"]), one_of_parameter(Record.id, "ids")):
            compiled = sa.select(Record.id).where(condition).compile(engine)
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", ("[]",)).all()
            assert "SEARCH record USING" in plan[0].detail
    engine.dispose()


def test_rows_are_inserted_behind_what_the_session_has_pending(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with Session(engine) as session:
        session.add(HintChange(stream_id="merged", changes=2))
        merge_all(session, HintChange, [{"stream_id": "merged", "changes": 1}], added=("changes",))
        session.add(gone := HintChange(stream_id="gone", changes=2))
        session.flush()
        session.delete(gone)
        insert_all(session, HintChange, [{"stream_id": "gone", "changes": 9}])
        session.add(HintChange(stream_id="there", changes=2))
        insert_texts(session, HintChange, "stream_id", ["there", "new"], changes=9)
        rows = session.execute(sa.select(HintChange.stream_id, HintChange.changes)).all()
        assert sorted(map(tuple, rows)) == [("gone", 9), ("merged", 3), ("new", 9), ("there", 2)]
    engine.dispose()


def test_more_rows_than_one_document_holds(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A country locks more lines than PostgreSQL takes as one JSON document."""
    monkeypatch.setattr(bulk, "ROWS_AT_ONCE", 2)
    engine = sa.create_engine(database_url)
    documents: list[int] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *of: documents.append("jsonb_to_recordset" in of[2]))
    with Session(engine) as session:
        insert_all(session, HintChange, [{"stream_id": f"{number}", "changes": number} for number in range(5)])
        assert session.scalar(sa.select(sa.func.sum(HintChange.changes))) == 10
    assert sum(documents) == (3 if engine.dialect.name == "postgresql" else 0)
    engine.dispose()
