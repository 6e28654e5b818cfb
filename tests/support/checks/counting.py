"""Counts the statements that a piece of work sends to the database, and the rows it gets back."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Counts:
    """The counts so far."""

    statements: int = 0
    rows: int = 0


@contextmanager
def counted(engine: Engine) -> Iterator[Counts]:
    """Count on all connections of this engine; both drivers pass each row to a factory."""
    counts = Counts()

    def statement(*_: object) -> None:
        counts.statements += 1

    def taken(connection: Any, *_: object) -> None:
        connection.row_factory = _sqlite(counts) if isinstance(connection, sqlite3.Connection) else _psycopg(counts)

    engine.dispose()  # connections with the counter begin here, and end with it
    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "connect", taken)
    try:
        yield counts
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "connect", taken)
        engine.dispose()


def _sqlite(counts: Counts) -> Callable[[object, tuple[Any, ...]], tuple[Any, ...]]:
    def row(_cursor: object, values: tuple[Any, ...]) -> tuple[Any, ...]:
        counts.rows += 1
        return values

    return row


def _psycopg(counts: Counts) -> Callable[[object], Callable[[Any], tuple[Any, ...]]]:
    def of(_cursor: object) -> Callable[[Any], tuple[Any, ...]]:
        def row(values: Any) -> tuple[Any, ...]:
            counts.rows += 1
            return tuple(values)

        return row

    return of
