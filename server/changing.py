"""A database whose changes are complete: its engine, and what each transaction on it owes.

Used by the application, and by commands of `loa` that make none: to import pages and documents takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine

from server.core import db, points
from server.core.bulk import json_text
from server.registration import collect
from server.services.audit import log
from server.services.continuity import marks, revocations
from server.services.keyholders import losing
from server.settings import Settings


def engine_options(settings: Settings) -> dict[str, Any]:
    """Return how an engine of this database is made."""
    return {
        "pool_size": (kept := min(20, settings.connections)),
        "max_overflow": settings.connections - kept,
        "pool_timeout": 15,
        "json_serializer": json_text,
        "hide_parameters": True,  # parameters are names and reasons, and error messages end up in the log
    }


def pooled_options(settings: Settings) -> dict[str, Any]:
    """Return what more an engine needs whose sessions a pooler lends out for one transaction each."""
    return {"connect_args": {"prepare_threshold": None}} if settings.database_pool_url else {}


def complete(engine: Engine, settings: Settings) -> None:
    """Have each transaction on this engine leave its lines in the files and in the log, and what follows from them."""
    revocations.keep_in(engine, settings.revocations_file)
    marks.keep_in(engine, settings.data_dir / marks.NAME)
    log.keep_in(engine, settings.keyring, settings.data_dir, settings.audit_witness)
    log.watch(losing.WHY, losing.watch)


@contextmanager
def without_application(settings: Settings) -> Iterator[Engine]:
    """Have `writing()` and `reading()` work on this database. The capabilities are imported where a point is read."""
    engine = create_engine(settings.database_url, **engine_options(settings))
    try:
        db.tune(engine)
        complete(engine, settings)
        points.filled_by(collect)
        with db.without_application(engine):
            yield engine
    finally:
        engine.dispose()
