"""Convert a list's filter from its URL and back, so that every list can be linked to."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qsl

from server.services.figures.sums import INCLUDED
from server.services.hints.reading import FILTERS as HINT_FILTERS
from server.services.records.projection import BUCKETS
from server.services.review.queue import ALL, FILTERS, TODO, QueueFilter
from sync.registry import KINDS
from sync.unit_figures import every_figure

_DEFAULT = QueueFilter()


def read(args: Mapping[str, str]) -> QueueFilter:
    """Return the filter in a query string; unknown values are ignored."""
    figure = _one_of({each.code for each in every_figure()}, args.get("figure", ""))
    bucket = _one_of((*BUCKETS, INCLUDED), args.get("bucket", ""))
    state = args.get("state", ALL if figure or bucket else TODO)
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
