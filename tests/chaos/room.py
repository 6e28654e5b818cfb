"""A disk that is full until it is not: a small tmpfs where one may be mounted, else the kernel's limit on file sizes.

Both hold for the running server and are lifted under it, as an administrator who makes room would.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

SIZE_KB = 8_192


@dataclass
class Room:
    """`folder` is on the small disk, where there is one."""

    folder: Path
    mounted: bool

    def fill(self, pid: int) -> None:
        """No byte more, for the processes of this server."""
        if self.mounted:
            with (self.folder / "ballast").open("wb") as file:
                file.write(bytes(shutil.disk_usage(self.folder).free))
        else:
            _limit(pid, 1)

    def free(self, pid: int) -> None:
        """Room again."""
        if self.mounted:
            (self.folder / "ballast").unlink()
        else:
            _limit(pid, resource.RLIM_INFINITY)


def _limit(pid: int, most: int) -> None:
    process = psutil.Process(pid)
    for each in (process, *process.children(recursive=True)):
        _, hard = resource.prlimit(each.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(each.pid, resource.RLIMIT_FSIZE, (most, hard))


@contextmanager
def room(folder: Path) -> Iterator[Room]:
    """A folder whose disk can be filled."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={SIZE_KB}k", "loa-chaos", str(folder)]
    tool = shutil.which("mount")
    mounted = tool is not None and subprocess.run([tool, *options], check=False, capture_output=True).returncode == 0
    try:
        yield Room(folder, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)
