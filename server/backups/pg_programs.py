"""pg_dump and pg_restore: found, checked against the server's version, and run on the database of an engine.

They get the connection in their environment, which libpq reads. So a password is neither on a command line, which
every user of the machine can list, nor in a message.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import pq
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, text

from server.backups.layout import BadBackup
from server.core.shell_words import t

SECRET = b"*"
"""How libpq marks a parameter that must not be shown."""


@dataclass(frozen=True, slots=True)
class PgProgram:
    """A program of PostgreSQL with its connection. `rest`: parameters for which libpq has no variable."""

    path: str
    rest: str
    environment: dict[str, str] = field(repr=False)

    def run(self, *words: str) -> str:
        """Return what it prints. Raises OSError with its first error if it fails or is killed."""
        done = subprocess.run(  # noqa: S603  # no shell: each word is one argument
            [self.path, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode < 0:
            raise ChildProcessError(f"{Path(self.path).name} was killed by signal {-done.returncode}")
        if done.returncode > 0:
            lines = done.stderr.strip().splitlines() or [f"{Path(self.path).name} ended with {done.returncode}"]
            raise ChildProcessError(next((line for line in lines if "error:" in line), lines[-1]))
        return done.stdout

    def connected(self, *words: str) -> str:
        """Run it on the database; it never asks for a password."""
        return self.run(*words, "--no-password", f"--dbname={self.rest}")


def program(name: str, engine: Engine, pg_bin: Path | None) -> PgProgram:
    """Return the program, from this folder or else from PATH. Raises BadBackup unless it is of the server's version.

    An older pg_dump cannot read the server. An archive of a newer one may fit neither: pg_restore 16 cannot read an
    archive of 17, and what pg_restore 17 says is not understood by a server 16.
    """
    path = shutil.which(name, path=None if pg_bin is None else str(pg_bin))
    if path is None:
        where = "on PATH" if pg_bin is None else f"in {pg_bin}"
        raise BadBackup(
            t(
                "There is no {name} {where}; nothing was written. Install PostgreSQL's client programs, "
                "or set LOA_PG_BIN to the folder that has them.",
                name=name,
                where=where,
            )
        )
    found = PgProgram(path, *_connection(engine))
    ours = int(re.search(r"\d+", found.run("--version"))[0])  # type: ignore[index]  # "pg_dump (PostgreSQL) 18.4"
    with engine.connect() as connection:
        server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    if ours != server:
        raise BadBackup(
            t(
                "{path} is of PostgreSQL {ours} and the server is {server}; nothing was written. Set "
                "LOA_PG_BIN to the folder of the programs of {server}.",
                path=path,
                ours=ours,
                server=server,
            )
        )
    return found


def _connection(engine: Engine) -> tuple[str, dict[str, str]]:
    """Return what libpq has no variable for, and an environment with the rest."""
    _, given = engine.dialect.create_connect_args(engine.url)
    rest, environment = {}, dict(os.environ)
    for known in pq.Conninfo.get_defaults():
        name = known.keyword.decode()
        if given.get(name) is None:
            continue
        if known.envvar is not None:
            environment[known.envvar.decode()] = str(given[name])
        elif known.dispchar == SECRET:
            raise BadBackup(
                t(
                    "LOA_DATABASE_URL has {name}, which pg_dump cannot be given in secret; nothing was written.",
                    name=name,
                )
            )
        else:
            rest[name] = str(given[name])
    return make_conninfo(**rest), environment
