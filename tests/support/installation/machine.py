"""A machine that could run Loa: a database and a data folder, with the shell's commands and the application."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import create_engine, inspect, text

from server.commands import main
from server.core.keyring import Keyring
from server.settings import Settings
from support.installation.apps import app_on
from support.world.world import World


@dataclass(frozen=True)
class Machine:
    """A machine, given by its settings."""

    url: str
    data_dir: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        given = {"LOA_DATABASE_URL": self.url, "LOA_DATA_DIR": str(self.data_dir), **self.more}
        return given | {"LOA_PG_BIN": os.environ.get("LOA_PG_BIN", "")}  # of the PostgreSQL that the tests started

    @property
    def keyring(self) -> Keyring:
        """The keys of this machine; made if there are none yet."""
        return Settings.from_environment(self.environment).keyring

    def loa(self, *words: object) -> Result:
        """Run a command of the shell."""
        return CliRunner(env=self.environment).invoke(main, [str(word) for word in words])

    def done(self, *words: object) -> str:
        """Run a command that must succeed. Returns its output."""
        result = self.loa(*words)
        assert result.exit_code == 0, result.output
        return re.sub(r"^Database: .*\n", "", result.output, flags=re.MULTILINE)

    def refused(self, *words: object) -> str:
        """Run a command that must refuse. Returns its one sentence."""
        result = self.loa(*words)
        assert result.exit_code == 1, result.output
        (line,) = result.output.splitlines()
        return line

    def rows(self) -> dict[str, list[str]]:
        """Everything in the database, to compare."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            names = inspect(connection).get_table_names()
            found = {name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names}
        engine.dispose()
        return found

    @contextmanager
    def holding(self, world: World) -> Iterator[World]:
        """Yield the province with the application of this machine."""
        with app_on(Settings.from_environment(self.environment)) as app:
            yield replace(world, app=app)
