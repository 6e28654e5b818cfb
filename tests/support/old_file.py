"""An old database file put back in the place of the server's, as somebody does who leaves no word."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, select

from server.core.db import db, reading
from server.models import PhotoRef, Record
from server.services.continuity import marks
from support.province import Province


def copy_to(province: Province, old: Path) -> Path:
    """The database as it is now; the service stands still for it."""
    shutil.copyfile(_stop(province), old)
    province.server.start()
    return old


def put_back(province: Province, old: Path, *, whole_disk: bool = False) -> None:
    """The old file takes the place of today's; with `whole_disk` the last mark goes too, which would tell (B-10)."""
    file = _stop(province)
    if whole_disk:
        (province.server.data_dir / marks.NAME).unlink(missing_ok=True)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(old, file)
    province.server.start()


def held(province: Province) -> set[str]:
    """The records that the hub holds."""
    with province.world.app.app_context(), reading() as session:
        return set(session.scalars(select(Record.id)))


def verified(province: Province) -> int:
    """Photos and thumbnails of which the hub has the bytes."""
    with province.world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(PhotoRef).where(PhotoRef.held)) or 0


def _stop(province: Province) -> Path:
    """The server, and this process's own connections: the file is nobody's then.

    Whoever was the last to leave may have been ended before it emptied the log beside it; without that it is not whole.
    """
    province.server.stop()
    with province.world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    file = Path(str(province.world.app.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as last:
        assert last.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0, "somebody has it still"
    return file
