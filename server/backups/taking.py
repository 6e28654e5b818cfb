"""Take a backup while the service runs: database first, then the photos it calls verified (SPEC B-5)."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from server import migrate
from server.backups import databases, layout
from server.backups.layout import BadBackup, Manifest
from server.blobs import Blobs, StoreSilent, StoreUnavailable
from server.blobs.chosen import blobs_of
from server.core import atomic_files, data_dir_locks
from server.core.atomic_files import file_digest
from server.core.build import own_version
from server.core.secrets_at_rest import fingerprints
from server.core.shell_words import t
from server.core.unit_of_work import ending
from server.models import PhotoRef
from server.services.photos import photo_index
from server.services.photos.images import thumb_key
from server.settings import Settings

CONFIDENTIAL: Final = "case_"
"""Tables that are not counted in the manifest: the counts of two nights would tell of each new case."""
UNREADABLE: Final = 20
"""A few photos that the store cannot read are missing in a backup; more are a fault of the store."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Where a backup's photos lie: in its own folder, or in a repository's pool, which has most of them already.

    `known`: path to hash of what is there. Without `copies` only what is there is listed, and nothing is copied. With
    `reads` the store's own bytes of what is known are read, too; without, it is asked which of them it has.
    """

    folder: Path
    known: Mapping[str, str] = field(default_factory=dict)
    copies: bool = True
    reads: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A complete backup, and the hashes of photos that are missing or damaged in the store.

    `unread`: earlier backups of the repository whose list cannot be read (repository.py).
    """

    folder: Path
    manifest: Manifest
    missing: list[str]
    unread: list[Path] = field(default_factory=list)


def take(settings: Settings, target: Path, pool: Pool | None = None) -> Taken:
    """Back up into a new folder; nothing is ever overwritten. `pool`: where photos go instead. Raises BadBackup."""
    if target.exists() or target.is_symlink():
        raise BadBackup(t("{target} is there already; nothing was written. Name a folder that is not.", target=target))
    with databases.opened(settings.database_url) as engine:
        databases.check_dump(engine, settings.pg_bin)
        target.parent.mkdir(parents=True, exist_ok=True)
        work = target.with_name(f"{target.name}{layout.UNFINISHED}{secrets.token_hex(4)}")
        work.mkdir(mode=0o700)  # names, numbers and photos of people
        try:
            with data_dir_locks.held(settings.data_dir):
                manifest, missing = _fill(work, settings, engine, pool)
            work.rename(target)
            atomic_files.sync(target.parent)
            _note_gone(settings, engine, missing)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
    return Taken(target, manifest, missing)


def _fill(work: Path, settings: Settings, engine: Engine, pool: Pool | None) -> tuple[Manifest, list[str]]:
    (work / layout.DATABASE).mkdir()
    dumped, snapshot = databases.dump(engine, work / layout.DATABASE, settings.pg_bin)
    sums = [(f"{layout.DATABASE}/{dumped.name}", file_digest(dumped))]
    copying = _Copying(pool or Pool(work), blobs_of(settings.data_dir, settings.bucket))
    if settings.revocations_file.exists():
        shutil.copyfile(settings.revocations_file, work / layout.REVOCATIONS)
        atomic_files.sync(work / layout.REVOCATIONS)
        sums.append((layout.REVOCATIONS, file_digest(work / layout.REVOCATIONS)))
    rescue = _rescue(work, settings.data_dir / "rescue")
    listed = layout.write_sums(work, chain(sums, copying.all(snapshot), rescue))  # two million lines of a country
    manifest = Manifest(
        format=layout.FORMATS[engine.dialect.name],
        loa=own_version() if (snapshot.revision,) == migrate.expected() else migrate.made_by(engine) or own_version(),
        database=engine.dialect.name,
        revision=snapshot.revision,
        taken_at=snapshot.taken_at,
        holds_until=snapshot.holds_until,
        tables={name: count for name, count in snapshot.tables.items() if not name.startswith(CONFIDENTIAL)},
        photos=copying.copied,
        photos_missing=len(snapshot.photos) - copying.copied,
        secret=fingerprints(settings.keyring)[0],
        sums=listed,
    )
    layout.write_manifest(work, manifest, settings.keyring)
    layout.sync_tree(work)
    return manifest, copying.missing


def _note_gone(settings: Settings, engine: Engine, missing: list[str]) -> None:
    """Records whose photo is gone are no longer ready; those whose photo was put back are. One file a transaction."""
    blobs = blobs_of(settings.data_dir, settings.bucket)
    with Session(engine) as session:
        noted = session.scalars(select(PhotoRef.sha256).where(PhotoRef.gone).distinct()).all()
    for sha256 in sorted({*missing, *noted}):
        with suppress(StoreSilent), Session(engine) as session:
            session.connection(execution_options={"writer": True})
            with ending(session):
                photo_index.note_gone(session, blobs, sha256)


@dataclass(slots=True)
class _Copying:
    """Copies photos from the store into the backup.

    `copied`: how many the backup has; `missing`: those that are not in the store, damaged or unreadable.
    """

    pool: Pool
    blobs: Blobs
    copied: int = 0
    missing: list[str] = field(default_factory=list)
    _unreadable: int = 0
    _begin: str = ""
    _held: set[str] = field(default_factory=set)
    """What the store said that it has of the keys that begin so."""

    def all(self, snapshot: databases.Snapshot) -> Iterator[tuple[str, str]]:
        """Copy each photo and its thumbnail that the pool lacks; a document has none. Yields (path, hash)."""
        (self.pool.folder / layout.PHOTOS).mkdir(exist_ok=True)
        for sha256 in sorted(snapshot.photos):
            found = self._one(sha256, sha256)
            if found != sha256:
                if self.pool.copies:
                    self.missing.append(sha256)
                continue
            self.copied += 1
            yield layout.photo_path(sha256), found
            if sha256 in snapshot.documents:
                continue
            thumb = thumb_key(sha256)
            made = self._one(thumb)
            if made is not None:
                yield layout.photo_path(thumb), made

    def _one(self, key: str, right: str | None = None) -> str | None:
        """Have the blob in the pool. Returns its hash, or None if it is not there, damaged or cannot be read."""
        target = self.pool.folder / layout.photo_path(key)
        known = self.pool.known.get(layout.photo_path(key))
        if known is not None and target.is_file():
            if right is not None and self.pool.copies and not self._is_held(key):
                self.missing.append(key)
            return known
        if not self.pool.copies:
            return None
        target.parent.mkdir(exist_ok=True)
        begun = target.with_name(f"{target.name}.new")
        begun.unlink(missing_ok=True)
        try:
            if not self.blobs.fetch(key, begun):
                return None
            made = file_digest(begun)
            if right not in (None, made):
                begun.unlink()
                self.blobs.set_aside(key)  # so that good bytes can be stored, from any source
                return None
            begun.replace(target)
        except StoreSilent as error:
            self._count_unreadable(error)
            return None
        return made

    def _is_held(self, key: str) -> bool:
        """Return True if the store has, too, what the pool has; damaged bytes that it reads are moved aside."""
        try:
            if not self.pool.reads:
                return key in self._held_beside(key) or self.blobs.has(key)
            if self.blobs.sha256(key) == key:
                return True
            self.blobs.set_aside(key)
        except StoreSilent as error:
            self._count_unreadable(error)
        except StoreUnavailable:
            raise
        except OSError:  # a bad sector: the pool has the photo, so the night is made all the same
            return False
        return False

    def _held_beside(self, key: str) -> set[str]:
        """What the store lists beside a key: asked of each photo of a country, a bucket would need hours."""
        if key[:2] != self._begin:
            self._begin, self._held = key[:2], set()
            with suppress(StoreSilent):  # then each is asked for
                self._held = self.blobs.held(self._begin)
        return self._held

    def _count_unreadable(self, error: StoreSilent) -> None:
        self._unreadable += 1
        if self._unreadable > UNREADABLE:
            raise error
        self.blobs.check()  # raises if the store as a whole is away


def _rescue(work: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Copy the rescue files that wait for a person. Yields (path, hash)."""
    (work / layout.RESCUE).mkdir()
    for source in sorted(folder.glob("*.loa")):
        target = work / layout.RESCUE / source.name
        atomic_files.link(source, target)
        yield f"{layout.RESCUE}/{source.name}", file_digest(target)
