"""Another worker that has done something and not yet committed it, while a test goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from server.core.db import writing
from support.world import World

PATIENCE_S = 10
A_MOMENT_S = 0.3
"""In which whoever has to wait for the other has begun to."""


@contextmanager
def meanwhile(world: World, act: Callable[[Session], Any]) -> Iterator[None]:
    """`act` is done and committed a moment later: in it the body begins, and waits where it has to. For PostgreSQL."""
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
