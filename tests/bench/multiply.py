"""A large database in little time: one commune that the product's own code filled, copied with new ids, many at once.

Every id in the commune ends in `aaa` (see `marked`); each copy's end in three other letters. So a copy is whole in
itself: its survivors, `seen` lists, decisions and totals name its own rows, as the product's code would have made them.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any

from sqlalchemy import JSON, Connection, String, Table, case, cast, column, func, insert, literal, select, text, values
from sqlalchemy.dialects.postgresql import JSONB

from server.core.db import Base
from server.models import (
    Census,
    Counter,
    DecisionRow,
    Device,
    Hint,
    HintedStream,
    HintMark,
    Membership,
    Officer,
    Photo,
    PhotoRef,
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
PEOPLE = (Officer, Membership, Device)
"""Those of the commune whose ids bear the mark."""
EVIDENCE = (Photo, PhotoRef, Hint, HintMark, HintedStream)
_ORDER = (Unit, *PEOPLE, *COPIED[1:], *EVIDENCE)
"""What is named comes before what names it."""
SHARED = {"campaign_id", "parent_id", "successor_id", "sha256", "thumb_sha256"}
"""Columns that name rows outside of the commune. Officers and devices do if their id bears no mark."""
_PER_PERSON = {"officer_id", "device_id"}
_OWN_HASHES = {("photo", "sha256"), ("photo_ref", "sha256"), ("photo_ref", "thumb_sha256"), ("hint_mark", "mark")}
_TAKEN_APART = {"survivors", "seen", "basis", "detail"}


def marked(id_: str) -> str:
    """The id as one of the commune that is to be copied."""
    return id_[: -len(MARK)] + MARK


def endings() -> Iterator[str]:
    """For each copy its own; not the mark."""
    letters = string.ascii_uppercase + string.digits
    return ("".join(three) for three in product(letters, repeat=3))


def copy(connection: Connection, unit_id: str, endings: Sequence[str], models: Sequence[type[Base]] = COPIED) -> None:
    """Communes like this one, one for each ending, in one statement a table."""
    many = values(column("letters", String), name="copies").data([(each,) for each in endings]).cte()
    with _unchecked(connection):
        for model in (each for each in _ORDER if each in models):
            table = model.__table__
            assert isinstance(table, Table)
            columns = [_copied(connection, each, many.c.letters) for each in table.columns]
            rows = select(*columns).select_from(table.join(many, text("1 = 1"))).where(_of_the_commune(table, unit_id))
            connection.execute(insert(table).from_select([each.name for each in table.columns], rows))


@contextmanager
def _unchecked(connection: Connection) -> Iterator[None]:
    """On PostgreSQL a row that was copied whole need not be looked up by each of its foreign keys."""
    server = connection.dialect.name == "postgresql"
    if server:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    yield
    if server:
        connection.execute(text("SET LOCAL session_replication_role = DEFAULT"))


def _of_the_commune(table: Table, unit_id: str) -> Any:
    if table.name == "unit":
        return table.c.id == unit_id
    if table.name in ("stream", "membership"):
        return table.c.unit_id == unit_id
    people = select(Membership.officer_id).where(Membership.unit_id == unit_id)
    if table.name in ("officer", "device"):
        return table.c["id" if table.name == "officer" else "officer_id"].in_(people) & table.c.id.endswith(MARK)
    streams = select(Stream.id).where(Stream.unit_id == unit_id)
    if table.name == "photo":
        return table.c.sha256.in_(select(PhotoRef.sha256).where(PhotoRef.stream_id.in_(streams)))
    return table.c.stream_id.in_(streams)


def _copied(connection: Connection, column: Any, letters: Any) -> Any:
    table, name = column.table.name, column.name
    if isinstance(column.type, JSON) and name in _TAKEN_APART:
        replaced = func.replace(cast(column, String), f'{MARK}"', letters.op("||")('"'))
        return cast(replaced, JSONB) if connection.dialect.name == "postgresql" else replaced
    if (table, name) in _OWN_HASHES or name == "token_hash":
        # A letter that no hash has, so that no copy's is one of the first's.
        return func.substr(column, 1, func.length(column) - len(MARK) - 1).op("||")("x").op("||")(letters)
    if name in SHARED:
        return column
    if name == "id" or name.endswith("_id"):
        # Null stays null: a record without a decision.
        own = func.substr(column, 1, 13).op("||")(letters)
        return case((column.endswith(MARK), own), else_=column) if name in _PER_PERSON else own
    if (table, name) == ("unit", "code"):
        return literal("x").op("||")(letters)
    return column.op("||")(func.lower(letters)) if (table, name) == ("officer", "username") else column
