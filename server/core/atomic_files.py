"""Files that survive a power cut: each function returns only when the data is on the disk (SPEC G1)."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EINVAL, ENOSPC
from io import FileIO
from pathlib import Path


def sync(path: Path) -> None:
    """Fsync a file's contents, or a folder's list of names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make(folder: Path) -> None:
    """Make the folder and its parents. Fsync the parent of an existing one too: its creator may have crashed first."""
    if not folder.parent.is_dir():
        make(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def copy(source: Path, target: Path, beside: Path | None = None) -> None:
    """Copy the source to the target: all of it, or the target stays as it was. `beside`: where the copy is made."""
    with replacing(target, beside) as begun:
        shutil.copyfile(source, begun)


def link(source: Path, target: Path) -> None:
    """Give a file that is never written to a second name. Copy it where the file system has no hard link for it."""
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)
        sync(target)


def write(target: Path, text: str) -> None:
    """Write the text to the target: all of it, or the target stays as it was."""
    with replacing(target) as begun:
        begun.write_text(text, "utf-8")


@contextmanager
def alone(target: Path) -> Iterator[FileIO]:
    """Yield the file, made if missing, locked exclusively among processes. Unbuffered, for appending and reading."""
    while True:
        with target.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # It may have been replaced while we waited: then lock the file that has its name now.
            if target.exists() and os.path.samestat(target.stat(), os.fstat(file.fileno())):
                yield file
                return


def append_to(file: FileIO, data: bytes) -> None:
    """Append whole lines to a file of `alone`: all of them, or it stays as it was. Half a line of a power cut goes."""
    end = file.seek(0, os.SEEK_END)
    while end and os.pread(file.fileno(), 1, end - 1) != b"\n":
        start = max(0, end - 4096)
        end = start + os.pread(file.fileno(), end - start, start).rfind(b"\n") + 1
    file.truncate(end)
    try:
        if file.write(data) != len(data):
            raise OSError(ENOSPC, os.strerror(ENOSPC))  # noqa: TRY301  # a short write is a full disk
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):  # a full disk may have taken a part of it
            file.truncate(end)
        raise


def check_appendable(target: Path) -> None:
    """Open the file for appending, if it is there, and leave it alone: no byte, no lock, no fsync. Raises OSError."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(EINVAL, os.strerror(EINVAL))
    finally:
        os.close(handle)


@contextmanager
def replacing(target: Path, beside: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path to write. Rename it to the target if the block ends without an error; else delete it."""
    begun = (beside or target.parent) / f"{target.name}.{secrets.token_hex(8)}"
    try:
        yield begun
        sync(begun)
        begun.replace(target)
        sync(target.parent)
    finally:
        begun.unlink(missing_ok=True)
