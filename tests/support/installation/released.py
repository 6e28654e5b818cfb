"""A server as an earlier version left it: its database and its data folder, kept as small files and put up again.

`database.sqlite.gz` is the file of SQLite, `database.sql.gz` what pg_dump said of PostgreSQL, `data.tar.gz` the folder:
photos, half an upload, the secret, the last mark.
"""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy import create_engine, text

from server.core.clock import now_ms
from support.installation.databases import Engine

SQLITE, POSTGRESQL, DATA = "database.sqlite.gz", "database.sql.gz", "data.tar.gz"


def keep(database_url: str, data_dir: Path, folder: Path) -> None:
    """Keep a server that is stopped in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if database_url.startswith("sqlite"):
        whole = folder / "whole.sqlite"
        whole.unlink(missing_ok=True)
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as database:
            database.execute("VACUUM INTO ?", [str(whole)])
        (folder / SQLITE).write_bytes(gzip.compress(whole.read_bytes(), mtime=0))
        whole.unlink()
    else:
        program = str(Path(os.environ["LOA_PG_BIN"]) / "pg_dump")
        asked = [program, "--inserts", "--no-owner", "--no-privileges", _libpq(database_url)]
        dumped = subprocess.run(asked, capture_output=True, check=True).stdout
        (folder / POSTGRESQL).write_bytes(gzip.compress(dumped, mtime=0))
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for file in sorted(data_dir.rglob("*")):
            if file.is_file() and file.suffix != ".log":
                archive.add(file, str(file.relative_to(data_dir)))
    (folder / DATA).write_bytes(gzip.compress(made.getvalue(), mtime=0))


def put_up(engine: Engine, folder: Path, data_dir: Path) -> str:
    """Make a database and a data folder of what is kept, in the tables of that version. Returns the database's URL.

    Its devices were seen today: how long ago this was kept is no matter.
    """
    url = engine.empty()
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).write_bytes(gzip.decompress((folder / SQLITE).read_bytes()))
    else:
        dumped = gzip.decompress((folder / POSTGRESQL).read_bytes()).decode()
        # Lines with a backslash in front are for psql alone; the rest is SQL.
        script = "\n".join(line for line in dumped.splitlines() if not line.startswith("\\"))
        with psycopg.connect(_libpq(url), autocommit=True) as connection:
            connection.execute(script.encode())
    data_dir.mkdir(mode=0o700)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress((folder / DATA).read_bytes()))) as archive:
        archive.extractall(data_dir, filter="data")
    database = create_engine(url)
    with database.begin() as connection:
        connection.execute(text("UPDATE device SET seen_at = :now"), {"now": now_ms()})
    database.dispose()
    return url


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg:", "postgresql:", 1)
