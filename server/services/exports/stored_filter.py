"""The filter of results as data: kept with a job or a link, and read again by a later version.

Names and values that this version does not know are kept out of the filter: what was once valid breaks no link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from server.services.review.queue import QueueFilter
from server.services.review.results_filter import ResultFilter


def as_data(asked: ResultFilter) -> dict[str, Any]:
    """Return what differs from a list without a filter, in one flat row; the page of the list is no part of it."""
    return {**_told(replace(asked.cut, page=1), QueueFilter()), **_told(asked, ResultFilter())}


def from_data(data: Mapping[str, Any]) -> ResultFilter:
    """Return the filter."""
    return ResultFilter(QueueFilter(**_known(data, QueueFilter)), **_known(data, ResultFilter))


def _told(asked: QueueFilter | ResultFilter, usual: QueueFilter | ResultFilter) -> dict[str, Any]:
    plain = asdict(usual)
    return {name: value for name, value in asdict(asked).items() if name != "cut" and value != plain[name]}


def _known(data: Mapping[str, Any], of: type[QueueFilter | ResultFilter]) -> dict[str, Any]:
    known = {each.name for each in fields(of)} - {"cut"}
    return {name: value for name, value in data.items() if name in known}
