"""The folder of tests' files: in memory if there is room.

A PostgreSQL database is 300 files and a browser's profile nearly as many. Some disks take a millisecond for each, and a
run makes hundreds. Memory outlives a killed process like a disk does; benches measure on the disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 * 10**9


def in_memory() -> None:
    """Use memory for this process and its children, unless TMPDIR is set or there is too little room."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # tempfile must look again
