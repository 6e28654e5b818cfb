"""Each kind of photo store with what its tests need beside the interface: its names, and bytes that a disk damaged."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from server.blobs import Blobs
from server.blobs.bucket import Bucket
from server.blobs.files import FileBlobs
from server.blobs.s3 import S3Blobs
from server.blobs.s3_client import Client


class Store(Protocol):
    """A store under test. `forgotten`: keys whose incomplete uploads were dropped."""

    blobs: Blobs
    forgotten: set[str]

    def names(self) -> list[str]:
        """Every name in it, in order, without those of folders."""

    def write(self, name: str, data: bytes) -> None:
        """Put bytes there past the interface."""


@dataclass
class InFolder:
    """Photos in a folder."""

    folder: Path
    forgotten: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.blobs: Blobs = FileBlobs(self.folder, self.forgotten.update)

    def names(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)


@dataclass
class InBucket:
    """Photos on S3."""

    bucket: Bucket
    forgotten: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.blobs: Blobs = S3Blobs(self.bucket, self.forgotten.update)
        self.client = Client(self.bucket)

    def names(self) -> list[str]:
        return sorted(each.name for each in self.client.names(""))

    def write(self, name: str, data: bytes) -> None:
        self.client.overwrite(name, data)
