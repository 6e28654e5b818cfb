"""Names of files that people typed, made harmless for every system."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever their ending."""
_LONGEST: Final = 80


def part_of_name(text: str) -> str:
    """Return a text as a part of a file's name, on every system: no path, no device, no dot or blank at an end.

    Nor signs that cannot be seen: one that turns the order of letters makes "gnp.exe" look like "exe.png".

    >>> part_of_name("../Xã A: thôn 1/2"), part_of_name(" . "), part_of_name("con")
    ('Xã A thôn 1 2', '_', '_con')
    """
    seen = "".join(each for each in unicodedata.normalize("NFC", text) if unicodedata.category(each) != "Cf")
    plain = " ".join(_FORBIDDEN.sub(" ", seen).split())[:_LONGEST].strip(" .")
    return f"_{plain}" if not plain or _DEVICE.fullmatch(plain) else plain
