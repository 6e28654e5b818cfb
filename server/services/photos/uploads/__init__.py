"""Uploads: partial ones in a folder, one per (officer, hash), finished by hash (SPEC P-2 to P-6, P-9 to P-11).

The offset *is* the file's length, so the two cannot disagree. No database connection is held while a body is read: slow
phones would exhaust the pool.
"""

from __future__ import annotations

from server.services.photos.uploads.partials import (
    ALGORITHMS,
    EXPIRES_MS,
    Checksum,
    Partials,
    Upload,
    UploadBody,
    UploadState,
    check_length,
    drop,
    state_of,
    take,
    there,
)
from server.services.photos.uploads.sweeping import Sweeper, Swept, register

__all__ = [
    "ALGORITHMS",
    "EXPIRES_MS",
    "Checksum",
    "Partials",
    "Sweeper",
    "Swept",
    "Upload",
    "UploadBody",
    "UploadState",
    "check_length",
    "drop",
    "register",
    "state_of",
    "take",
    "there",
]
