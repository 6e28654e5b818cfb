"""Take a backup while the service runs: database first, then the photos it calls verified (SPEC B-5)."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from server.backups import databases, layout
from server.backups.layout import BadBackup, Manifest
from server.blobs.files import FileBlobs
from server.core import atomic_files, data_dir_locks
from server.core.secrets_at_rest import fingerprints
from server.services.photos.images import sha256_of, thumb_key
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Taken:
    """A complete backup, and the hashes of photos that are missing or damaged in the data folder."""

    folder: Path
    manifest: Manifest
    missing: list[str]


def take(settings: Settings, target: Path) -> Taken:
    """Back up into a new folder; nothing is ever overwritten. Raises BadBackup."""
    if target.exists() or target.is_symlink():
        raise BadBackup(f"{target} is there already; nothing was written. Name a folder that is not.")
    with databases.opened(settings.database_url) as engine:
        databases.check_dump(engine, settings.pg_bin)
        target.parent.mkdir(parents=True, exist_ok=True)
        work = target.with_name(f"{target.name}{layout.UNFINISHED}{secrets.token_hex(4)}")
        work.mkdir(mode=0o700)  # names, numbers and photos of people
        try:
            with data_dir_locks.held(settings.data_dir):
                manifest, missing = _fill(work, settings, engine)
            work.rename(target)
            atomic_files.sync(target.parent)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
    return Taken(target, manifest, missing)


def _fill(work: Path, settings: Settings, engine: Engine) -> tuple[Manifest, list[str]]:
    (work / layout.DATABASE).mkdir()
    dumped, snapshot = databases.dump(engine, work / layout.DATABASE, settings.pg_bin)
    sums = [(f"{layout.DATABASE}/{dumped.name}", sha256_of(dumped))]
    missing: list[str] = []
    photos = list(_photos(work, FileBlobs(settings.data_dir / "photos"), snapshot.photos, missing))
    photos += _rescue(work, settings.data_dir / "rescue")
    if settings.revocations_file.exists():
        shutil.copyfile(settings.revocations_file, work / layout.REVOCATIONS)
        atomic_files.sync(work / layout.REVOCATIONS)
        sums.append((layout.REVOCATIONS, sha256_of(work / layout.REVOCATIONS)))
    manifest = Manifest(
        format=layout.PLAIN if engine.dialect.name == "sqlite" else layout.ARCHIVE,
        loa=version("loa"),
        database=engine.dialect.name,
        revision=snapshot.revision,
        taken_at=snapshot.taken_at,
        holds_until=snapshot.holds_until,
        tables=snapshot.tables,
        photos=len(snapshot.photos) - len(missing),
        photos_missing=len(missing),
        secret=fingerprints(settings.keyring)[0],
        sums=layout.write_sums(work, [*sums, *photos]),
    )
    layout.write_manifest(work, manifest)
    layout.sync_tree(work)
    return manifest, missing


def _photos(work: Path, blobs: FileBlobs, hashes: list[str], missing: list[str]) -> Iterator[tuple[str, str]]:
    """Copy each photo and its thumbnail. Yields (path, hash); adds missing and damaged ones to `missing`."""
    (work / layout.PHOTOS).mkdir()
    for sha256 in hashes:
        found = _one(work, blobs, sha256)
        if found != sha256:
            (work / layout.photo_path(sha256)).unlink(missing_ok=True)
            if found is not None:
                blobs.set_aside(sha256)  # so that good bytes can be stored, from any source
            missing.append(sha256)
            continue
        yield layout.photo_path(sha256), found
        thumb = thumb_key(sha256)
        made = _one(work, blobs, thumb)
        if made is not None:
            yield layout.photo_path(thumb), made


def _rescue(work: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Copy the rescue files that wait for a person. Yields (path, hash)."""
    (work / layout.RESCUE).mkdir()
    for source in sorted(folder.glob("*.loa")):
        target = work / layout.RESCUE / source.name
        _copy(source, target)
        yield f"{layout.RESCUE}/{source.name}", sha256_of(target)


def _one(work: Path, blobs: FileBlobs, key: str) -> str | None:
    """Copy one blob into the backup. Returns its hash, or None if there is no such blob."""
    source = blobs.find(key)
    if source is None:
        return None
    target = work / layout.photo_path(key)
    target.parent.mkdir(exist_ok=True)
    _copy(source, target)
    return sha256_of(target)


def _copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)  # stored files are never written to
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)
        atomic_files.sync(target)
