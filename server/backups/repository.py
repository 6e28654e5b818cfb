"""A repository of backups: one pool of photos by hash, and for each night the database of a moment and a list.

    DIR/photos/ab/abcd…             each photo once, however many nights list it
    DIR/nights/20261130-021500/     a night: manifest.json, SHA256SUMS, database/, rescue/, revocations.ndjson
    DIR/hours/20261130-141500/      the same between nights, of the database alone: decisions come back from no phone
    DIR/upgrades/20261130-090000/   a night again that `loa rollback` needs: the last two upgrades keep theirs
    DIR/damaged/                    photos of the pool whose bytes changed; the next night copies them anew
    DIR/verified.json               when all photos were last read, and what was wrong

A night whose list cannot be read is skipped and reported; until somebody removes its folder no photo leaves the pool,
for that list may name it.

A night's folder is brought back like any backup: `loa restore DIR/nights/20261130-021500`. Nothing in it is written
again, so a copy of DIR by any tool that copies new files (rsync, restic) is whole.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from server.backups import layout
from server.backups.layout import BadBackup
from server.core import atomic_files
from server.core.atomic_files import file_digest
from server.core.clock import local, now_ms
from server.core.shell_words import t

if TYPE_CHECKING:
    from server.backups.taking import Taken
    from server.settings import Settings

NIGHTS, HOURS, UPGRADES, DAMAGED, VERIFIED = "nights", "hours", "upgrades", "damaged", "verified.json"
NAMED: Final = "%Y%m%d-%H%M%S"
DAYS, WEEKS, MONTHS, HOURS_KEPT, UPGRADES_KEPT = 7, 4, 12, 24, 2
"""How many days, weeks and months keep their last night, and how many hours the database's moments."""
UNREAD: Final = "Remove its folder once you have looked: until then no photo leaves the pool."


@dataclass(frozen=True, slots=True)
class Verified:
    """What a reading of the repository found. `at`: when it ended; `all_at`: when all photos were last read; in ms.

    `store_at`: when a night last read all photos of the store.
    """

    at: int
    all_at: int
    photos: int
    faults: list[str] = field(default_factory=list)
    store_at: int = 0


def back_up(settings: Settings, folder: Path, *, photos: bool = True, reads: bool = False) -> Taken:
    """Add a night, or without `photos` an hour, then remove what is old. Raises BadBackup.

    `reads`: have the store give every photo's bytes, also of those that the pool has.
    """
    from server.backups.taking import Pool, take  # noqa: PLC0415  # a second; what only looks does without

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        listed, unread = _listed(_all(folder))
        pool = Pool(folder, listed, copies=photos, reads=reads)
        while (target := folder / (NIGHTS if photos else HOURS) / f"{local(now_ms()):{NAMED}}").exists():
            time.sleep(0.2)  # one a second
        taken = take(settings, target, pool)
        _prune(folder, unread)
    return replace(taken, unread=unread)


def set_apart(night: Path) -> Path:
    """Give a night a second place, where days, weeks and months do not count, for an upgrade. Returns that.

    The files are the same, by hard links where there are any: so its day keeps a night, and no room is taken.
    """
    folder = night.parents[1]
    apart = folder / UPGRADES
    begun = apart / f"{night.name}{layout.UNFINISHED}apart"
    with _alone(folder):
        if (apart / night.name).exists():
            return apart / night.name
        apart.mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(begun, ignore_errors=True)
        shutil.copytree(night, begun, copy_function=lambda *pair: atomic_files.link(*map(Path, pair)))
        owner = folder.stat()
        for each in (apart, begun, *begun.rglob("*")):
            shutil.chown(each, owner.st_uid, owner.st_gid)  # root upgrades, another user backs up
            if each.is_dir():
                atomic_files.sync(each)
        kept_apart = begun.rename(apart / night.name)
        atomic_files.sync(apart)
    return kept_apart


def newest(folder: Path) -> Path:
    """Return the newest night. Raises BadBackup if there is none."""
    nights = snapshots(folder / NIGHTS)
    if not nights:
        raise BadBackup(t("{folder} has no backup of a night yet.", folder=folder))
    return nights[-1]


def snapshots(folder: Path) -> list[Path]:
    """Return the whole backups in this folder, the oldest first."""
    return sorted(
        path.parent for path in folder.glob(f"*/{layout.MANIFEST}") if layout.UNFINISHED not in path.parent.name
    )


def verify(folder: Path, *, every: bool = True, store_at: int | None = None) -> Verified:
    """Read manifests, lists and databases; look for each photo, and with `every` read it. Damaged ones go aside.

    `store_at`: to be kept, because the night before this read the store.
    """
    if not (folder / NIGHTS).is_dir():
        raise BadBackup(
            t("{folder} is no repository of backups: it has no folder {NIGHTS}.", folder=folder, NIGHTS=NIGHTS)
        )
    with _alone(folder):
        faults: list[str] = []
        photos: dict[str, str] = {}
        for snapshot in reversed(_all(folder)):
            try:
                layout.read(snapshot)
            except BadBackup as reason:
                faults.append(f"{reason} {UNREAD}")
                continue
            layout.add_photos(snapshot, photos)
            faults += [
                f"{snapshot / name} is missing or damaged."
                for name, sha256 in layout.read_sums(snapshot, photos=False).items()
                if not (snapshot / name).is_file() or file_digest(snapshot / name) != sha256
            ]
        for name, sha256 in photos.items():
            path = folder / name
            if not path.is_file():
                faults.append(f"{path} is missing.")
            elif every and file_digest(path) != sha256:
                (folder / DAMAGED).mkdir(exist_ok=True)
                path.replace(folder / DAMAGED / path.name)
                faults.append(f"{path} was damaged; it is in {DAMAGED}, and the next night copies it anew.")
        before = last_verified(folder)
        now = now_ms()
        before = before or Verified(0, 0, 0)
        all_at = now if every else before.all_at
        found = Verified(now, all_at, len(photos), faults, before.store_at if store_at is None else store_at)
        atomic_files.write(folder / VERIFIED, json.dumps(asdict(found)))
    return found


def last_verified(folder: Path) -> Verified | None:
    """Return what the last `verify` found; None if there was none."""
    try:
        return Verified(**json.loads((folder / VERIFIED).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def kept(names: Iterable[str]) -> set[str]:
    """Return which nights are kept: the last of each of the last 7 days, 4 weeks and 12 months that have any."""
    left: set[str] = set()
    newest_first = sorted(names, reverse=True)
    for count, form in ((DAYS, "%Y%m%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y%m")):
        last: dict[str, str] = {}
        for name in newest_first:
            last.setdefault(datetime.strptime(name, NAMED).strftime(form), name)  # noqa: DTZ007  # a name, no moment
        left |= set(list(last.values())[:count])
    return left


def _all(folder: Path) -> list[Path]:
    found = [path for name in (NIGHTS, HOURS, UPGRADES) for path in snapshots(folder / name)]
    return sorted(found, key=lambda path: path.name)


def _listed(folders: Sequence[Path]) -> tuple[dict[str, str], list[Path]]:
    """Return path to hash of the photos that these backups list, and the backups whose list cannot be read.

    `folders`: the oldest first. A thumbnail may have been made anew, so the last list that names one is right.
    """
    found: dict[str, str] = {}
    unread: list[Path] = []
    for each in reversed(folders):
        try:
            layout.read(each)
            layout.add_photos(each, found)
        except (BadBackup, OSError):
            unread.append(each)
    return found, unread[::-1]


def _prune(folder: Path, unread: Collection[Path]) -> None:
    """Remove old nights and hours, then photos that none of the others lists; none, while a list is unread.

    A folder is renamed first: killed in between, it counts as no backup, and the next one removes the rest.
    """
    nights = {path.name: path for path in snapshots(folder / NIGHTS) if path not in unread}
    old = [nights[name] for name in nights.keys() - kept(nights)]
    for name, count in ((HOURS, HOURS_KEPT), (UPGRADES, UPGRADES_KEPT)):
        old += [path for path in snapshots(folder / name) if path not in unread][:-count]
    for path in old:
        path.rename(path.with_name(f"{path.name}{layout.UNFINISHED}gone"))
        atomic_files.sync(path.parent)
    gone = list(folder.glob(f"*/*{layout.UNFINISHED}*"))
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    if gone:
        listed, unread = _listed(_all(folder))
        if unread:
            return
        for path in (folder / layout.PHOTOS).glob("??/*"):
            if f"{layout.PHOTOS}/{path.parent.name}/{path.name}" not in listed:
                path.unlink()


def is_busy(folder: Path) -> bool:
    """Return True while a backup or a reading of this repository runs."""
    if not (folder / "lock").exists():
        return False
    with (folder / "lock").open("rb") as file:  # a shared lock: NFS gives no other to a file that is read
        return not _is_free(file, fcntl.LOCK_SH)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time. Raises BadBackup where another backup or reading runs."""
    with (folder / "lock").open("ab") as file:
        if not _is_free(file):
            time.sleep(0.2)  # `is_busy` may have looked just now
            if not _is_free(file):
                raise BadBackup(
                    t("Another backup, or a reading of {folder}, runs; nothing was written.", folder=folder)
                )
        yield


def _is_free(lock: IO[bytes], how: int = fcntl.LOCK_EX) -> bool:
    """Take the lock, until the file is closed. Returns False where another process has it."""
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
