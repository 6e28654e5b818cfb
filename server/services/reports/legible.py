"""Characters that no document can hold: clients may store any, but XML allows no control characters."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from server.services.reports.numbers import Printed

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Data = TypeVar("Data")


def legible(value: Data) -> Data:
    """Copy the data; replace each character that Word refuses by a blank in every text."""
    found: Any = value
    if isinstance(value, Printed):
        return value
    if isinstance(value, str):
        found = _FORBIDDEN.sub(" ", value)
    elif isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        # A line of a table: judged in one go, for a province has hundreds of thousands of cells.
        found = tuple(map(legible, value)) if _FORBIDDEN.search("".join(value)) else value
    elif isinstance(value, tuple):
        found = tuple(legible(each) for each in value)
    elif is_dataclass(value) and not isinstance(value, type):
        found = replace(value, **{each.name: legible(getattr(value, each.name)) for each in fields(value)})
    return found  # type: ignore[no-any-return]
