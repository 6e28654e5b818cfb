"""The same bytes each time: a Word file is a ZIP archive, whose members carry the moment at which they were written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO, Final

_DOCUMENT: Final = "word/document.xml"
_EARLIEST: Final = 1980
"""ZIP knows no earlier year."""
_OWNER_WRITES: Final = 0o600 << 16


def dated(archive: BinaryIO, at: datetime, filled: Callable[[bytes], bytes]) -> bytes:
    """Write an archive anew, in its order, with this moment (to two seconds) on every member.

    `filled`: makes the document's XML whole (rows.py). Photos are stored as they are: they are compressed already.
    """
    moment = (max(at.year, _EARLIEST), at.month, at.day, at.hour, at.minute, at.second)
    out = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            made = zipfile.ZipInfo(member.filename, moment)
            is_photo = member.filename.endswith(".jpg")
            made.compress_type = zipfile.ZIP_STORED if is_photo else zipfile.ZIP_DEFLATED
            made.external_attr, made.create_system = _OWNER_WRITES, 3
            content = old.read(member)
            new.writestr(made, filled(content) if member.filename == _DOCUMENT else content)
    return out.getvalue()
