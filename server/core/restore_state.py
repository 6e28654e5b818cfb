"""`restore.unfinished` in the data folder: from before what the database held is set aside until all is done.

In between the database looks whole and lets in who was shut out since, so nobody may serve it. It stays when a restore
is cut short in whatever way; the next one starts over, for what it finds then is nobody's data but its own.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Engine

from server.core import atomic_files

NAME = "restore.unfinished"


class Unfinished(Exception):  # noqa: N818  # it reads as the sentence it prints
    """A restore was begun and not finished."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The database, where what it held before is kept or will be, and the moment by which it goes (SPEC B-2)."""

    database: str
    aside: str | None
    at: int


def read(data_dir: Path) -> Mark | None:
    """The mark that stands; None where every restore was finished."""
    try:
        said = json.loads((data_dir / NAME).read_text("utf-8"))
        return Mark(said["database"], said["aside"], said["at"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError):  # of a version that could be cut short while it wrote this, or knew no moment
        return Mark("", None, 0)


def check(data_dir: Path) -> None:
    """Raise Unfinished while a mark stands."""
    if read(data_dir) is not None:
        raise Unfinished(
            "A restore was not finished: the database holds an old state that nobody may use yet. "
            "Run loa restore again, it starts over."
        )


def put(data_dir: Path, mark: Mark) -> None:
    """Durably, before anything in the database changes."""
    atomic_files.write(data_dir / NAME, json.dumps(asdict(mark)))


def remove(data_dir: Path) -> None:
    """All is done."""
    (data_dir / NAME).unlink()
    atomic_files.sync(data_dir)


def name_of(engine: Engine) -> str:
    """Which database, without the password."""
    return engine.url.render_as_string(hide_password=True)
