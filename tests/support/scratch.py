"""Where tests keep their files: in memory where there is room.

A PostgreSQL database is 300 files and a browser's profile nearly as many; some disks take a millisecond for each, and a
run makes hundreds. What outlives a killed process outlives it in memory too; benches measure on the disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 * 10**9


def in_memory() -> None:
    """For this process and those it starts, unless TMPDIR says otherwise or there is too little room."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # asked anew
