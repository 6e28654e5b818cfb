"""An audit log that cannot be written: each act returns what mends it again."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text

from server.core.db import db
from support.checks.audit_log import heads_file
from support.world.world import World


def refused_by_the_file(world: World) -> Callable[[], None]:
    """The disk of the data folder is full."""
    path = heads_file(world)
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/full")
    return path.unlink


def refused_by_the_folder(world: World) -> Callable[[], None]:
    path = heads_file(world)
    path.unlink(missing_ok=True)
    path.mkdir()
    return path.rmdir


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
