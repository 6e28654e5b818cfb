"""Convert a list's filter from its URL and back, so that every list can be linked to.

Pages check their URL first (bad_filter.py); `read` alone is for addresses that were kept for the way back.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import fields
from typing import Any, Final
from urllib.parse import parse_qsl

from server.desk import units
from server.desk.bad_filter import Values, anything
from server.services.figures.sums import INCLUDED
from server.services.hints.reading import FILTERS as HINT_FILTERS
from server.services.records.projection import BUCKETS
from server.services.review.queue import ALL, FILTERS, TODO, QueueFilter
from sync.figures import every_figure
from sync.registry import KINDS

_DEFAULT = QueueFilter()
_BUCKETS: Final = (*BUCKETS, INCLUDED)
VALUES: Final[Values] = {
    "campaign": anything,
    "unit": anything,
    units.NAME: anything,
    "only": lambda text: text in ("0", "1"),
    "state": lambda text: text in FILTERS,
    "kind": lambda text: text in KINDS,
    "figure": lambda text: text in _figures(),
    "bucket": lambda text: text in _BUCKETS,
    "hint": lambda text: text in HINT_FILTERS,
    "page": anything,
}
"""What a URL of the queue may say. Kinds and figures that a campaign does not have are there: they select nothing.

A page that is no number is the first: the list is the same.
"""


def read(args: Mapping[str, str]) -> QueueFilter:
    """Return the filter in a query string; unknown values are ignored."""
    figure, bucket = _one_of(_figures(), args.get("figure", "")), _one_of(_BUCKETS, args.get("bucket", ""))
    state = args.get("state") or (ALL if figure or bucket else TODO)
    return QueueFilter(
        campaign=args.get("campaign", ""),
        state=state if state in FILTERS else TODO,
        kind=_one_of(KINDS, args.get("kind", "")),
        unit=args.get("unit", ""),
        only=args.get("only") == "1",
        figure=figure,
        bucket=bucket,
        hint=_one_of(HINT_FILTERS, args.get("hint", "")),
        page=page_number(args.get("page", "1")),
    )


def _figures() -> frozenset[str]:
    return frozenset(each.code for each in every_figure())


def page_number(text: str) -> int:
    """Return the page number; 1 if the text is not a number."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else 1


def _one_of(known: Container[str], name: str) -> str:
    return name if name in known else ""


def read_text(query: str) -> QueueFilter:
    """Return the filter in the text of a query string, which a record's page carries along."""
    return read(dict(parse_qsl(query)))


def args(asked: QueueFilter, **other: Any) -> dict[str, Any]:
    """Return the arguments of `url_for` for this filter with `other` changed; defaults are left out."""
    found = {each.name: other.get(each.name, getattr(asked, each.name)) for each in fields(QueueFilter)}
    kept = {name: value for name, value in found.items() if value not in ("", None, False)}
    if kept.get("state") == TODO and not (found["figure"] or found["bucket"]):
        del kept["state"]
    if kept.get("page") == _DEFAULT.page:
        del kept["page"]
    return {name: 1 if value is True else value for name, value in kept.items()}
