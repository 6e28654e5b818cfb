"""Files that survive a power cut: what a file or a folder holds is on the disk before the caller goes on (SPEC G1)."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sync(path: Path) -> None:
    """What was written there stays; of a folder, the names in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make(folder: Path) -> None:
    """The folder and those above it; synced where it is there, too, for who made it may not have come to that yet."""
    if not folder.parent.is_dir():
        make(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def copy(source: Path, target: Path, beside: Path | None = None) -> None:
    """All of the source under the target's name, or what was there before. `beside`: where it is copied to first."""
    with replacing(target, beside) as begun:
        shutil.copyfile(source, begun)


def write(target: Path, text: str) -> None:
    """The same for a text."""
    with replacing(target) as begun:
        begun.write_text(text, "utf-8")


@contextmanager
def replacing(target: Path, beside: Path | None = None) -> Iterator[Path]:
    """A file to be written, which takes the target's name when the block ends well; else the target stays."""
    begun = (beside or target.parent) / f"{target.name}.{secrets.token_hex(8)}"
    try:
        yield begun
        sync(begun)
        begun.replace(target)
        sync(target.parent)
    finally:
        begun.unlink(missing_ok=True)
