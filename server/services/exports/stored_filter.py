"""A list's filter as data: kept with a job or a link, and read again by a later version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from server.services.review.queue import QueueFilter


def as_data(asked: QueueFilter) -> dict[str, Any]:
    """Return what differs from a list without a filter; the page of the list is no part of it."""
    usual = asdict(QueueFilter())
    return {name: value for name, value in asdict(replace(asked, page=1)).items() if value != usual[name]}


def from_data(data: Mapping[str, Any]) -> QueueFilter:
    """Return the filter."""
    known = {each.name for each in fields(QueueFilter)}
    return QueueFilter(**{name: value for name, value in data.items() if name in known})
