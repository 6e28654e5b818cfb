"""Names of files that people typed, made harmless for every system."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST: Final = 80


def part_of_name(text: str) -> str:
    """Return a text as a part of a file's name, on every system: no path, no device, no dot or blank at an end.

    >>> part_of_name("../Xã A: thôn 1/2"), part_of_name(" . ")
    ('Xã A thôn 1 2', '_')
    """
    plain = " ".join(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", text)).split())
    return plain[:_LONGEST].strip(" .") or "_"
