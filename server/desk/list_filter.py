"""Convert a list's filter from its URL and back, so that every list can be linked to.

Pages check their URL first (bad_filter.py); `read` alone is for addresses that were kept for the way back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from server.desk.bad_filter import Values
from server.desk.inputs import Inputs, Page, among, flag
from server.services.figures.sums import INCLUDED
from server.services.hints.reading import FILTERS as HINT_FILTERS
from server.services.records.projection import BUCKETS
from server.services.review.queue import ALL, FILTERS, TODO, QueueFilter
from sync.figures import every_figure
from sync.registry import KINDS

_BUCKETS: Final = (*BUCKETS, INCLUDED)


def _figures() -> frozenset[str]:
    return frozenset(each.code for each in every_figure())


class ListAsked(Inputs):
    """What a URL of the queue may say. Kinds and figures that a campaign does not have select nothing.

    A page that is no number is the first: the list is the same.
    """

    campaign: str
    unit: str
    unit_name: str
    only: Annotated[bool, flag("1")]
    state: Annotated[str, among(FILTERS)]
    kind: Annotated[str, among(KINDS)]
    figure: Annotated[str, among(_figures)]
    bucket: Annotated[str, among(_BUCKETS)]
    hint: Annotated[str, among(HINT_FILTERS)]
    page: Page


VALUES: Final[Values] = ListAsked.understood()


def read(args: Mapping[str, str]) -> QueueFilter:
    """Return the filter in a query string; unknown values are ignored."""
    asked = ListAsked.read(args)
    narrow = asked.figure or asked.bucket
    state = asked.state or (ALL if narrow and not args.get("state") else TODO)
    own = asked.values() | {"state": state}
    return QueueFilter(**{each.name: own[each.name] for each in fields(QueueFilter) if each.name in own})


def read_text(query: str) -> QueueFilter:
    """Return the filter in the text of a query string, which a record's page carries along."""
    return read(dict(parse_qsl(query)))


def args(asked: QueueFilter, **other: Any) -> dict[str, Any]:
    """Return the arguments of `url_for` for this filter with `other` changed; defaults are left out."""
    found = {each.name: other.get(each.name, getattr(asked, each.name)) for each in fields(QueueFilter)}
    kept = {name: value for name, value in found.items() if value not in ("", None, False)}
    if kept.get("state") == TODO and not (found["figure"] or found["bucket"]):
        del kept["state"]
    if kept.get("page") == 1:
        del kept["page"]
    return {name: 1 if value is True else value for name, value in kept.items()}
