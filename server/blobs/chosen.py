"""The store that the settings choose: a bucket if they name one, else the folder `photos` in the data folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from server.blobs import Blobs
from server.blobs.bucket import Bucket
from server.blobs.files import FileBlobs
from server.blobs.s3 import S3Blobs


def blobs_of(data_dir: Path, bucket: Bucket | None, forget: Callable[[Iterable[str]], None] | None = None) -> Blobs:
    """Return the store. `forget` drops the incomplete uploads of the keys that are dropped there."""
    return FileBlobs(data_dir / "photos", forget) if bucket is None else S3Blobs(bucket, forget)
