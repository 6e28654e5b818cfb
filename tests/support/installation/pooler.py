"""PgBouncer in front of a PostgreSQL: each transaction of a client gets a session that others had before."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from support.installation.ports import free_port
from support.network.machines import Machine

CONFIGURATION = """
[databases]
{database} = host={host} port={port} user={user}
[pgbouncer]
listen_addr = {address}
listen_port = {listen}
unix_socket_dir =
auth_type = any
{advised}
default_pool_size = {sessions}
admin_users = admin
"""


def advised() -> str:
    """What docs/install.md says of it, but for the number of sessions."""
    told = (Path(__file__).parents[3] / "docs/install.md").read_text("utf-8")
    (block,) = re.findall(r"In `pgbouncer.ini`:\n\n```\n(.*?)```", told, re.DOTALL)
    block, sizes = re.subn(r"^default_pool_size = \d+\n", "", block, flags=re.MULTILINE)
    assert sizes == 1
    return str(block)


def program() -> str | None:
    """Where it is, if anywhere; LOA_PGBOUNCER names another than that on PATH."""
    return os.environ.get("LOA_PGBOUNCER") or shutil.which("pgbouncer")


@contextmanager
def pooler(database_url: str, folder: Path, sessions: int, machine: Machine | None = None) -> Iterator[str]:
    """The address of this database behind a PgBouncer in transaction mode with so many sessions."""
    machine = machine or Machine()
    url, listen = make_url(database_url), free_port()
    given = conninfo_to_dict(url.set(drivername="postgresql").render_as_string(hide_password=False))
    folder.mkdir()
    file = folder / "pgbouncer.ini"
    file.write_text(
        CONFIGURATION.format(
            database=given["dbname"],
            host=given["host"],
            port=given.get("port") or 5432,
            user=given.get("user") or "postgres",
            address=machine.address,
            listen=listen,
            sessions=sessions,
            advised=advised(),
        )
    )
    # It refuses to run as root, and nobody but PostgreSQL's own user reaches its socket.
    owner = pwd.getpwuid(Path(str(given["host"])).stat().st_uid).pw_name
    words = [str(program()), *(("-u", owner) if os.geteuid() == 0 else ()), str(file)]
    with (folder / "pgbouncer.log").open("wb") as log, machine.entered():
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        for _ in range(100):
            with suppress(OSError):
                create_connection((machine.address, listen), 1).close()
                break
            time.sleep(0.05)
        yield f"postgresql://{given.get('user') or 'postgres'}@{machine.address}:{listen}/{given['dbname']}"
    finally:
        process.terminate()
        process.wait(10)


def sessions_in_use(pool_url: str) -> int:
    """How many sessions of the server it has open."""
    base = make_url(pool_url).set(database="pgbouncer", username="admin")
    with psycopg.connect(base.render_as_string(hide_password=False), autocommit=True) as asked:
        return len(asked.execute("SHOW SERVERS").fetchall())
