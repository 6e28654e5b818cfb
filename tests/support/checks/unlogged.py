"""An audit log that cannot be written: each act returns what mends it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from server.core.db import db
from support.checks.audit_log import heads_file
from support.world.world import World


def refused_by_the_file(world: World) -> Callable[[], None]:
    """The disk of the data folder is full."""
    path = heads_file(world)
    return _aside(path, lambda: path.symlink_to("/dev/full"), path.unlink)


def refused_by_the_folder(world: World) -> Callable[[], None]:
    path = heads_file(world)
    return _aside(path, path.mkdir, path.rmdir)


def _aside(path: Path, put: Callable[[], object], remove: Callable[[], object]) -> Callable[[], None]:
    """Put something in the file's place until it is mended."""
    kept = path.read_bytes() if path.exists() else b""
    path.unlink(missing_ok=True)
    put()

    def mend() -> None:
        remove()
        if kept:
            path.write_bytes(kept)

    return mend


def refused_by_the_database(world: World) -> Callable[[], None]:
    """Only the log's own table cannot be written."""

    def run(*statements: str) -> None:
        with world.app.app_context(), db.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    with world.app.app_context():
        postgresql = db.engine.dialect.name == "postgresql"
    if postgresql:
        run("CREATE TRIGGER full_up BEFORE INSERT ON audit_line FOR EACH ROW EXECUTE FUNCTION audit_refused()")
        return lambda: run("DROP TRIGGER full_up ON audit_line")
    run("CREATE TRIGGER full_up BEFORE INSERT ON audit_line BEGIN SELECT RAISE(ABORT, 'full'); END")
    return lambda: run("DROP TRIGGER full_up")
