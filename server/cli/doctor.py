"""`loa doctor`: every check of the installation, with what to do, and what protects from files of others."""

from __future__ import annotations

import base64
import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import click

from server.cli.application import configured
from server.cli.upgrade import JOURNAL
from server.core.clock import now_ms
from server.core.findings import Level
from server.core.shell_words import shell_language

if TYPE_CHECKING:
    from server.checks import CheckContext
    from server.core.findings import HealthFinding
    from server.settings import Settings

_PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADElEQVR4nGNgoA4AAABIAAEuuDx+AAAAAElFTkSuQmCC"
)
"""A PNG file of 8 x 8 pixels."""
_SIGNS: Final = {Level.GOOD: "  ", Level.WARN: "! ", Level.BAD: "!!"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(*, as_json: bool) -> None:
    """Check the installation. Exit status 0: all is well, 1: look at it, 2: something must be done now."""
    from server.checks import CheckContext
    from server.desk import words
    from server.registration import collect

    settings = configured(make=False)
    collect()  # the checks of all capabilities
    found = [*_found(settings), *unfinished(settings), *_worker(settings)]
    found += confined(CheckContext(settings, None, now_ms()))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        for one in sorted(found, key=lambda one: -one.level):
            click.echo(f"{_SIGNS[one.level]} {words.finding(one, shell_language())}")
    raise SystemExit(max((one.level for one in found), default=Level.GOOD))


def _found(settings: Settings) -> list[HealthFinding]:
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.orm import Session

    from server import checks

    engine = create_engine(settings.database_url)
    try:
        if settings.sqlite_file is not None and not settings.sqlite_file.exists():
            return checks.run(settings, None)
        with Session(engine) as session:
            session.execute(text("SELECT 1"))
            return checks.run(settings, session)
    except DBAPIError:
        return checks.run(settings, None)
    finally:
        engine.dispose()


def _worker(settings: Settings) -> list[HealthFinding]:
    """What the worker's own last look says of it: whether it looks at all."""
    from server.core import findings

    kept = findings.read(settings.data_dir, now_ms())
    return [one for one in kept or [] if one.check == "worker"]


def unfinished(settings: Settings) -> Iterator[HealthFinding]:
    """A restore or an upgrade that was cut short. Not the worker's: it runs while an upgrade tries the new release."""
    from server.checks import shipped
    from server.core import restore_state
    from server.core.findings import HealthFinding

    if restore_state.read(settings.data_dir) is not None:
        yield HealthFinding("unfinished", "restore", Level.BAD)
    if (shipped.prefix() / JOURNAL).exists():
        yield HealthFinding("unfinished", "upgrade", Level.BAD)


def confined(_context: CheckContext) -> Iterator[HealthFinding]:
    """What protects from files of others, tried here: not each minute, since a picture is decoded for it."""
    from server.core.findings import HealthFinding
    from server.decoding import confinement

    lacking = confinement.lacking()
    for what in lacking:
        yield HealthFinding("confined", what, Level.WARN)
    fault = _picture_fault()
    if fault:
        yield HealthFinding("confined", "broken", Level.BAD, {"fault": fault})
    elif not lacking:
        linux = f"Linux {platform.release()}, {platform.machine()}, Landlock {confinement.landlock_version() or 'none'}"
        yield HealthFinding("confined", "good", Level.GOOD, {"linux": linux})


def _picture_fault() -> str | None:
    """Have a picture decoded as a photo is. Returns the code of what stands in its way."""
    from server.core.problem_details import Problem
    from server.services.photos import images

    with TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(_PICTURE)
        try:
            return images.judge(path, path.with_name("thumb")).code
        except Problem as problem:
            return problem.code
