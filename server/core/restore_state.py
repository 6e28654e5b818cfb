"""The marker file `restore.unfinished` in the data folder: present while a restore runs or was cut short.

It is written before the old database is set aside and removed when all is done. In between the database looks whole,
but lets in whoever was shut out since the backup, so no server may serve it. After a cut the marker stays, and the next
restore starts over: the data that it finds then is only the interrupted restore's own.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Engine

from server.core import atomic_files
from server.core.shell_words import t

NAME = "restore.unfinished"


class Unfinished(Exception):  # noqa: N818  # it reads as the sentence it prints
    """A restore was begun and not finished."""


@dataclass(frozen=True, slots=True)
class RestoreMark:
    """The database, where its previous contents are or will be kept, and the restore's moment (SPEC B-2)."""

    database: str
    aside: str | None
    at: int


def read(data_dir: Path) -> RestoreMark | None:
    """Return the marker, or None if every restore was finished."""
    try:
        said = json.loads((data_dir / NAME).read_text("utf-8"))
        return RestoreMark(said["database"], said["aside"], said["at"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError):  # an older version, which could be cut short while writing this or stored no moment
        return RestoreMark("", None, 0)


def check(data_dir: Path) -> None:
    """Raise Unfinished while the marker exists."""
    if read(data_dir) is not None:
        raise Unfinished(
            t(
                "A restore was not finished: the database holds an old state that nobody may use yet. "
                "Run loa restore again, it starts over."
            )
        )


def put(data_dir: Path, mark: RestoreMark) -> None:
    """Write the marker durably, before anything in the database changes."""
    atomic_files.write(data_dir / NAME, json.dumps(asdict(mark)))


def remove(data_dir: Path) -> None:
    """Remove the marker: the restore is done."""
    (data_dir / NAME).unlink()
    atomic_files.sync(data_dir)


def name_of(engine: Engine) -> str:
    """The database's URL without the password."""
    return engine.url.render_as_string(hide_password=True)
