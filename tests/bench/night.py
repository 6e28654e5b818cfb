"""A night's backup of photos, from a folder and from a bucket: the first, which copies all, and the others.

`make bench ONLY=night`; `LOA_BENCH_MOST=2000` has fewer photos than 20,000. The repository holds as many nights and
hours as it keeps, each with its list. What a night takes grows with the photos; for a country of 980,600 the last line
multiplies it. Photos are small here: to copy real ones takes the first night what disk and line take for them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from bench.lab import Lab
from bench.table import Line, middle
from server.backups import repository
from server.blobs.s3_client import Client
from server.core import atomic_files
from server.core.db import db, writing
from server.models import Photo
from server.services.photos.images import thumb_key
from server.settings import Settings
from support.installation import s3
from support.world.world import world

PHOTOS = 20_000
COUNTRY = 980_600
ROUNDS = 3
ROW = {"state": "verified", "type": "image/jpeg", "size_bytes": 1, "width": 1, "height": 1, "judged_at": 1}


def run(lab: Lab) -> list[Line]:
    """Lines for each kind of store, on SQLite: of the database a night has the dump alone."""
    photos = [f"photo {number}".encode() for number in range(int(os.environ.get("LOA_BENCH_MOST", PHOTOS)))]
    service = s3.S3(lab.folder / "s3")
    service.start()
    try:
        found = [*_measured(lab, photos, "folder"), *_measured(lab, photos, "bucket", s3.settings(service.bucket()))]
    finally:
        service.kill()
    return found


def _measured(lab: Lab, photos: list[bytes], where: str, more: dict[str, str] | None = None) -> Iterator[Line]:
    own, url = lab.folder / where, lab.engines["sqlite"].fresh()
    own.mkdir()
    named = {hashlib.sha256(data).hexdigest(): data for data in photos}
    with world(url, own / "data", **(more or {})) as made:
        with made.app.app_context(), writing() as session:
            session.execute(insert(Photo), [{"sha256": sha256, **ROW} for sha256 in named])
        given = {"LOA_DATABASE_URL": url, "LOA_DATA_DIR": str(own / "data"), **(more or {})}
        settings = Settings.from_environment(given)
        _store(settings, named)
        folder = own / "repository"
        with made.app.app_context():
            first = _seconds(settings, folder)
            _fill(folder)
            later = middle(_seconds(settings, folder) for _ in range(ROUNDS))
            time.sleep(1)
            begun = time.monotonic()
            repository.back_up(settings, folder, photos=False)
            hour = time.monotonic() - begun
            db.engine.dispose()
    of = f"{len(named):,} photos in a {where}"
    print(f"night: {of}: {first:.1f} s, then {later:.1f} s", file=sys.stderr)
    yield Line("night", f"first night of {of}", "s", {"sqlite": first})
    yield Line("night", f"a night after it of {of}", "s", {"sqlite": later})
    yield Line("night", f"an hour of {of}", "s", {"sqlite": hour})
    yield Line(
        "night", f"a night of {COUNTRY:,} photos in a {where}", "s", {"sqlite": later / len(named) * COUNTRY}, "<= 3600"
    )


def _seconds(settings: Settings, folder: Path) -> float:
    time.sleep(1)  # a night is named after its second, and waits for the next one
    begun = time.monotonic()
    taken = repository.back_up(settings, folder)
    assert taken.missing == []
    assert repository.verify(folder, every=False).faults == []
    return time.monotonic() - begun


def _store(settings: Settings, named: dict[str, bytes]) -> None:
    """Put photos and thumbnails there, past the interface: their first way in is not measured."""
    blobs = {key: data for sha256, data in named.items() for key in (sha256, thumb_key(sha256))}
    if settings.bucket is None:
        for key, data in blobs.items():
            path = settings.data_dir / "photos" / key[:2] / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return
    client = Client(settings.bucket)
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda pair: client.create(f"{pair[0][:2]}/{pair[0]}", pair[1]), blobs.items()))


def _fill(folder: Path) -> None:
    """Have the repository hold the lists of all nights and hours that it keeps."""
    night = repository.newest(folder)
    at = datetime.strptime(night.name, repository.NAMED)  # noqa: DTZ007  # a name, no moment
    days = [
        *range(1, repository.DAYS),
        *(7 * week for week in range(1, repository.WEEKS)),
        *(31 * month for month in range(1, repository.MONTHS)),
    ]
    (folder / repository.HOURS).mkdir(exist_ok=True)
    others = [folder / repository.NIGHTS / f"{at - timedelta(days=day):{repository.NAMED}}" for day in set(days)]
    others += [
        folder / repository.HOURS / f"{at - timedelta(hours=hour):{repository.NAMED}}"
        for hour in range(1, repository.HOURS_KEPT)
    ]
    for other in others:
        shutil.copytree(night, other, copy_function=lambda *pair: atomic_files.link(*map(Path, pair)))
