"""Another worker that holds an uncommitted transaction while a test goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from server.core.db import writing
from server.services.records.journal import accept
from server.services.records.stored import Author
from server.services.units.scope import Scope
from support.world.workload import records
from support.world.world import World

PATIENCE_S = 10
A_MOMENT_S = 0.3
"""Seconds after which a thread that must wait for the other is waiting."""


@contextmanager
def meanwhile(world: World, act: Callable[[Session], Any]) -> Iterator[None]:
    """Run `act` and commit a moment later; the body runs meanwhile and waits where it must. For PostgreSQL."""
    done, go = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with world.app.app_context(), writing() as session:
                act(session)
                session.flush()
                done.set()
                assert go.wait(PATIENCE_S)
        finally:
            done.set()

    with ThreadPoolExecutor(1) as other:
        running = other.submit(run)
        assert done.wait(PATIENCE_S)
        soon = threading.Timer(A_MOMENT_S, go.set)
        soon.start()
        try:
            yield
        finally:
            go.set()
            soon.cancel()
            running.result()


def pushed(world: World, who: str, unit: str) -> Callable[[Session], None]:
    """Return an act that stores a phone's write into the unit, and does not commit it."""

    def push(session: Session) -> None:
        raws = records(1, world.units[unit], world.campaign)
        author = Author(Scope(session, world.officers[who], grace=True))
        assert [each.result for each in accept(session, author, raws)] == ["stored"]

    return push
