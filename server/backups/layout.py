"""A backup's format on disk: names, the manifest, and the list of every file's hash (README.md).

`manifest.json` is written last. It holds its own hash (`check`) and that of `SHA256SUMS`, which holds those of all
other files. So a folder without a manifest is no backup, and no damage goes unnoticed. `sha256sum -c SHA256SUMS` checks
it by hand. Whoever alters a backup on purpose makes these hashes anew, but not the signature: its key is in no backup.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from server.core import atomic_files
from server.core.atomic_files import file_digest
from server.core.keyring import Keyring
from server.core.shell_words import t

FORMATS = {"sqlite": 1, "postgresql": 2}
"""By database: 1 holds SQLite's file, 2 an archive of pg_dump."""
MANIFEST, SUMS, DATABASE, PHOTOS, RESCUE, REVOCATIONS = (
    "manifest.json",
    "SHA256SUMS",
    "database",
    "photos",
    "rescue",
    "revocations.ndjson",
)
UNFINISHED = ".unfinished-"
REPLACED: Final = re.compile(r"replaced-\d{8}-\d{6}-[0-9a-f]{4}")
"""The name under which a restore keeps the database that it replaces."""
PURPOSE: Final = "backups"
"""Of the keys that sign."""
_NAME = re.compile(
    rf"{DATABASE}/\w+\.(sqlite|dump)"
    rf"|{PHOTOS}/([0-9a-f]{{2}})/\2[0-9a-f]{{62}}(-\d+)?"
    rf"|{RESCUE}/[A-Za-z0-9_-]{{16}}\.loa"
    rf"|{re.escape(REVOCATIONS)}"
)
"""Names of a backup's files. They become paths, so any other form is refused: it could lead out of the data folder."""


_NAME_AT: Final = hashlib.sha256().digest_size * 2 + 2
"""In a line of the list: behind the hash and two blanks."""


class BadBackup(Exception):  # noqa: N818  # the name reads well before the sentence it prints
    """A backup cannot be taken or must not be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a backup. Times are the server's; `holds_until` is the time of its last write or decision."""

    format: int
    loa: str
    database: str
    revision: str
    taken_at: int
    holds_until: int | None
    tables: dict[str, int]
    photos: int
    photos_missing: int
    secret: str
    sums: str
    signature: str = ""
    """HMAC over all other fields with a key of the installation; empty before 1.0."""


def photo_path(key: str) -> str:
    """Return a photo's path in a backup, as the list of hashes has it."""
    return f"{PHOTOS}/{key[:2]}/{key}"


def photos_of(folder: Path) -> Path:
    """Return the folder in which a backup's photos lie: its own, or of a repository the pool (repository.py)."""
    return folder if (folder / PHOTOS).is_dir() else folder.parent.parent


def write_sums(folder: Path, sums: Iterable[tuple[str, str]]) -> str:
    """Write the list of (path, hash). Returns the list's own hash."""
    path = folder / SUMS
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{sha256}  {name}\n" for name, sha256 in sums)
    atomic_files.sync(path)
    return file_digest(path)


def read_sums(folder: Path, *, photos: bool = True) -> dict[str, str]:
    """Return path to hash, without `photos` of all other files.

    Names that no file of a backup can have are skipped, because nothing reads them.
    """
    with (folder / SUMS).open(encoding="utf-8") as file:
        lines = (line.removesuffix("\n").partition("  ") for line in file if photos or f"  {PHOTOS}/" not in line)
        return {name: sha256 for sha256, _, name in lines if _NAME.fullmatch(name)}


def add_photos(folder: Path, found: dict[str, str]) -> None:
    """Add path and hash of the listed photos that `found` lacks.

    Of a country each list has two million lines, nearly all as in the others: those are looked at no further.
    """
    with (folder / SUMS).open(encoding="utf-8") as lines:
        for line in lines:
            name = line[_NAME_AT:-1]
            if name not in found and name.startswith(f"{PHOTOS}/") and _NAME.fullmatch(name):
                found[name] = line[: _NAME_AT - 2]


def write_manifest(folder: Path, manifest: Manifest, ring: Keyring) -> None:
    """Sign and write the last file, which makes the backup complete."""
    path = folder / MANIFEST
    said = asdict(manifest)
    said["signature"] = _signature(said, ring.current(PURPOSE).material)
    path.write_text(json.dumps(said | {"check": _check(said)}, indent=1) + "\n", "utf-8")
    atomic_files.sync(path)


def is_signed(manifest: Manifest, ring: Keyring) -> bool:
    """True if a key of this keyring made the signature."""
    said = asdict(manifest)
    keys = [_signature(said, key.material) for key in ring.all(PURPOSE)]
    return any(hmac.compare_digest(manifest.signature, made) for made in keys)


def _signature(said: dict[str, Any], key: bytes) -> str:
    text = json.dumps(said | {"signature": ""}, sort_keys=True)
    return hmac.digest(key, text.encode(), "sha256").hex()


def _check(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def read(folder: Path) -> Manifest:
    """Return the manifest of a complete backup. Raises BadBackup."""
    if UNFINISHED in folder.name:
        raise BadBackup(t("{folder} is a backup that was not finished; use one that was.", folder=folder))
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BadBackup(
            t("{folder} is no whole backup: it has no {MANIFEST}.", folder=folder, MANIFEST=MANIFEST)
        ) from error
    except ValueError as error:
        raise BadBackup(
            t("{folder} is damaged: its {MANIFEST} cannot be read.", folder=folder, MANIFEST=MANIFEST)
        ) from error
    if not isinstance(said, dict) or said.get("format") != FORMATS.get(str(said.get("database")), 0):
        raise BadBackup(
            t("{folder} is of another form than this Loa reads; use the version that made it.", folder=folder)
        )
    check = said.pop("check", None)
    if check != _check(said):
        raise BadBackup(
            t("{folder} is damaged: its {MANIFEST} is not what was written.", folder=folder, MANIFEST=MANIFEST)
        )
    try:
        manifest = Manifest(**said)
    except TypeError as error:
        raise BadBackup(
            t("{folder} is of another form than this Loa reads; use the version that made it.", folder=folder)
        ) from error
    if not (folder / SUMS).is_file() or file_digest(folder / SUMS) != manifest.sums:
        raise BadBackup(t("{folder} is damaged: {SUMS} is not what the manifest says.", folder=folder, SUMS=SUMS))
    return manifest


def sync_tree(folder: Path) -> None:
    """Sync the folder and all below it, so that its names survive a power cut."""
    for inner, _, _ in os.walk(folder):
        atomic_files.sync(Path(inner))
