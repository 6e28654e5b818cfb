"""`make bench`: every work, or those named in ONLY, each measured beside the floor; one table at the end."""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from bench.lab import lab
from bench.table import Line, table

WORKS = (
    "W0",
    "W1",
    "W2",
    "W3",
    "W4",
    "W5",
    "W6",
    "W8",
    "growth",
    "audit",
    "report",
    "archive",
    "likeness",
    "launch",
    "phone",
    "desk",
)
FILES = {"desk": ("reviewing", "pages")}
"""Works whose files have other names."""
BESIDES = ("profile", "push", "reviewing", "pages", "flood", "nation", "partitions", "last_day", "night")
"""Only when named in ONLY; W7 is measured with W2."""


def main() -> int:
    """Run what is wanted. Ends with 1 where a name is none of ours."""
    wanted = os.environ.get("ONLY", "").split() or list(WORKS)
    if unknown := [name for name in wanted if name not in WORKS + BESIDES]:
        print(f"No such work: {' '.join(unknown)}. There are: {' '.join(WORKS + BESIDES)}.", file=sys.stderr)
        return 1
    lines: list[Line] = []
    with (
        tempfile.TemporaryDirectory(prefix="loa-bench-", ignore_cleanup_errors=True) as folder,
        lab(Path(folder)) as here,
    ):
        for name in wanted:
            begun = time.monotonic()
            for file in FILES.get(name, (name.lower(),)):
                lines += importlib.import_module(f"bench.{file}").run(here)
            print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}")
    print(table(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
