"""`loa upgrade` and `loa rollback`: one release to the next and back, with the database; put back if a step fails.

The steps stand in `upgrade.json` beside the releases. A machine that lost its power in between is put right by running
the same command again: what was begun is put back first, then it begins anew. `loa rollback` puts it back alone.

Pointing `current` to the new release ends an upgrade: from then on people work on it, so whatever is left of the steps
is finished and never put back.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from server import settings_file
from server.cli import machine_setup
from server.cli.application import configured, database_told, refuse_others
from server.cli.machine_setup import Releases, need_root, run
from server.core.atomic_files import file_digest
from server.core.clock import local, now_ms
from server.core.shell_words import t

if TYPE_CHECKING:
    from server.settings import Settings

JOURNAL: Final = "upgrade.json"
BEFORE: Final = "before.json"
"""The last upgrade that ended, for `loa rollback`."""
MIGRATIONS: Final = "server/_data/migrations/versions/"
COUNTS: Final = b"must_recount"
"""What a step of the tables writes that has all records counted anew (migrations/README.md)."""
STARTS_S: Final = 60
"""Seconds for steps of the tables that move no data, and until the new release is well."""
COPIED_A_SECOND: Final = 20_000_000
"""Bytes that the backup copies: as measured of a database of a million records on a busy machine (tests/release)."""
COUNTED_A_SECOND: Final = 7_200_000
"""Bytes of the database whose records are counted anew, where a step asks for it (tests/release/README.md)."""
prefix_option = click.option("--prefix", type=click.Path(path_type=Path), default="/opt/loa", show_default=True)


@dataclass(frozen=True, slots=True)
class Upgrading:
    """An upgrade under way: from which version to which, the backup before it, and the tables' revision then.

    `back`: it is a rollback, so the old release is to be put in force whatever is in force now.
    """

    old: str
    new: str
    backup: str
    revision: str
    back: bool = False


@click.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@prefix_option
@click.option("--dry-run", is_flag=True, help="Look at archive, room and time; change nothing.")
def upgrade(archive: Path, prefix: Path, *, dry_run: bool) -> None:
    """Install the release in ARCHIVE and bring the database to it; everything is put back if a step fails."""
    from server.core import atomic_files

    need_root()
    releases, settings = Releases(prefix), configured(make=False)
    if dry_run and (prefix / JOURNAL).exists():
        click.echo(t("An upgrade was begun and not finished; it would be put back first."))
    elif not dry_run:
        _finish_what_was_begun(releases, settings)
    old = releases.named(releases.current)
    if not old:
        raise click.ClickException(
            t("{prefix} has no release that is in force: loa install comes first.", prefix=prefix)
        )
    with tempfile.TemporaryDirectory(prefix="loa-", dir=prefix) as scratch:
        unpacked = _unpacked(archive, Path(scratch))
        verify_archive(unpacked)
        new = str(json.loads((unpacked / "release.json").read_text("utf-8"))["version"])
        if new == old:
            raise click.ClickException(t("{new} is what serves already; nothing was changed.", new=new))
        (wheel,) = (unpacked / "wheels").glob("loa-*.whl")
        there = _revision(releases, old)
        _look_before(settings, old, new, counts=counts_anew(wheel, there))
        needing = _tell_stops(wheel, there)
        if dry_run:
            return
        click.echo(run("env", f"LOA_PREFIX={prefix}", "sh", unpacked / "install.sh", "--unpack-only"), nl=False)
    _stop()
    try:
        with database_told():
            refuse_others(settings, needing)
        made = Upgrading(old, new, str(_backed_up(releases, settings, old)), _revision(releases, old))
        atomic_files.write(prefix / JOURNAL, json.dumps(asdict(made)))
        began = time.monotonic()
        run(releases.program(new), "db", "upgrade")
        with machine_setup.tried(releases.program(new), _address(settings)):
            click.echo(
                t(
                    "{new} was served and is well, after {seconds} s of upgrade.",
                    new=new,
                    seconds=f"{time.monotonic() - began:.0f}",
                )
            )
        atomic_files.write(prefix / BEFORE, json.dumps(asdict(made)))
        releases.point(releases.last, old)
        releases.point(releases.current, new)
    except BaseException as error:
        said = error.message if isinstance(error, click.ClickException) else str(error) or type(error).__name__
        try:
            put_right(releases, settings)
        except click.ClickException as again:
            raise click.ClickException(
                t(
                    "The upgrade failed ({said}), and what was could not be put back yet ({message}): make "
                    "room, or see to what that says, and run loa rollback. Nobody is served until then.",
                    said=said,
                    message=again.message,
                )
            ) from error
        _start()
        raise click.ClickException(
            t("The upgrade failed ({said}); {old} is back as it was.", said=said, old=old)
        ) from error
    (prefix / JOURNAL).unlink()
    _start()
    click.echo(t("{new} is in force; loa rollback goes back to {old}.", new=new, old=old))


@click.command()
@prefix_option
@click.option("--yes", is_flag=True, help="Do it: what came in since the upgrade comes back from phones alone.")
def rollback(prefix: Path, *, yes: bool) -> None:
    """Go back to the release before the last upgrade, code and data, from the backup that it made."""
    from server.backups import layout
    from server.core import atomic_files

    need_root()
    releases, settings = Releases(prefix), configured(make=False)
    if _finish_what_was_begun(releases, settings):
        return
    try:
        made = Upgrading(**json.loads((prefix / BEFORE).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise click.ClickException(t("There was no upgrade to go back from.")) from error
    if releases.named(releases.current) != made.new:
        raise click.ClickException(
            t("The last upgrade was to {new}, which is not in force; nothing was changed.", new=made.new)
        )
    if _changed(releases, made) and not (Path(made.backup) / layout.MANIFEST).is_file():
        raise click.ClickException(
            t("{backup} is gone, so there is no way back; nothing was changed.", backup=made.backup)
        )
    if not yes:
        same = t("; the tables are the same")
        bring = t(", and bring {backup} back", backup=made.backup) if _changed(releases, made) else same
        click.echo(
            t("Would go back from {new} to {old}{bring}. Say --yes to do it.", new=made.new, old=made.old, bring=bring)
        )
        return
    _stop()
    atomic_files.write(prefix / JOURNAL, json.dumps(asdict(replace(made, back=True))))
    _go_back(releases, settings, made)
    _start()
    click.echo(t("{old} is in force again.", old=made.old))


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    """Write folders and plain files, within the folder: nobody looked at the signature yet. Raises TarError for others.

    tarfile's own filter for that came with Python 3.11.4, and Debian 12 has 3.11.2.
    """
    for member in tar:
        name = Path(member.name)
        if not (member.isfile() or member.isdir()) or name.is_absolute() or ".." in name.parts:
            raise tarfile.TarError(member.name)
        path = folder / name
        source = tar.extractfile(member) if member.isfile() else None
        if source is None:
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with source, path.open("xb") as file:
            shutil.copyfileobj(source, file)
        path.chmod(0o755 if member.mode & 0o100 else 0o644)


def _unpacked(archive: Path, scratch: Path) -> Path:
    """Unpack into the folder. Returns the one folder of an archive of ours."""
    try:
        with tarfile.open(archive) as tar:
            _extract(tar, scratch)
    except (tarfile.TarError, OSError, ValueError, EOFError, zlib.error) as error:  # ValueError: NUL in a name
        raise click.ClickException(
            t(
                "{archive} cannot be unpacked in {parent} ({error}): copy it again, or make room there. "
                "Nothing was changed.",
                archive=archive,
                parent=scratch.parent,
                error=error,
            )
        ) from error
    found = list(scratch.iterdir())
    if len(found) != 1 or not (found[0] / "release.json").is_file():
        raise click.ClickException(t("{archive} is no archive of a release; nothing was changed.", archive=archive))
    return found[0]


def verify_archive(unpacked: Path) -> None:
    """Refuse an archive whose files are not those of its list, or whose list none of the known signers signed."""
    try:
        lines = (unpacked / "SHA256SUMS").read_text("utf-8").splitlines()
        listed = {name: hashed for hashed, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError) as error:
        raise click.ClickException(
            t("The archive has no list of its files that can be read: copy it again. Nothing was changed.")
        ) from error
    there = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    there -= {"SHA256SUMS", "SHA256SUMS.sig"}
    wrong = sorted(name for name in listed.keys() & there if file_digest(unpacked / name) != listed[name]) or sorted(
        listed.keys() - there
    )
    if wrong:
        raise click.ClickException(
            t(
                "{wrong} is not what the list of this archive says: copy the archive again, and ask who "
                "gave it to you if that does not help. Nothing was changed.",
                wrong=wrong[0],
            )
        )
    if there - listed.keys():
        raise click.ClickException(t("The archive has files that its list does not name; nothing was changed."))
    signers = Path(os.environ.get("LOA_SIGNERS") or settings_file.PLACE.with_name("allowed_signers"))
    if not signers.is_file():
        raise click.ClickException(
            t(
                "There is no {signers}: put the release's public key there, as the letter with the archive says.",
                signers=signers,
            )
        )
    words = ("ssh-keygen", "-Y", "verify", "-f", signers, "-I", "release", "-n", "loa-release", "-s", "SHA256SUMS.sig")
    with (unpacked / "SHA256SUMS").open("rb") as sums:
        done = subprocess.run(words, cwd=unpacked, stdin=sums, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise click.ClickException(
            t("No signature of {signers} is on this archive; nothing was changed.", signers=signers)
        )


def _finish_what_was_begun(releases: Releases, settings: Settings) -> bool:
    """Put right what was not finished, with the service stopped meanwhile. Returns False if nothing had begun."""
    if not (releases.prefix / JOURNAL).exists():
        return False
    _stop()
    done = put_right(releases, settings)
    _start()
    return done


def put_right(releases: Releases, settings: Settings) -> bool:
    """Undo an upgrade that was begun and not finished; end a rollback. Returns False if nothing had begun.

    A rollback that had not touched the tables is given up: people may have worked on the new release since.
    """
    journal = releases.prefix / JOURNAL
    if not journal.exists():
        return False
    made = Upgrading(**json.loads(journal.read_text("utf-8")))
    if releases.named(releases.current) == made.new:
        if not made.back:
            journal.unlink()
            click.echo(t("The upgrade to {new} had come to its end; it is in force.", new=made.new), err=True)
            return True
        if _changed(releases, made) and not _is_restoring(settings):
            journal.unlink()
            click.echo(
                t("A rollback to {old} had changed nothing yet; {new} is in force.", old=made.old, new=made.new),
                err=True,
            )
            return False
    _go_back(releases, settings, made)
    return True


def _go_back(releases: Releases, settings: Settings, made: Upgrading) -> None:
    """Bring the backup back if the tables were changed, then the links."""
    if _changed(releases, made) or _is_restoring(settings):
        click.echo(run(releases.program(made.old), "restore", "--replace", made.backup), nl=False)
    releases.point(releases.current, made.old)
    before = releases.prefix / BEFORE
    if before.exists() and json.loads(before.read_text("utf-8"))["new"] == made.new:
        before.unlink()
    (releases.prefix / JOURNAL).unlink()
    click.echo(t("An upgrade to {new} was put back; {old} is in force.", new=made.new, old=made.old), err=True)


def _is_restoring(settings: Settings) -> bool:
    from server.core import restore_state

    return (settings.data_dir / restore_state.NAME).exists()


def _changed(releases: Releases, made: Upgrading) -> bool:
    """Return True if the tables are not those from before."""
    return _revision(releases, made.new) != made.revision


def _revision(releases: Releases, version: str) -> str:
    return run(releases.program(version), "db", "revision").split()[0]


def _address(settings: Settings) -> str:
    return f"http{'s' if settings.tls else ''}://{settings.host}:{settings.port}"


def _backed_up(releases: Releases, settings: Settings, old: str) -> Path:
    """Back up with the old release. A night of the repository copies the photos of the day alone, and is set apart."""
    from server.backups import repository
    from server.backups.layout import BadBackup

    if settings.backup_dir is not None:
        nights = settings.backup_dir / repository.NIGHTS
        before = repository.snapshots(nights)
        click.echo(run(releases.program(old), "backup"), nl=False)
        # Not the last by name: once the clock was ahead, that is another day's.
        made = [night for night in repository.snapshots(nights) if night not in before]
        if not made:
            raise BadBackup(t("{folder} has no new backup.", folder=nights))
        return repository.set_apart(made[-1])
    place = _backup_place(settings, old)
    click.echo(run(releases.program(old), "backup", place), nl=False)
    return place


def _backup_place(settings: Settings, old: str) -> Path:
    beside = _backup_folder(settings)
    if not beside.exists():
        beside.mkdir(mode=0o700, parents=True)
        owner = settings.data_dir.stat()
        shutil.chown(beside, owner.st_uid, owner.st_gid)
    return beside / f"before-{old}-{local(now_ms()):%Y%m%d-%H%M%S}"


def _backup_folder(settings: Settings) -> Path:
    return settings.backup_dir or settings.data_dir.parent / f"{settings.data_dir.name}-upgrades"


def _sizes(settings: Settings) -> tuple[int, int]:
    """Return the bytes of the database, and of the photos that the backup copies: none where it has a repository."""
    from sqlalchemy import create_engine, text

    file = settings.sqlite_file
    engine = create_engine(settings.database_url)
    try:
        with database_told(), engine.connect() as connection:
            asked = text("SELECT pg_database_size(current_database())")
            size = int(connection.scalar(asked) or 0) if file is None else file.stat().st_size
            photos = int(connection.scalar(text("SELECT sum(size_bytes) FROM photo")) or 0)
    finally:
        engine.dispose()
    return size, photos if settings.backup_dir is None else 0


def _look_before(settings: Settings, old: str, new: str, *, counts: bool) -> None:
    """Say what will be done and how long it may take; refuse without room for twice the database and the backup.

    `counts`: all records will be counted anew.
    """
    size, photos = _sizes(settings)
    for folder, needed in ((settings.data_dir, 2 * size), (_backup_folder(settings), 2 * size + photos)):
        there = next(each for each in (folder, *folder.parents) if each.exists())
        free = shutil.disk_usage(there).free
        if free < needed:
            raise click.ClickException(
                t(
                    "{folder} has {free} MB left, and the upgrade needs {needed} MB. Nothing was changed.",
                    folder=folder,
                    free=free // 10**6,
                    needed=needed // 10**6,
                )
            )
    click.echo(
        t(
            "{old} -> {new}; database {database_name} of {size} MB.",
            old=old,
            new=new,
            database_name=settings.database_name,
            size=size // 10**6,
        )
    )
    if photos:
        said = t(
            "All photos are copied, {size} MB; with backup_dir set, only those of the day are.", size=photos // 10**6
        )
        click.echo(said)
    took = minutes(size, photos, counts=counts)
    click.echo(t("Nobody is served meanwhile: about {minutes} minutes.", minutes=took))


def minutes(size: int, photos: int, *, counts: bool) -> int:
    """Return how long an upgrade of a database and photos of so many bytes takes, in whole minutes, upwards."""
    seconds = STARTS_S + (size + photos) // COPIED_A_SECOND + (size // COUNTED_A_SECOND if counts else 0)
    return -(-seconds // 60)


def stops(wheel: Path, there: str) -> dict[str, str]:
    """Return why each step from these tables to those of the wheel needs a stop, by revision, of those that do.

    Beside the tables of all others the release before can be served (migrations/README.md).
    """
    found = {}
    for revision, source in _steps(wheel, there):
        said = _constants(ast.parse(source))
        if said.get("NEEDS_STOP"):
            found[revision] = str(said.get("STOP_REASON") or "")
    return found


def counts_anew(wheel: Path, there: str) -> bool:
    """Return True if a step from these tables to those of the wheel has all records counted anew."""
    from server.migrate import BEGINNING

    return there < BEGINNING or any(COUNTS in source for _, source in _steps(wheel, there))


def _steps(wheel: Path, there: str) -> Iterator[tuple[str, bytes]]:
    """Yield revision and source of each step from these tables to those of the wheel. Nothing of it runs."""
    with zipfile.ZipFile(wheel) as file:
        for name in sorted(file.namelist()):
            revision = name.removeprefix(MIGRATIONS).partition("_")[0]
            if name.startswith(MIGRATIONS) and name.endswith(".py") and there < revision:
                yield revision, file.read(name)


def _constants(module: ast.Module) -> dict[str, object]:
    """Return what a module sets at its top to a plain value."""
    return {
        target.id: each.value.value
        for each in module.body
        if isinstance(each, ast.Assign | ast.AnnAssign) and isinstance(each.value, ast.Constant)
        for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
        if isinstance(target, ast.Name)
    }


def _tell_stops(wheel: Path, there: str) -> list[str]:
    """Say which steps of the tables need a stop, and return them.

    This command stops the service of its host for steps that need none, too.
    """
    from server.migrate import BEGINNING

    found = stops(wheel, there)
    if there < BEGINNING:
        click.echo(
            t("The tables are those of a development version ({there}); their way to 1.0 needs a stop.", there=there)
        )
    for revision, reason in found.items():
        click.echo(t("Step {revision} of the tables needs a stop: {reason}", revision=revision, reason=reason))
    return [BEGINNING, *found] if there < BEGINNING else list(found)


def _stop() -> None:
    machine_setup.service("stop")


def _start() -> None:
    if not machine_setup.service("start"):
        click.echo(t("Start loa serve again: systemd does not run here."), err=True)
