"""Names of photos in a ZIP file, as people read them: `BR-12 Xã Chính Nghĩa 2021-07-20 (1).jpg`.

Names of units are typed by people: what Windows forbids in a name is replaced.
"""

from __future__ import annotations

import re
from typing import Final

from server.core.clock import local
from server.core.file_names import part_of_name
from sync.protocol import DOCUMENT_TYPE
from sync.text import fold

_ASCII: Final = re.compile("[a-z0-9]+")
ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", DOCUMENT_TYPE: "pdf"}


def part(of: str, number: int, *, stamped: bool) -> str:
    """Return the name of a ZIP file in ASCII letters. `of`: its unit or campaign; `number`: of the part, or 0."""
    words = _ASCII.findall(fold(of))[:12]
    parts = ["anh", *(["dong-dau"] if stamped else []), *words, *([f"phan-{number}"] if number else [])]
    return f"{'-'.join(parts)}.zip"


def folder(above: str, unit: str) -> str:
    """Return the folder of a unit's photos, within that of the unit above it."""
    return "/".join(part_of_name(name) for name in (above, unit) if name)


class PhotoNames:
    """Names within one ZIP file; none is given twice, also where letters differ in their case alone."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def name(self, place: str, record: str, unit: str, at_ms: int, nth: int, type_: str) -> str:
        """Return the name of a record's photo, `nth` from 1; `at_ms`: when it was taken. `place`: its folder."""
        head = part_of_name(f"{record} {unit} {_day(at_ms)}")
        ending = ENDINGS.get(type_, "jpg")
        again = 0
        while True:
            more = f" ({nth})" if not again else f" ({nth}) {again + 1}"
            found = f"{place}/{head}{more}.{ending}"
            if found.casefold() not in self._given:
                self._given.add(found.casefold())
                return found
            again += 1


def _day(at_ms: int) -> str:
    try:
        return f"{local(at_ms):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):  # a phone's clock may say anything
        return ""
