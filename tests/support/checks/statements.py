"""The statements that a piece of work sends to the database, as text."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from server.core.db import db
from support.world.world import World


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """Note them, on all connections of the world's engine.

    Nothing is collected meanwhile: a session holds its rows weakly, so a collection in the middle of a page may make it
    read a row again, and the same page would send one more on another day.
    """
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    collects = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield sent
    finally:
        if collects:
            gc.enable()
        event.remove(engine, "before_cursor_execute", note)
