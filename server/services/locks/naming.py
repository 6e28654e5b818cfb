"""The hash of a freeze and its id: the start of it in Crockford's base 32, which has no letter that looks like a digit.

80 bits: whoever alters the figures would have to find others of the same id. People read it on paper and type it.

>>> short_id("ff" * 32), spoken("7F3K9Q2MX4ABCD12"), typed("7f3k 9q2m-x4abcd-l2")
('ZZZZZZZZZZZZZZZZ', '7F3K-9Q2M-X4AB-CD12', '7F3K9Q2MX4ABCD12')
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from server.core.canonical import canonical, digest

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 16
_BITS: Final = 5
_LIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})


def root(head: str, lines: Iterable[tuple[str, str]]) -> str:
    """Return the hash of a freeze: of its head's hash with that of each record's line. `lines`: (record id, hash).

    So a line can be emptied when its record is purged, and the rest can still be checked.
    """
    return digest(canonical({"head": digest(head), "lines": sorted([record, hash_] for record, hash_ in lines)}))


def short_id(sha256: str) -> str:
    """Return the id of content with this hash (hex)."""
    bits = int(sha256, 16) >> (4 * len(sha256) - _BITS * LENGTH)
    return "".join(LETTERS[bits >> (_BITS * place) & 31] for place in reversed(range(LENGTH)))


def spoken(id_: str) -> str:
    """Return the id in groups of four, as it is printed."""
    return "-".join(id_[at : at + 4] for at in range(0, len(id_), 4))


def typed(text: str) -> str:
    """Return the id that somebody typed: any blanks and dashes, small letters, O for 0. Empty if it is none."""
    found = re.sub(r"[\s\-–—]", "", text.upper()).translate(_LIKE)
    return found if len(found) == LENGTH and set(found) <= set(LETTERS) else ""
