"""A machine that vanishes: its power or its cable is gone, and it says nothing to those it was connected to."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from server.core.db import tune
from support.installation.databases import Postgresql
from support.network.machines import Machine, is_here, network

pytestmark = [pytest.mark.slow, pytest.mark.costly]
WITHIN_S = 90
"""Both ends notice after half a minute (db.PEER_GONE); a busy machine takes longer. Linux's default is two hours."""
CHILD = """
import sys, time
from sqlalchemy import create_engine, text
from server.core.db import tune
engine = create_engine(sys.argv[1])
tune(engine)
with engine.connect() as connection:
    connection.execute(text("LOCK TABLE unit" if sys.argv[2] == "lock" else "SELECT 1"))
    print("here", flush=True)
    if sys.argv[2] == "lock":
        time.sleep(3600)
    try:
        connection.execute(text("SELECT pg_sleep(3600)"))
    except Exception as error:
        print(type(error).__name__, flush=True)
"""


@contextmanager
def at(machine: Machine, url: str, what: str) -> Iterator[subprocess.Popen[str]]:
    """Somebody on that machine who holds a lock, or waits for an answer."""
    with machine.entered():
        child = subprocess.Popen([sys.executable, "-c", CHILD, url, what], stdout=subprocess.PIPE, text=True)
    with child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "here\n"
            yield child
        finally:
            child.kill()


def test_a_host_that_vanishes_keeps_no_lock_and_learns_that_the_database_is_gone(short_folder: Path) -> None:
    if not is_here():
        pytest.skip("no network namespaces may be made on this machine")
    folder = short_folder / "vanished"
    folder.mkdir()
    with network("database", "host") as lan:
        postgresql = Postgresql(folder, machine=lan["database"])
        try:
            url = postgresql.over_network(postgresql.fresh())
            engine = create_engine(url, poolclass=NullPool)
            tune(engine)

            def is_free() -> bool:
                try:
                    with engine.connect() as connection:
                        connection.execute(text("LOCK TABLE unit NOWAIT"))
                except OperationalError:
                    return False
                return True

            with at(lan["host"], url, "lock"), at(lan["host"], url, "wait") as waiting:
                assert not is_free()
                lan["host"].cut()
                end = time.monotonic() + WITHIN_S
                while not is_free():
                    assert time.monotonic() < end, "it is locked yet"
                    time.sleep(1)
                assert waiting.communicate(timeout=WITHIN_S)[0] == "OperationalError\n"
        finally:
            postgresql.close()
