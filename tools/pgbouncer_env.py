"""Finds the PgBouncer that `make chaos` puts before PostgreSQL; installs the system's package if this user may."""

from __future__ import annotations

import os
import shutil

from house import install, may_install, say, stop


def ensure() -> None:
    """Make sure that the tests can start PgBouncer, or stop with a sentence on how to get it."""
    if os.environ.get("LOA_PGBOUNCER") or shutil.which("pgbouncer"):
        return
    if not may_install():
        stop("make chaos needs pgbouncer (Debian: apt install pgbouncer) or LOA_PGBOUNCER, its path.")
    say("Installing PgBouncer for the tests behind it.")
    install("pgbouncer")
