"""The same bytes each time: a Word file is a ZIP archive, whose members carry the moment at which they were written."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Final

_EARLIEST: Final = 1980
"""ZIP knows no earlier year."""
_OWNER_WRITES: Final = 0o600 << 16


def dated(data: bytes, at: datetime) -> bytes:
    """Write an archive anew, in its order, with this moment (to two seconds) on every member."""
    moment = (max(at.year, _EARLIEST), at.month, at.day, at.hour, at.minute, at.second)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            made = zipfile.ZipInfo(member.filename, moment)
            made.compress_type, made.external_attr, made.create_system = zipfile.ZIP_DEFLATED, _OWNER_WRITES, 3
            new.writestr(made, old.read(member))
    return out.getvalue()
