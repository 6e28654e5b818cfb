"""A large database in little time: one commune that the product's own code filled, copied row by row with new ids.

Every id in the commune ends in `aaa` (see `marked`); copy number n ends in three other letters. So a copy is whole in
itself: its survivors, `seen` lists, decisions and totals name its own rows, as the product's code would have made them.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from itertools import product
from typing import Any

from sqlalchemy import JSON, Connection, String, Table, cast, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from server.models import (
    Census,
    Counter,
    DecisionRow,
    Record,
    RecordListing,
    Stream,
    StreamWord,
    Tally,
    TallyKey,
    Unit,
    WriteRow,
)

MARK = "aaa"
COPIED = (Unit, Stream, Counter, Record, WriteRow, DecisionRow, Tally, TallyKey, Census, RecordListing, StreamWord)
SHARED = {"officer_id", "device_id", "campaign_id", "parent_id", "successor_id"}
"""Columns that name rows outside of the commune."""


def marked(id_: str) -> str:
    """The id as one of the commune that is to be copied."""
    return id_[: -len(MARK)] + MARK


def endings() -> Iterator[str]:
    """For each copy its own; not the mark."""
    letters = string.ascii_uppercase + string.digits
    return ("".join(three) for three in product(letters, repeat=3))


def copy(connection: Connection, unit_id: str, ending: str) -> None:
    """One more commune like this one."""
    for model in COPIED:
        table = model.__table__
        assert isinstance(table, Table)
        columns = [_copied(connection, column, ending) for column in table.columns]
        rows = select(*columns).where(_of_the_commune(table, unit_id))
        connection.execute(insert(table).from_select([column.name for column in table.columns], rows))


def _of_the_commune(table: Table, unit_id: str) -> Any:
    if table.name == "unit":
        return table.c.id == unit_id
    if table.name == "stream":
        return table.c.unit_id == unit_id
    stream = Stream.__table__.c
    return table.c.stream_id.in_(select(stream.id).where(stream.unit_id == unit_id))


def _copied(connection: Connection, column: Any, ending: str) -> Any:
    if isinstance(column.type, JSON) and column.name in ("survivors", "seen", "basis"):
        text = func.replace(cast(column, String), f'{MARK}"', f'{ending}"')
        return cast(text, JSONB) if connection.dialect.name == "postgresql" else text
    if column.name in SHARED:
        return column
    if column.name == "id" or column.name.endswith("_id"):
        # Null stays null: a record without a decision.
        return func.substr(column, 1, 13).op("||")(literal(ending, literal_execute=True))
    if column.table.name == "unit" and column.name == "code":
        return literal(f"x{ending}")
    return column
