"""One text for equal content, and its hash: sorted keys, no blanks, UTF-8 as it is.

The hash of a freeze is that of its head's hash with the hash of each record's line, in the order of their ids. So a
line can be emptied when its record is purged, and the rest can still be checked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any


def canonical(value: Any) -> str:
    """Return the JSON text. Raises ValueError for a number that JSON does not have."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """Return the SHA-256 of a text, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def root(head: str, lines: Iterable[tuple[str, str]]) -> str:
    """Return the hash of a freeze. `lines`: (record id, hash of its line)."""
    return digest(canonical({"head": digest(head), "lines": sorted([record, hash_] for record, hash_ in lines)}))
