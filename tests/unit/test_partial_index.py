"""SQLite uses an index of some rows only for a query that says its condition in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from server.core.db import Base
from server.migrate import upgrade
from server.models import Record, Stream
from server.registration import collect
from server.services.review import queue_groups


@pytest.mark.parametrize("made_by", ["migrations", "models"])
def test_records_apart_are_found_by_their_index(tmp_path: Path, made_by: str) -> None:
    url = f"sqlite:///{tmp_path / 'loa.db'}"
    engine = create_engine(url)
    collect()
    if made_by == "migrations":
        upgrade(url)
    else:
        Base.metadata.create_all(engine)
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append((statement, values))

    with Session(engine) as session:
        event.listen(engine, "before_cursor_execute", note)
        streams, narrowed = [Stream.campaign_id == "-" * 16], [Record.kind == "banner"]
        queue_groups.behind_figure(session, "banners", ["approved"], streams, narrowed)
        event.remove(engine, "before_cursor_execute", note)
        asked, values = next(each for each in sent if "FROM record" in each[0])
        if made_by == "models":  # without figures of the data the planner takes any index of equal rank: name it
            asked = asked.replace("FROM record ", "FROM record INDEXED BY ix_record_apart ")
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values).all()
    engine.dispose()
    assert any("ix_record_apart" in row[-1] for row in plan), plan
