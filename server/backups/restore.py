"""Restore a backup: photos first, each checked, then the database, then what its age requires (SPEC B-5, B-6).

Photos are stored under their hashes and never overwritten. A mark stays in the data folder from before the database
changes until all is done (server/core/restore_state.py): an interrupted restore is simply run again, and nothing serves
its remains. If the backup cannot be loaded at all (a full disk), the old database is put back and the mark is removed.
Then it is served as before. A photo that is missing or damaged is no longer verified, and phones are asked for it
again.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server import migrate
from server.backups import databases, layout
from server.backups.layout import BadBackup, Manifest
from server.backups.photos import Photos
from server.blobs import Blobs, StoreUnavailable
from server.blobs.chosen import blobs_of
from server.core import atomic_files, data_dir_locks, restore_state
from server.core.atomic_files import file_digest
from server.core.clock import local, now_ms
from server.core.restore_state import RestoreMark
from server.core.secrets_at_rest import fingerprints
from server.core.shell_words import t
from server.core.unit_of_work import ending
from server.models import CampaignFile, DeskSession, EnrolmentCode, Photo, PhotoRef, WelcomeLink
from server.services.audit import log
from server.services.continuity import revocations
from server.services.installation import own_secret
from server.services.jobs import restoring
from server.services.photos import photo_index
from server.services.photos.uploads import Partials
from server.services.records import readiness, recount
from server.services.recovery import purges, restores
from server.settings import Settings

KEPT: Final = 2
"""How many databases that a restore or a rollback replaced are kept: the newest."""


@dataclass(frozen=True, slots=True)
class Brought:
    """The result of a restore. `missing`: photos no longer verified; `shut_out`: revocations newer than the backup.

    `files_missing`: titles of campaign files whose bytes are lost; no phone is asked for those.
    """

    manifest: Manifest
    missing: list[str]
    files_missing: list[str]
    shut_out: int
    aside: str | None
    same_secret: bool
    forgotten: list[str]
    """Databases that earlier restores had set aside, removed because KEPT newer ones are there."""
    unfinished: list[str]
    """Half copies of databases that killed restores left, removed."""


def bring(
    settings: Settings,
    folder: Path,
    *,
    replace: bool = False,
    revoked: Path | None = None,
    unsigned: bool = False,
    without_keys: bool = False,
) -> Brought:
    """Restore into the configured database and data folder. Raises BadBackup before anything is changed.

    `replace`: keep a database that is not empty under another name. `revoked`: the revocations file of a lost machine.
    `unsigned`: take a backup that no key of this installation signed. `without_keys`: give up what needs its keys.
    """
    manifest, sums = _checked(settings, folder, unsigned=unsigned, without_keys=without_keys)
    settings.make_data_dir()
    if not settings.revocations_file.parent.is_dir():  # on a new machine; needed before anything serves
        atomic_files.make(settings.revocations_file.parent)
    with data_dir_locks.restoring(settings.data_dir) as may, databases.opened(settings.database_url) as engine:
        if not may:
            raise BadBackup(t("The data folder is in use; stop loa serve first. Nothing was changed."))
        mark = restore_state.read(settings.data_dir)
        name = restore_state.name_of(engine)
        again = mark if mark and mark.database == name else None
        _check_mark(settings.data_dir, mark, again)
        _check_target(engine, manifest, free=replace or again is not None)
        databases.check_load(folder / layout.DATABASE, engine, settings.pg_bin)
        begun = Partials(settings.data_dir / "partial")
        blobs = blobs_of(settings.data_dir, settings.bucket, begun.forget)
        photos = Photos(folder, sums, blobs, settings.data_dir)
        _put(photos, blobs)
        _bring_rescue(folder, sums, settings.data_dir)
        noted = again or RestoreMark(name, _aside(engine), now_ms())
        with _as_it_was(settings.data_dir, engine, noted.aside if again is None else None):
            if noted.aside is not None:
                databases.copy_aside(engine, noted.aside)
            if again is None:
                restore_state.put(settings.data_dir, noted)
            if noted.aside is not None:  # under the mark, because from then on an empty database is in its place
                databases.set_aside(engine, noted.aside)
            databases.load(folder / layout.DATABASE, engine, settings.pg_bin)
        migrate.upgrade(settings.database_url)
        log.keep_in(engine, settings.keyring, settings.data_dir, settings.audit_witness)
        listed = folder / layout.REVOCATIONS if layout.REVOCATIONS in sums else None  # only a listed file was checked
        for lines in (listed, revoked):
            if lines is not None:
                revocations.merge(settings.revocations_file, lines)
        with _marking(engine) as session:
            log.replace_files(session)
            recount.if_due(session)
            missing = _unverify(session, photos, blobs)
            shut_out = revocations.reapply(session, settings.revocations_file)
            _void(session)
            purges.reapply(session, blobs, settings.revocations_file)
            restoring.queue_again(session, blobs)
            given = session.execute(select(CampaignFile.title, CampaignFile.sha256).order_by(CampaignFile.title))
            files_missing = [title for title, sha256 in given if not photos.has(sha256)]
            own_secret.adopt(session, settings.keyring)  # phones begin anew: no cursor of another key is used
            restores.tell(session, manifest.taken_at, manifest.holds_until, noted.at, settings.revocations_file)
        restore_state.remove(settings.data_dir)
        forgotten = _forget(engine, lambda: _older(engine, noted.aside))
        unfinished = _forget(engine, lambda: databases.half_aside(engine))
    same_secret = manifest.secret in fingerprints(settings.keyring)
    return Brought(manifest, missing, files_missing, shut_out, noted.aside, same_secret, forgotten, unfinished)


def _checked(
    settings: Settings, folder: Path, *, unsigned: bool, without_keys: bool
) -> tuple[Manifest, dict[str, str]]:
    """Return manifest and hashes of a backup that may be brought back here. Raises BadBackup."""
    manifest = layout.read(folder)
    sums = layout.read_sums(folder)
    if manifest.secret not in fingerprints(settings.keyring) and not without_keys:
        raise BadBackup(_lost_without_keys(manifest, sums))
    if not (unsigned or without_keys) and not layout.is_signed(manifest, settings.keyring):
        raise BadBackup(
            t(
                "No key of this installation made this backup's signature: it is from before 1.0, or it "
                "was altered. If you know where it comes from, take it with --unsigned. Nothing was "
                "changed."
            )
        )
    _check_database(folder, manifest, sums)
    return manifest, sums


def _lost_without_keys(manifest: Manifest, sums: dict[str, str]) -> str:
    """Return the sentence that says what of this backup nobody could read with the keys of this machine."""
    rescue = sum(name.startswith(f"{layout.RESCUE}/") for name in sums)
    counted = (
        (manifest.tables.get("second_factor", 0), t("second factors")),
        (rescue, t("rescue files that wait")),
        (manifest.tables.get("audit_line", 0), t("lines of the audit log, which nobody can check")),
    )
    lost = ", ".join(f"{count} {what}" for count, what in counted if count)
    return t(
        "The keys of this backup are not here: put secret_key or LOA_SECRET_KEY back, and keyring.json if there is "
        "one, from the copy that is kept apart. With --without-keys these are lost for good: {lost}, what is sealed "
        "in confidential cases, printed codes, and rescue files that phones still make. Nothing was changed.",
        lost=lost or t("nothing that is counted"),
    )


@contextmanager
def _as_it_was(data_dir: Path, engine: Engine, aside: str | None) -> Iterator[None]:
    """If the backup cannot be loaded, put the old database back and remove the mark, so that it may be served.

    A killed process cannot do this: then the mark stays, and nothing serves the database.
    """
    try:
        yield
    except BaseException as error:
        if aside is None:
            raise
        databases.put_back(engine, aside)
        if restore_state.read(data_dir) is not None:
            restore_state.remove(data_dir)
        if not isinstance(error, (OSError, sqlite3.Error, psycopg.Error, SQLAlchemyError)):
            raise
        raise BadBackup(
            t(
                "The restore was not finished ({error}). The database is as it was and may be served; it "
                "can be begun again, with --replace.",
                error=error,
            )
        ) from error


def _put(photos: Photos, blobs: Blobs) -> None:
    """Store the photos. Raises BadBackup if the store cannot be used; nothing but photos was changed yet."""
    try:
        blobs.check()
        photos.put()
    except StoreUnavailable as error:
        raise BadBackup(t("{error} The database was not changed.", error=error)) from error


def _bring_rescue(folder: Path, sums: dict[str, str], data_dir: Path) -> None:
    """Restore rescue files that wait for a person, unless they exist; a damaged one's page says that it is gone."""
    for name in (name for name in sums if name.startswith(f"{layout.RESCUE}/")):
        source, target = folder / name, data_dir / name
        if not target.exists() and source.is_file() and file_digest(source) == sums[name]:
            atomic_files.make(target.parent)
            atomic_files.copy(source, target)


def _check_database(folder: Path, manifest: Manifest, sums: dict[str, str]) -> None:
    files = [name for name in sums if name.startswith(f"{layout.DATABASE}/")]
    for name in [*files, layout.REVOCATIONS]:
        if name in sums and (not (folder / name).is_file() or file_digest(folder / name) != sums[name]):
            raise BadBackup(
                t("{folder} is damaged: {name} is not what it was; nothing was restored.", folder=folder, name=name)
            )
    try:
        migrate.check(manifest.revision, made_by=manifest.loa)
    except migrate.ForeignTables as reason:
        raise BadBackup(
            t("{folder} cannot be restored by this version. {reason}", folder=folder, reason=reason)
        ) from reason


def _check_mark(data_dir: Path, mark: RestoreMark | None, again: RestoreMark | None) -> None:
    """Refuse a second database: there is one mark, so the first would be served half restored."""
    if mark is not None and mark.database and again is None:
        raise BadBackup(
            t(
                "A restore into {database} was not finished: finish that one first, with "
                "LOA_DATABASE_URL as it was, or remove {data_dir} if that database is given up. Nothing "
                "was changed.",
                database=mark.database,
                data_dir=data_dir / restore_state.NAME,
            )
        )


def _check_target(engine: Engine, manifest: Manifest, *, free: bool) -> None:
    if engine.dialect.name != manifest.database:
        raise BadBackup(
            t(
                "This is a backup of {database}, and LOA_DATABASE_URL names {name}.",
                database=manifest.database,
                name=engine.dialect.name,
            )
        )
    if not free and not databases.is_empty(engine):
        raise BadBackup(t("The database is not empty; nothing was changed. --replace keeps it under another name."))
    if databases.in_use(engine):
        raise BadBackup(
            t("The database is in use; stop loa serve, and a pooler before it, first. Nothing was changed.")
        )


def _aside(engine: Engine) -> str | None:
    """Return where the database's content will be kept, under a unique name: if that exists, it was set aside."""
    if databases.is_empty(engine):
        return None
    return databases.aside(engine, f"replaced-{local(now_ms()):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}")


def _older(engine: Engine, aside: str | None) -> list[str]:
    """Return what earlier restores set aside, but the newest. What this one did stays, whatever the clock said."""
    earlier = [where for where in databases.kept_aside(engine, sure=True) if where != aside]
    return earlier[: -(KEPT - 1)] if aside else earlier[:-KEPT]


def _forget(engine: Engine, found: Callable[[], list[str]]) -> list[str]:
    """Remove these. Returns what is gone; the rest can wait: the restore is done, and the doctor lists what is left."""
    gone = []
    with suppress(OSError, SQLAlchemyError, psycopg.Error):
        for where in found():
            with suppress(OSError, SQLAlchemyError, psycopg.Error):
                databases.forget(engine, where)
                gone.append(where)
    return gone


@contextmanager
def _marking(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        session.connection(execution_options={"writer": True})
        with ending(session):
            yield session


def _unverify(session: Session, photos: Photos, blobs: Blobs) -> list[str]:
    """Ask again for each verified photo whose bytes are lost, in every stream that names it. Returns the hashes."""
    held = select(Photo.sha256, Photo.type).where(Photo.state == "verified").order_by(Photo.sha256)
    missing = [sha256 for sha256, type_ in session.execute(held) if not photos.is_good(sha256, type_)]
    for sha256 in missing:
        session.execute(delete(Photo).where(Photo.sha256 == sha256))
        session.execute(update(PhotoRef).where(PhotoRef.sha256 == sha256).values(held=False))
        named = session.scalars(select(PhotoRef.stream_id).where(PhotoRef.sha256 == sha256).distinct())
        readiness.arrived(session, named.all(), sha256)
    for sha256 in session.scalars(select(PhotoRef.sha256).where(PhotoRef.held, PhotoRef.gone).distinct()).all():
        photo_index.note_gone(session, blobs, sha256)  # it is here again
    return missing


def _void(session: Session) -> None:
    """Void one-time codes, links and sessions: the backup does not know which were used or ended since."""
    now = now_ms()
    session.execute(update(EnrolmentCode).where(EnrolmentCode.used_at.is_(None)).values(used_at=now))
    session.execute(update(WelcomeLink).where(WelcomeLink.used_at.is_(None)).values(used_at=now))
    session.execute(update(DeskSession).where(DeskSession.ended_at.is_(None)).values(ended_at=now))
