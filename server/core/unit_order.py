"""The order of units by name: Vietnamese order of the name alone, the kind of unit apart.

>>> sorted(["Văn Giang", "Huyện Ân Thi", "Kim Động", "Thành phố Hưng Yên"], key=by_name)
['Huyện Ân Thi', 'Thành phố Hưng Yên', 'Kim Động', 'Văn Giang']

A short name keeps its kind where a unit above or below has the same name: `Thị trấn Ân Thi` in `Huyện Ân Thi`.
"""

from __future__ import annotations

from typing import Final

from sync.text import normal, sort_key, sort_text

_KINDS: Final = ("tỉnh ", "thành phố ", "quận ", "huyện ", "thị xã ", "thị trấn ", "phường ", "xã ", "đặc khu ")


def bare(name: str) -> str:
    """Return a unit's name without its kind."""
    plain = " ".join(normal(name).split())
    kind = next((each for each in _KINDS if plain.lower().startswith(each)), "")
    return plain[len(kind) :]


def by_name(name: str) -> tuple[list[int], list[int], str]:
    """Return the key that units are sorted by, of a name or a short name."""
    return sort_key(bare(name))


def by_name_text(name: str) -> str:
    """Return that key as text, for a database that compares byte by byte."""
    return sort_text(bare(name))
