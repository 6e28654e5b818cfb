"""An old database file put back in the server's place, as somebody does without telling anyone."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, select

from server.core.db import db, reading
from server.models import PhotoRef, Record
from server.services.continuity import marks
from support.browsers.officer import Officer
from support.world.province import Province


def copy_to(province: Province, old: Path) -> Path:
    """Copy the current database while the service is stopped."""
    shutil.copyfile(_stop(province), old)
    province.server.start()
    return old


def put_back(province: Province, old: Path, *, whole_disk: bool = False) -> None:
    """Replace the current file by the old one; `whole_disk`: remove the last mark, which would reveal it (B-10)."""
    file = _stop(province)
    if whole_disk:
        (province.server.data_dir / marks.NAME).unlink(missing_ok=True)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(old, file)
    province.server.start()


def lose_and_bring_back(province: Province, one: Officer, old: Path, slogan: str) -> None:
    """Put a file from before a banner back while its phone is offline; then the phone sends the banner again."""
    copy_to(province, old)
    one.banner(slogan)
    one.expect_status("1 đã gửi đủ")
    one.offline()
    put_back(province, old)
    one.offline(on=False)
    one.send()
    one.expect_status("1 đã gửi đủ")


def held(province: Province) -> set[str]:
    """The ids of the server's records."""
    with province.world.app.app_context(), reading() as session:
        return set(session.scalars(select(Record.id)))


def verified(province: Province) -> int:
    """Number of photos and thumbnails whose bytes the server has."""
    with province.world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(PhotoRef).where(PhotoRef.held)) or 0


def _stop(province: Province) -> Path:
    """Stop the server and close this process's own connections. Returns the file, which nobody uses then.

    The last to leave may have been killed before it emptied the log beside the file; the file alone is then incomplete.
    """
    province.server.stop()
    with province.world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    file = Path(str(province.world.app.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as last:
        assert last.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0, "somebody has it still"
    return file
