"""Where photos lie on S3, and how to get there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of any S3 service. `prefix` begins every name in it; empty means none.

    `ca`: a file of certificates to trust beside the system's, in PEM.
    """

    endpoint: str
    name: str
    region: str
    key_id: str
    secret: str = field(repr=False)
    prefix: str = ""
    ca: Path | None = None
